"""Room for open event streams."""

import threading


class StreamPlaces:
    """How many streams are open; each holds one of the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all = 0
        self._public = 0

    def take(self, *, public: bool, most: int, most_public: int) -> bool:
        """Takes a place; False when there is none left."""
        with self._lock:
            if self._all >= most or (public and self._public >= most_public):
                return False
            self._all += 1
            self._public += public
            return True

    def leave(self, *, public: bool) -> None:
        """Gives a place back."""
        with self._lock:
            self._all -= 1
            self._public -= public
