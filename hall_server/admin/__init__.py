"""``hall admin``: what a technician does to a hall's data. One command a module."""
