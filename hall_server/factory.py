"""The only place where the server is put together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from hall_server.api import (
    appointments,
    devices,
    events,
    forecast,
    hall,
    journal,
    leases,
    notices,
    priorities,
    session,
    summary,
    tickets,
    windows,
)
from hall_server.api.document import API, SCHEMES
from hall_server.api.errors import error_response, handle_errors, validation_response
from hall_server.api.parts import EXTENSION, Parts
from hall_server.api.streams import StreamPlaces
from hall_server.api.throttle import Throttles
from hall_server.domain.hall import Hall
from hall_server.http.connection import MOST_BODY_BYTES
from hall_server.service.appointments_desk import Appointments
from hall_server.service.calendars import log_missing_year, with_imported_years
from hall_server.service.clock_watch import since_boot
from hall_server.service.commands import Commands
from hall_server.service.devices import Devices
from hall_server.service.feed import Feed
from hall_server.service.notices import Notices
from hall_server.service.people import People
from hall_server.service.priorities import Priorities
from hall_server.service.queries import Queries
from hall_server.service.views import Urls
from hall_server.store.schema import REVISION
from hall_server.store.store import SqlStore
from hall_server.web.pages import create_pages, missing_page
from hall_server.web.ports import DemoPlace
from hallkit.runtime.clock import Clock, ManualClock
from hallkit.runtime.version import product_version
from hallkit.wire.errors import ErrorBody


@dataclass(frozen=True)
class Limits:
    """How many event streams may be open at once: in all, and of the public."""

    streams: int = 64
    public_streams: int = 24


def build_parts(
    store: SqlStore,
    hall_rules: Hall,
    clock: Clock,
    urls: Urls,
    limits: Limits,
) -> Parts:
    """The use cases over one store. The caller connects ``parts.feed.published`` to the store."""
    hall_rules = with_imported_years(store, hall_rules)
    steady = None if isinstance(clock, ManualClock) else since_boot
    commands = Commands(store, hall_rules, clock, urls, steady)
    log_missing_year(hall_rules, commands.moment())
    queries = Queries(store, commands)
    return Parts(
        commands=commands,
        queries=queries,
        appointments=Appointments(store, commands),
        notices=Notices(store, commands),
        priorities=Priorities(store, commands),
        people=People(store, clock),
        devices=Devices(store, clock, zone=hall_rules.zone),
        feed=Feed(hall_rules.id, hall_rules.zone, store, queries.last_seq()),
        schema=REVISION,
        started_at=time.monotonic(),
        manual_clock=clock if isinstance(clock, ManualClock) else None,
        streams=StreamPlaces(),
        throttles=Throttles(),
        max_streams=limits.streams,
        max_public_streams=limits.public_streams,
    )


def create_app(
    parts: Parts, demo: DemoPlace | None = None, names: frozenset[str] | None = None
) -> Flask:
    """The server's WSGI application. ``names``: the only hosts that a request may name."""
    app = OpenAPI(
        "hall_server",
        info=Info(title="Yichuang hall server", version=product_version()),
        security_schemes=SCHEMES,
        validation_error_model=ErrorBody,
        validation_error_callback=validation_response,
        doc_ui=False,
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.extensions[EXTENSION] = parts
    handle_errors(app, lambda: missing_page(parts.queries, demo=demo is not None))
    if names is not None:
        app.before_request(_host_check(names))
    app.before_request(_check_body)
    app.after_request(_headers)
    modules = (
        hall,
        tickets,
        appointments,
        leases,
        windows,
        priorities,
        session,
        devices,
        events,
        forecast,
        journal,
        notices,
        summary,
    )
    for module in modules:
        app.register_api(module.api)
    app.register_blueprint(_pages(parts, demo))
    return app


def _pages(parts: Parts, demo: DemoPlace | None) -> Blueprint:
    return create_pages(parts.queries, demo=demo)


def _host_check(names: frozenset[str]) -> Callable[[], Response | None]:
    def check() -> Response | None:
        if urlsplit(f"//{request.host}").hostname in names:
            return None
        return error_response(
            400, "wrong_host", "请使用本机地址访问", "this server answers to its own address only"
        )

    return check


def _check_body() -> Response | None:
    """A body must be one JSON object; the library below would take a broken one for none."""
    if request.method not in ("POST", "PUT") or not request.path.startswith(API):
        return None
    if request.routing_exception is not None:
        return None
    if request.mimetype != "application/json":
        return error_response(
            415, "json_needed", "请求内容应为 JSON", "the body should be application/json"
        )
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nested a thousand times
        body = None
    if not isinstance(body, dict):
        return error_response(
            400, "malformed_json", "请求内容不是有效的 JSON", "the body is not a JSON object"
        )
    return None


def _headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if request.path.startswith(API):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
