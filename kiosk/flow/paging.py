"""How many choices fit on a page, and which ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from kiosk.flow.state import Comfort

T = TypeVar("T")
Orientation = Literal["portrait", "landscape"]


@dataclass(frozen=True)
class Grid:
    """Columns and rows of cards."""

    columns: int
    rows: int

    @property
    def size(self) -> int:
        """Cards a page."""
        return self.columns * self.rows


def grid_for(orientation: Orientation, comfort: Comfort) -> Grid:
    """The grid whose cards are all large enough to read and touch; at most six in elder mode."""
    if orientation == "portrait":
        if comfort.elder:
            return Grid(1, 3) if comfort.low_reach else Grid(1, 6)
        return Grid(2, 4) if comfort.low_reach else Grid(2, 6)
    if comfort.elder:
        return Grid(2, 2) if comfort.low_reach else Grid(2, 3)
    return Grid(3, 2) if comfort.low_reach else Grid(3, 4)


def fitted(grid: Grid, total: int, comfort: Comfort) -> Grid:
    """The grid for ``total`` cards: a row less when they need several pages (the page buttons take
    its room), fewer and larger columns and rows when few cards fit anyway."""
    if total > grid.size:
        return grid if comfort.low_reach else Grid(grid.columns, grid.rows - 1)
    columns = grid.columns
    while columns > 1 and total <= (columns - 1) * min(grid.rows, 4):
        columns -= 1
    needed = -(-total // columns)
    return Grid(columns, min(grid.rows, max(needed, 3)))


@dataclass(frozen=True)
class Page:
    """One page: ``number`` counts from 0, ``count`` is at least 1."""

    number: int
    count: int
    first: int
    last: int

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """This page's items."""
        return items[self.first : self.last]


def page_of(total: int, size: int, wanted: int) -> Page:
    """The wanted page, or the nearest that exists."""
    count = max(1, -(-total // size))
    number = min(max(wanted, 0), count - 1)
    return Page(number, count, number * size, min(total, (number + 1) * size))
