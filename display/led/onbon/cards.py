"""The Onbon graphic cards by the names they have in settings."""

from typing import Literal, get_args

Card = Literal["6e1", "6e2", "6e3", "6q1", "6q2", "6q3"]
CARDS: tuple[Card, ...] = get_args(Card)
USUAL: Card = "6e1"
