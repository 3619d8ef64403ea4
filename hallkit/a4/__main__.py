"""HTML on standard input to PDF on standard output; started by :mod:`hallkit.a4.press`."""

import os
import sys

from hallkit.a4.press import NO_LIBRARY

# Whoever calls a number should not feel that a paper is set.
_NICER = 5


def main() -> int:
    """Sets one paper. 0, or NO_LIBRARY with the package in the last line of standard error."""
    os.nice(_NICER)
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        # Without Pango the library ends in an OSError.
        sys.stderr.write(f"{error}\n缺少 libpangoft2-1.0-0 / install libpangoft2-1.0-0\n")
        return NO_LIBRARY
    # A paper holds all that it needs: nothing is fetched, nor read from this machine.
    nothing = URLFetcher(allowed_protocols=frozenset())
    html = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(HTML(string=html, url_fetcher=nothing).write_pdf())
    return 0


if __name__ == "__main__":
    sys.exit(main())
