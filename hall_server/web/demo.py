"""The demo's page: virtual paper, panels, voice and the kiosk's screen beside the consoles."""

from collections.abc import Callable

import urllib3
from flask import Blueprint, Response, abort, jsonify, make_response, request, send_from_directory

from hall_server.web import demo_files
from hall_server.web.ports import DemoPlace

Page = Callable[[], Response]

# The kiosk draws its screen in under 0.2 s; a picture that is older is of no use to anybody.
KIOSK_TIMEOUT_S = 2.0
# A tap is two small numbers.
LONGEST_TAP_BYTES = 200


class KioskHand:
    """The kiosk's remote hand, reached on loopback with short time-outs."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        timeout = urllib3.Timeout(connect=KIOSK_TIMEOUT_S, read=KIOSK_TIMEOUT_S)
        self._pool = urllib3.PoolManager(maxsize=2, retries=False, timeout=timeout)

    def get(self, path: str, content_type: str) -> Response:
        """The kiosk's answer; 503 while it does not answer."""
        return self._ask("GET", path, content_type, None)

    def post(self, path: str, body: bytes) -> Response:
        """Sends a JSON body on; 503 while the kiosk does not answer."""
        return self._ask("POST", path, "application/json", body)

    def _ask(self, method: str, path: str, content_type: str, body: bytes | None) -> Response:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            answer = self._pool.request(method, self._base + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError:
            return make_response(b"", 503)
        response = make_response(answer.data, answer.status)
        response.headers["Content-Type"] = content_type
        response.headers["Cache-Control"] = "no-store"
        return response


def _same_origin() -> bool:
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/")


def _add_kiosk(pages: Blueprint, hand: KioskHand) -> None:
    @pages.get("/demo/kiosk/screen.png")
    def kiosk_screen() -> Response:
        return hand.get("/screen.png", "image/png")

    @pages.get("/demo/kiosk/widgets.json")
    def kiosk_widgets() -> Response:
        return hand.get("/widgets.json", "application/json")

    @pages.post("/demo/kiosk/tap")
    def kiosk_tap() -> Response:
        # A JSON body cannot be sent across sites without the browser asking first.
        if request.mimetype != "application/json" or not _same_origin():
            abort(403)
        if (request.content_length or 0) > LONGEST_TAP_BYTES:
            abort(413)
        return hand.post("/tap", request.get_data())


def add_demo(pages: Blueprint, place: DemoPlace, page: Page) -> None:
    """Adds ``/demo`` and what it shows."""
    pages.add_url_rule("/demo", "demo", page)
    if place.kiosk_url is not None:
        _add_kiosk(pages, KioskHand(place.kiosk_url))

    @pages.get("/demo/state.json")
    def demo_state() -> Response:
        response = jsonify(demo_files.look(place))
        response.headers["Cache-Control"] = "no-store"
        return response

    @pages.get("/demo/files/<kind>/<name>")
    def demo_file(kind: str, name: str) -> Response:
        folder = demo_files.folder_of(place, kind)
        if folder is None or not demo_files.SAFE_NAME.match(name):
            abort(404)
        response = send_from_directory(folder.resolve(), name, conditional=True)
        response.headers["Cache-Control"] = "no-cache"
        return response
