"""How often one address may ask for what is costly or worth guessing."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from flask import request

from hall_server.domain.errors import TooMany

# Addresses remembered at once, some 100 kB; one that is forgotten starts anew.
_MOST_ADDRESSES = 1_024


@dataclass(frozen=True)
class Rate:
    """``burst`` requests at once, then ``per_minute``."""

    burst: int
    per_minute: float


# A wrong pin costs 0.2 s of a Pi's processor; a right one is given back.
LOG_INS = Rate(burst=30, per_minute=20)
PAIRINGS = Rate(burst=20, per_minute=12)
# Each phone looks every few seconds, and a hall's guest Wi-Fi may show one address for all.
POSITIONS = Rate(burst=300, per_minute=1_200)

# Codes of appointments have eight digits; a right one is given back.
CODES = Rate(burst=10, per_minute=6)


class Throttle:
    """A token bucket for each address; thread-safe."""

    def __init__(self, rate: Rate, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Counts a request. Raises TooMany with the time to wait."""
        with self._lock:
            left = self._refilled(address)
            granted = left >= 1
            self._keep(address, left - 1 if granted else left)
        if not granted:
            wait_s = (1 - left) * 60 / self._rate.per_minute
            raise TooMany(
                "too_many_requests",
                "操作过于频繁，请稍后再试",
                "too many requests; try again shortly",
                retry_after_s=math.ceil(wait_s),
            )

    def give_back(self, address: str) -> None:
        """Makes a request uncounted."""
        with self._lock:
            self._keep(address, min(self._refilled(address) + 1, self._rate.burst))

    def _refilled(self, address: str) -> float:
        left, at = self._left.get(address, (float(self._rate.burst), self._monotonic()))
        grown = left + (self._monotonic() - at) * self._rate.per_minute / 60
        return min(grown, float(self._rate.burst))

    def _keep(self, address: str, left: float) -> None:
        self._left[address] = (left, self._monotonic())
        self._left.move_to_end(address)
        while len(self._left) > _MOST_ADDRESSES:
            self._left.popitem(last=False)


class Throttles:
    """What is limited, each by itself."""

    def __init__(self) -> None:
        self.log_ins = Throttle(LOG_INS)
        self.pairings = Throttle(PAIRINGS)
        self.positions = Throttle(POSITIONS)
        self.codes = Throttle(CODES)


def address() -> str:
    """The address of whoever asks."""
    return request.remote_addr or ""
