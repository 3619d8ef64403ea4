"""What goes over the pipes between the server and its forecaster: one JSON object a line.

The server's first line is a ``Hello``; then each ``Look`` is answered by one ``Given`` of
``service.forecasts``. The worker ends when its standard input does, also in the middle of a look.
"""

import json
from dataclasses import asdict, dataclass

from hall_server.domain.forecast.model import Spread
from hall_server.domain.instant import Instant
from hall_server.service.forecasts import Given


@dataclass(frozen=True)
class Hello:
    """The database, whether the hall is always open (a demonstration), and the calibration so far:
    ``k`` with the calls up to ``scored_until``."""

    database_url: str
    always_open: bool
    k: float
    scored_until: Instant


@dataclass(frozen=True)
class Look:
    """Look at the hall: it is ``now`` there."""

    now: Instant


def line_of(message: Hello | Look) -> bytes:
    """A message to the worker."""
    return json.dumps(asdict(message)).encode() + b"\n"


def hello_of(line: bytes) -> Hello:
    """Raises ValueError, TypeError for anything else."""
    return Hello(**json.loads(line))


def look_of(line: bytes) -> Look:
    """Raises ValueError, TypeError for anything else."""
    return Look(**json.loads(line))


def _pair(spread: Spread | None) -> list[float] | None:
    return [round(spread.p50, 2), round(spread.p90, 2)] if spread is not None else None


def _spread(pair: list[float] | None) -> Spread | None:
    return Spread(pair[0], pair[1]) if pair is not None else None


def line_of_given(given: Given) -> bytes:
    """The worker's answer."""
    body = {
        "at": given.at,
        "quiet": given.quiet,
        "waits": {key: _pair(value) for key, value in given.waits.items()},
        "joining": [
            [*key, [[lead, _pair(value)] for lead, value in leads]]
            for key, leads in given.joining.items()
        ],
        "k": given.k,
        "scored_until": given.scored_until,
    }
    return json.dumps(body, separators=(",", ":")).encode() + b"\n"


def given_of(line: bytes) -> Given:
    """Raises ValueError, KeyError, TypeError for anything else."""
    body = json.loads(line)
    return Given(
        body["at"],
        body["quiet"],
        {key: _spread(value) for key, value in body["waits"].items()},
        {
            (service, priority): [(lead, _spread(value)) for lead, value in leads]
            for service, priority, leads in body["joining"]
        },
        body["k"],
        body["scored_until"],
    )
