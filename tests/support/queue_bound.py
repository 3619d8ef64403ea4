"""How many later arrivals may be called before somebody who waits: the points rule's promise that
nothing starves, computed.

A ticket of class i (head h_i, rate r_i) that has waited W minutes has h_i + r_i·W points. Somebody
of class j who came d minutes after it has then waited W − d and has h_j + r_j·(W − d). That is more
only while

    d  <  W − (h_i + r_i·W − h_j) / r_j  =  W·(1 − r_i/r_j) + (h_j − h_i)/r_j  =:  D_ij(W)

so whoever came later than D(W) = max_j D_ij(W) after it is called after it. With r_max the greatest
rate, D grows by less than 1 − r_i/r_max minutes with each minute of waiting: the arrivals that may
overtake are a fixed share of all later arrivals, however many come.

Let n be the people before it when it came, and let its windows call c people a minute while at most
a people a minute arrive (all of the worst class). After W minutes c·W calls were made, and at most
n + a·(D(W) + 1) people may have been called before it (the + 1 minute covers arrivals that come
together). So it has been called as soon as

    c·W  >  n + a·(W·(1 − r_i/r_max) + H + 1),    H = max_j (h_j − h_i)/r_j, at least 0
    W    >  (n + a·(H + 1)) / (c − a·(1 − r_i/r_max))

which exists while a < c / (1 − r_i/r_max): with rates 1 and 3 a hall may be overrun by half as much
again as it can serve, for ever, and still nobody starves. With equal rates nobody who comes later
than H overtakes, whatever the load.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Earns:
    """What waiting earns a class: points at once, and points a minute (more than 0)."""

    head: float
    rate: float


def overtaking_bound(mine: Earns, others: Iterable[Earns], waited_min: float) -> float:
    """The minutes after a ticket's own base time within which whoever overtakes it by
    ``waited_min`` must have come; 0 when nobody may."""
    reach = [
        waited_min * (1 - mine.rate / other.rate) + (other.head - mine.head) / other.rate
        for other in others
    ]
    return min(max(0.0, *reach), max(0.0, waited_min))


def longest_wait_min(
    mine: Earns,
    others: Iterable[Earns],
    *,
    before: int,
    arrivals_per_min: float,
    calls_per_min: float,
) -> float:
    """The minutes after which a ticket has been called for certain, however unlucky.

    ``before``: people waiting before it when it came. Raises ValueError when so many arrive that
    the points rule alone promises nothing.
    """
    others = list(others)
    share = max(0.0, *(1 - mine.rate / other.rate for other in others))
    head = max(0.0, *((other.head - mine.head) / other.rate for other in others))
    spare = calls_per_min - arrivals_per_min * share
    if spare <= 0:
        raise ValueError("more arrive than any bound holds for")
    return (before + 1 + arrivals_per_min * (head + 1)) / spare
