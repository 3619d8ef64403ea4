"""One renderer for all panels: turns a sign into what this panel can show.

A ticket number is never cut and never scrolled.
"""
