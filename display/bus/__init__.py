"""The lines to the panels: ports, workers, and what is known of each panel's delivery."""
