"""``python -m kiosk``: the same as ``hall kiosk``."""

import sys

from kiosk.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
