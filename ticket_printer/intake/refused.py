"""What the intake says no to."""

from collections.abc import Sequence
from typing import Any


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, status: int, code: str, zh: str, en: str, details: Sequence[Any] = ()
    ) -> None:
        super().__init__(f"{status} {code}: {en}")
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.details = list(details)
