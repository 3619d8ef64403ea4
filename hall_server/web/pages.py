"""The pages' blueprint: server-rendered frames, filled by plain scripts from ``/api/v1``."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request

from hall_server.web.demo_files import data_of
from hall_server.web.language import LANGS, language_of, remember
from hall_server.web.ports import DemoPlace, PageReader
from hall_server.web.security import harden
from hall_server.web.words import Words, script_json
from hallkit.runtime.version import product_version
from hallkit.wire.hall import Hall

Template = dict[str, Any]
# Whoever reaches a demo over the network is not told its log-ins.
_LOCAL = ("127.0.0.1", "::1")


def _hall_summary(hall: Hall) -> Template:
    """What scripts know before their first answer: enough for the log-in form and the board."""
    missed = hall.policy.missed_call
    return {
        "name": hall.name,
        "name_en": hall.name_en,
        "timezone": hall.timezone,
        "windows": [{"number": w.number, "name": w.name} for w in hall.windows],
        "categories": [{"id": c.id, "name": c.name, "name_en": c.name_en} for c in hall.categories],
        "missed_text": missed.text,
        "missed_text_en": missed.text_en,
        "hours_text": hall.policy.hours_text,
        "hours_text_en": hall.policy.hours_text_en,
    }


def _page(page: str, hall: Hall, *, demo: bool, status: int = 200, **values: Any) -> Response:
    lang = language_of(request)
    words = Words(lang, page)
    name = (hall.name_en or hall.name) if lang == "en" else hall.name
    data = {
        "page": page,
        "lang": lang,
        "version": product_version(),
        "words": words.all(),
        "hall": _hall_summary(hall),
        **values.pop("data", {}),
    }
    body = render_template(
        f"web/{page}.html",
        lang=lang,
        t=words,
        page=page,
        hall=hall,
        hall_name=name,
        page_data=script_json(data),
        demo=demo,
        **values,
    )
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _position_page(reader: PageReader, token: str, *, demo: bool) -> Response:
    position = reader.position(token)
    hall = reader.hall()
    if position is None:
        return _page("position", hall, demo=demo, status=404, position=None, data={"token": ""})
    data = {"token": token, "position": position.model_dump(mode="json")}
    taken = position.issued_at.astimezone(ZoneInfo(hall.timezone))
    values: Template = {"position": position, "taken_at": f"{taken:%H:%M}", "data": data}
    return _page("position", hall, demo=demo, **values)


def _board_page(hall: Hall, *, demo: bool) -> Response:
    """With ``?lang=both`` the page has the words of every language and takes turns in them."""
    data: Template = {}
    if request.args.get("lang") == "both":
        data["words_by"] = {lang: Words(lang, "board").all() for lang in LANGS}
    return _page("board", hall, demo=demo, data=data)


def _panel_page(hall: Hall, number: int, *, demo: bool) -> Response:
    window = next((w for w in hall.windows if w.number == number), None)
    return _page(
        "panel",
        hall,
        demo=demo,
        status=200 if window is not None else 404,
        number=number,
        window=window,
        data={"window": number},
    )


def _add_pages(pages: Blueprint, reader: PageReader, *, demo: bool) -> None:
    @pages.get("/")
    def home() -> Response:
        return _page("home", reader.hall(), demo=demo, board=reader.board())

    @pages.get("/clerk")
    def clerk() -> Response:
        return _page("clerk", reader.hall(), demo=demo)

    @pages.get("/manager")
    def manager() -> Response:
        return _page("manager", reader.hall(), demo=demo)

    @pages.get("/board")
    def board() -> Response:
        return _board_page(reader.hall(), demo=demo)

    @pages.get("/panel/<int:window>")
    def panel(window: int) -> Response:
        return _panel_page(reader.hall(), window, demo=demo)

    @pages.get("/devices")
    def devices() -> Response:
        return _page("devices", reader.hall(), demo=demo)

    @pages.get("/appointments")
    def appointments() -> Response:
        return _page("appointments", reader.hall(), demo=demo)

    @pages.get("/t/<token>")
    def position(token: str) -> Response:
        return _position_page(reader, token, demo=demo)


def create_pages(reader: PageReader, *, demo: DemoPlace | None) -> Blueprint:
    """The blueprint of every page; static files are under ``/web``.

    With ``demo`` there is also ``/demo``, and pages may be framed by this server's own pages.
    """
    pages = Blueprint(
        "web",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/web",
    )
    _add_pages(pages, reader, demo=demo is not None)
    if demo is not None:
        # With it comes an HTTP client, which a hall has no use for.
        from hall_server.web.demo import add_demo

        add_demo(pages, demo, _demo_page(reader, demo))

    @pages.after_request
    def headers(response: Response) -> Response:
        harden(response, framed_by_us=demo is not None)
        remember(request, response)
        return response

    return pages


def missing_page(reader: PageReader, *, demo: bool) -> Response:
    """The answer for an address that no page has, for people."""
    response = _page("missing", reader.hall(), demo=demo, status=404)
    harden(response, framed_by_us=demo)
    remember(request, response)
    return response


def _demo_page(reader: PageReader, place: DemoPlace) -> Callable[[], Response]:
    def page() -> Response:
        shown = place if request.remote_addr in _LOCAL else replace(place, staff=())
        return _page("demo", reader.hall(), demo=True, place=shown, data=data_of(place))

    return page
