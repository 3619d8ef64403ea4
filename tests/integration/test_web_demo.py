"""The demo's page: files of the virtual devices, the kiosk's hand, nothing else of the disk."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hall_server.service.answers import Position
from hall_server.web.pages import create_pages
from hall_server.web.ports import DemoPlace
from hallkit.wire.board import Board
from hallkit.wire.hall import Hall, MissedCallRule, Policy

_RULE = MissedCallRule(policy="void", after_k=1, minutes=1, max_passes=1, text="过", text_en="m")


class EmptyHall:
    """A hall without anything."""

    def hall(self) -> Hall:
        return Hall(
            id="empty",
            name="空厅",
            areas=[],
            categories=[],
            windows=[],
            priority_classes=[],
            policy=Policy(missed_call=_RULE, open_now=True),
        )

    def board(self) -> Board:
        return Board(
            business_day="2026-11-22", now_serving=[], recent_calls=[], waiting=[], journal_seq=0
        )

    def position(self, token: str) -> Position | None:
        return None


class _Kiosk(BaseHTTPRequestHandler):
    taps: list[bytes] = []

    def do_GET(self) -> None:
        self._say(b"\x89PNG" if self.path == "/screen.png" else b'{"widgets": []}')

    def do_POST(self) -> None:
        self.taps.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._say(b"{}")

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def kiosk() -> Iterator[str]:
    _Kiosk.taps = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Kiosk)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def _client(place: DemoPlace | None) -> FlaskClient:
    app = Flask("test", static_folder=None)
    app.register_blueprint(create_pages(EmptyHall(), demo=place))
    return app.test_client()


def _place(tmp_path: Path, kiosk_url: str | None = None) -> DemoPlace:
    for name in ("paper", "panel", "voice"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    return DemoPlace(
        printers=(("kiosk-1", tmp_path / "paper"),),
        panels=((3, "bx5k", tmp_path / "panel"),),
        voice_dir=tmp_path / "voice",
        kiosk_url=kiosk_url,
        staff=(("9001", "334455", "manager", None), ("1001", "112233", "clerk", 1)),
    )


def test_the_newest_paper_comes_first_with_its_text(tmp_path: Path) -> None:
    place = _place(tmp_path)
    for number in (1, 2):
        file = tmp_path / "paper" / f"000{number}.png"
        file.write_bytes(b"picture %d" % number)
        file.with_suffix(".txt").write_text(f"小票 {number}", encoding="utf-8")
        os.utime(file, (number, number))
    client = _client(place)
    state = client.get("/demo/state.json").get_json()
    tickets = state["printers"][0]["tickets"]
    assert [t["text"] for t in tickets] == ["小票 2", "小票 1"]
    answer = client.get(tickets[0]["url"])
    assert answer.data == b"picture 2"
    assert answer.headers["Content-Type"] == "image/png"
    answer.close()
    again = client.get(tickets[0]["url"], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    again.close()
    assert state["panels"] == [{"window": 3, "protocol": "bx5k", "picture": None}]
    assert state["voice"] == []


def test_log_ins_are_shown_on_the_demo_s_own_machine_only(tmp_path: Path) -> None:
    client = _client(_place(tmp_path))
    for address, shown in (("127.0.0.1", True), ("::1", True), ("192.168.1.20", False)):
        page = client.get("/demo", environ_base={"REMOTE_ADDR": address})
        assert page.status_code == 200
        assert ("334455" in page.text) is shown


@pytest.mark.parametrize(
    "path",
    [
        "printer-0/..%2fsecret.png",
        "printer-0/../secret.png",
        "printer-0/.hidden.png",
        "printer-0/0001.db",
        "printer-1/0001.png",
        "printer-00000000000/0001.png",
        "panel--1/a.png",
        "printer-²/0001.png",
        "other/0001.png",
        "voice/%2e%2e%2fsecret.png",
    ],
)
def test_nothing_else_of_the_disk_is_served(tmp_path: Path, path: str) -> None:
    client = _client(_place(tmp_path))
    (tmp_path / "paper" / ".hidden.png").write_bytes(b"secret")
    assert client.get(f"/demo/files/{path}").status_code == 404


def test_a_folder_that_is_gone_is_an_empty_one(tmp_path: Path) -> None:
    place = DemoPlace((("p", tmp_path / "no"),), ((1, "x", tmp_path / "no"),), None, None, ())
    state = _client(place).get("/demo/state.json").get_json()
    assert state["printers"] == [{"name": "p", "tickets": []}]
    assert state["voice"] == []


def test_the_kiosk_is_seen_and_touched(tmp_path: Path, kiosk: str) -> None:
    client = _client(_place(tmp_path, kiosk))
    assert client.get("/demo/kiosk/screen.png").data == b"\x89PNG"
    assert client.get("/demo/kiosk/widgets.json").get_json() == {"widgets": []}
    assert client.post("/demo/kiosk/tap", json={"x": 1, "y": 2}).status_code == 200
    assert [json.loads(tap) for tap in _Kiosk.taps] == [{"x": 1, "y": 2}]


def test_a_tap_comes_from_this_page_only(tmp_path: Path, kiosk: str) -> None:
    client = _client(_place(tmp_path, kiosk))
    evil = {"Origin": "http://evil.example"}
    assert client.post("/demo/kiosk/tap", json={}, headers=evil).status_code == 403
    assert client.post("/demo/kiosk/tap", data="{}").status_code == 403
    assert client.post("/demo/kiosk/tap", json={"x": "1" * 500}).status_code == 413
    assert _Kiosk.taps == []


def test_a_kiosk_that_is_away_is_503(tmp_path: Path) -> None:
    client = _client(_place(tmp_path, "http://127.0.0.1:9"))
    assert client.get("/demo/kiosk/screen.png").status_code == 503


def test_without_a_demo_there_is_no_demo_page() -> None:
    client = _client(None)
    for path in ("/demo", "/demo/state.json", "/demo/files/voice/a.wav", "/demo/kiosk/screen.png"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/clerk", "/manager", "/board", "/devices", "/t/x"])
def test_pages_are_framed_by_nobody_and_run_only_our_scripts(path: str) -> None:
    headers = _client(None).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_language_is_remembered_and_only_ours_is_taken() -> None:
    client = _client(None)
    assert '<html lang="zh-CN">' in client.get("/?lang=fr").text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="zh-CN">' in client.get("/?lang=zh").text


def test_the_demo_page_lists_its_log_ins(tmp_path: Path) -> None:
    answer = _client(_place(tmp_path)).get("/demo")
    assert "334455" in answer.text
    assert "1 号窗口" in answer.text
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
