"""When to try again."""

import random


class Backoff:
    """Waiting times that double from ``first_s`` to ``most_s``, each with ±25 % jitter so that
    thirty devices do not return in the same instant after a power cut."""

    def __init__(self, first_s: float = 0.5, most_s: float = 15.0) -> None:
        self._first = first_s
        self._most = most_s
        self._next = first_s

    def next_s(self) -> float:
        """The seconds to wait now."""
        wait = self._next
        self._next = min(self._next * 2, self._most)
        return wait * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret

    def reset(self) -> None:
        """Starts again from the shortest wait, after a success."""
        self._next = self._first
