"""``hall display tv``: the TV board, or a window's sign, on a whole screen."""
