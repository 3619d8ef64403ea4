"""``hall display probe``: what is on a line."""
