"""The wait in a hall whose clerks do not say when a visit begins and ends: the people ahead by the
pace of calls, the last hour's shrunk towards history's."""

from math import sqrt

from hall_server.domain.forecast.model import Spread

# How many minutes of history weigh against the last sixty.
_HISTORY_MIN, _RECENT_MIN = 150.0, 60.0
_Z90 = 1.2816


def pace(history: float, called: int) -> float:
    """Calls a minute: ``history`` so far on other days, ``called`` in the last hour."""
    return (_HISTORY_MIN * history + called) / (_HISTORY_MIN + _RECENT_MIN)


def wait_behind(people: int, calls_a_minute: float) -> Spread | None:
    """The wait behind ``people`` when calls come at this pace; None when they do not come."""
    if calls_a_minute <= 0:
        return None
    turns = people + 1
    # The time of the n-th call of a Poisson stream.
    mean = turns / calls_a_minute
    return Spread(mean, mean + _Z90 * sqrt(turns) / calls_a_minute)
