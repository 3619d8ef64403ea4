"""The pages: home, clerk, manager, board, devices, a ticket's position, and the demo's."""
