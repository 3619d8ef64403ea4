"""Answers about the points rule: its classes, and what other values would cost."""

from typing import Literal

from hallkit.wire.hall import PriorityClass
from hallkit.wire.message import Message


class PriorityList(Message):
    """Answer of ``GET`` and ``PUT /priorities``."""

    classes: list[PriorityClass]


class Price(Message):
    """How long a class waits until its call, now and then, minutes; differences are then minus
    now, of the figures given here. ``text`` says the same in words."""

    id: str
    name: str
    people: int
    mean_now: float
    mean_then: float
    mean_diff: float
    p90_now: float
    p90_then: float
    p90_diff: float
    p95_now: float
    p95_then: float
    p95_diff: float
    text: str
    text_en: str


class PriceBasis(Message):
    """What was simulated: the hall's own last ``days`` days, or made-up ones at ``load`` of what
    the windows can serve, on the services' nominal minutes."""

    kind: Literal["history", "nominal"]
    days: int
    windows: int
    people: int
    load: float | None
    text: str
    text_en: str


class PricePreview(Message):
    """Answer of ``POST /priorities/preview``; ``classes`` has the ordinary visitors first, and
    only classes that somebody was of."""

    basis: PriceBasis
    classes: list[Price]
