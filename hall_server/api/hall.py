"""The hall as a whole: health, hall, board, positions, the clock of a replay."""

import time
from typing import cast

from flask import Response, current_app, jsonify
from flask_openapi3.openapi import OpenAPI

from hall_server.api.access import caller
from hall_server.api.bodies import ClockBody, TokenPath
from hall_server.api.document import (
    ADDRESS,
    ANYONE,
    BODY,
    NEEDS_KNOWN,
    answers,
    blueprint,
    document_of,
    refused,
)
from hall_server.api.parts import parts
from hall_server.api.replies import reply
from hall_server.api.throttle import address
from hall_server.domain.errors import NotFound
from hall_server.service.accuracy import state_of
from hall_server.service.alarms import jump_notice, notices
from hall_server.service.answers import ClockNow, Health, Position
from hall_server.service.feed import PRIVATE_OF_WINDOW
from hallkit.runtime.version import product_version
from hallkit.wire.board import Board, PublicPages
from hallkit.wire.hall import Hall

api = blueprint("hall")


@api.get(
    "/openapi.json",
    summary="This document",
    responses={
        "200": {
            "description": "OpenAPI 3.1",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **refused(),
    },
)
def openapi() -> Response:
    """Public."""
    return jsonify(document_of(cast(OpenAPI, current_app)))


@api.get("/health", summary="Whether the server works", responses=answers(200, Health))
def health() -> Response:
    """No log-in needed."""
    p = parts()
    now = p.commands.moment()
    return reply(
        Health(
            status="ok",
            version=product_version(),
            schema=p.schema,
            business_day=now.day,
            journal_seq=p.feed.last_seq,
            uptime_s=int(time.monotonic() - p.started_at),
            clock_behind_s=p.commands.behind_s(),
            notices=[
                *jump_notice(now, p.commands.jump),
                *notices(p.commands.hall, now),
            ],
            forecast=state_of(p.commands.forecasts, now.at),
        )
    )


@api.get(
    "/hall",
    summary="Services, windows and rules",
    security=ANYONE,
    responses=answers(200, Hall, *NEEDS_KNOWN),
)
def hall() -> Response:
    """Public; who sits at a window, and why it is paused, is shown to staff and devices only."""
    shown = parts().queries.hall()
    if caller().public:
        hidden = dict.fromkeys(PRIVATE_OF_WINDOW)
        windows = [w.model_copy(update=hidden) for w in shown.windows]
        shown = shown.model_copy(update={"windows": windows})
    return reply(shown)


@api.get("/board", summary="What the public board shows", responses=answers(200, Board))
def board() -> Response:
    """Public."""
    return reply(parts().queries.board())


@api.get(
    "/public-pages",
    summary="What the hall makes public today",
    responses=answers(200, PublicPages),
)
def public_pages() -> Response:
    """Public: the hall's own pages (六公开) and who is on duty today."""
    return reply(parts().queries.public_pages())


@api.get(
    "/positions/<token>",
    summary="A ticket's own page",
    responses=answers(200, Position, *ADDRESS, 429),
)
def position(path: TokenPath) -> Response:
    """Public to whoever holds the ticket: its QR carries the token."""
    parts().throttles.positions.take(address())
    found = parts().queries.position(path.token)
    if found is None:
        raise NotFound("unknown_ticket", "没有这个号码", "there is no such ticket")
    return reply(found)


@api.post(
    "/clock",
    summary="Moves the clock of a replay",
    responses=answers(200, ClockNow, *BODY, 404),
)
def clock(body: ClockBody) -> Response:
    """Only with ``--manual-clock`` (and so on the loopback address only)."""
    manual = parts().manual_clock
    if manual is None:
        raise NotFound("no_manual_clock", "本服务使用系统时钟", "this server uses the real clock")
    manual.set(body.now)
    return reply(ClockNow(now=manual.now()))
