"""Tokens and pins: how they are made, hashed and judged. None of them is ever logged."""

import hashlib
import secrets
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from threading import BoundedSemaphore, Lock
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hall_server.domain.errors import Invalid, TooMany

R = TypeVar("R")

TOKEN_BYTES = 32
PIN_LENGTHS = range(6, 13)
# RFC 9106 and OWASP's smaller choice: 19 MiB, two passes, one lane; 30 ms here, 0.2 s on a Pi 3.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
# How many may wait for their pin to be checked, and for how long: more is an attack, and each
# waiting request holds one of the server's threads.
_MOST_WAITING = 4
_WAIT_S = 10.0


def new_token() -> str:
    """A fresh secret for a cookie, a device or a form, 43 characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a token: SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_pin(pin: str, *, demo: bool = False) -> None:
    """Raises Invalid unless the pin is 6 to 12 digits and not easily guessed (``demo`` lets
    easy ones pass)."""
    if len(pin) not in PIN_LENGTHS or not (pin.isascii() and pin.isdigit()):
        raise Invalid("bad_pin", "密码应为 6 至 12 位数字", "the pin should be 6 to 12 digits")
    if not demo and _is_weak(pin):
        raise Invalid(
            "weak_pin",
            "密码过于简单，请勿使用重复或连续的数字",
            "the pin is too easy to guess: no repeated or consecutive digits",
        )


def _is_weak(pin: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    same_step = len(steps) == 1  # 000000, 123456, 987654, 024680
    repeats = any(pin == pin[:n] * (len(pin) // n) for n in (2, 3, 4, 6) if n < len(pin))
    return same_step or repeats or len(set(pin)) == 2


class PinHasher:
    """Argon2id, one hash at a time, so that memory stays at 19 MiB whoever knocks."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES
        )
        self._lock = Lock()
        self._places = BoundedSemaphore(_MOST_WAITING)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(new_token())

    def hash(self, pin: str) -> str:
        """The pin as it is stored. Raises TooMany."""
        return self._alone(lambda: self._hasher.hash(pin))

    def verify(self, pin_hash: str | None, pin: str) -> bool:
        """Whether the pin is right. ``pin_hash`` None (nobody) takes as long and is false.

        Raises TooMany.
        """

        def work() -> bool:
            try:
                right = self._hasher.verify(pin_hash or self._nobody, pin)
            except (VerificationError, InvalidHashError):
                return False
            return right and pin_hash is not None

        return self._alone(work)

    def _alone(self, work: Callable[[], R]) -> R:
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._lock.acquire(timeout=_WAIT_S):
                raise _busy()
            try:
                return work()
            finally:
                self._lock.release()
        finally:
            self._places.release()


def _busy() -> TooMany:
    return TooMany(
        "login_busy", "登录人数过多，请稍后再试", "too many log-ins at once; try again shortly"
    )
