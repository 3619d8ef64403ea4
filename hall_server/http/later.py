"""An answer that is not there yet: what the application and the HTTP server say to each other about
it, since WSGI has no word for it.

A command is answered when it is durable. Were a thread to wait for that, the card's slowness would
keep them all, and each would have to be woken; instead the request is put off, its thread goes on
to the next one, and whoever made the command durable sends the answer.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

# In the WSGI environment: a function that takes a ``PutOff``. The application then answers nothing.
LATER = "yichuang.later"


class Ready(Protocol):
    """An answer that is there, as werkzeug's is."""

    status: str
    """Code and phrase."""

    @property
    def headers(self) -> Iterable[tuple[str, str]]:
        """Their names written as usual, ``Content-Type``."""
        ...

    def get_data(self) -> bytes:
        """The body."""
        ...


class PutOff(Protocol):
    """An answer that is put off."""

    def start(self, ready: Callable[[Ready], None]) -> None:
        """Begins what the answer waits for. Calls ``ready`` once, in any thread, also when that
        failed; ``ready`` does not wait for anything."""
        ...
