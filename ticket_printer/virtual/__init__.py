"""A virtual ESC/POS printer: a real TCP port, pictures instead of paper."""
