"""Logging set-up, the same for every program: one line an entry, to standard error."""

import logging
import sys
from typing import TextIO


def configure_logs(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Sends the root logger's entries at ``level`` and above to ``stream`` (standard error).

    Under systemd the journal adds the time, so a terminal gets it and a service does not.
    """
    target = stream if stream is not None else sys.stderr
    form = "%(levelname)s %(name)s: %(message)s"
    if target.isatty():
        form = "%(asctime)s " + form
    handler = logging.StreamHandler(target)
    handler.setFormatter(logging.Formatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class Outage:
    """Logs one outage as one WARNING, DEBUG while it lasts, and INFO when it is over."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._down = False

    @property
    def down(self) -> bool:
        """Whether the outage is going on."""
        return self._down

    def failed(self, reason: object) -> None:
        """Notes a failure."""
        self._logger.log(
            logging.DEBUG if self._down else logging.WARNING, "%s: %s", self._what, reason
        )
        self._down = True

    def recovered(self) -> None:
        """Notes that it works (again)."""
        if self._down:
            self._logger.info("%s: working again", self._what)
        self._down = False
