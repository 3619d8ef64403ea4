"""Calls to the hall server: one answer or one clear error, whatever the other side does."""

import contextlib
import json
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallkit.link import client as link_client
from hallkit.link.client import ApiClient, LinkError, ServerAway, ServerRefused
from hallkit.runtime.ports import free_port
from hallkit.wire.message import Message
from tests.fakes.link_raw_server import RawServer, Script, Turn


class Hello(Message):
    name: str


@contextlib.contextmanager
def client(script: Script, token: str = "") -> Iterator[tuple[ApiClient, RawServer]]:
    with RawServer(script) as server:
        one = ApiClient(server.url, token)
        try:
            yield one, server
        finally:
            one.close()


def test_an_answer_becomes_a_message_and_the_request_says_who_asks() -> None:
    with client(lambda turn: turn.reply_json(200, {"name": "厅", "new": 1}), "tok") as (
        api,
        server,
    ):
        assert api.get("/hall", Hello, state="waiting", after=3) == Hello(name="厅")
        assert api.post("/tickets", {"request_id": "1", "name": "户口"}, Hello).name == "厅"
        assert api.post("/tickets", Hello(name="户"), Hello).name == "厅"
    got, sent, message = server.requests
    assert (got.method, got.path) == ("GET", "/api/v1/hall?state=waiting&after=3")
    assert got.headers["authorization"] == "Bearer tok"
    assert (sent.method, sent.path) == ("POST", "/api/v1/tickets")
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.body) == {"request_id": "1", "name": "户口"}
    assert message.body == '{"name":"户"}'.encode()


def test_without_a_token_nothing_is_claimed() -> None:
    with client(lambda turn: turn.reply_json(200, {"name": "x"})) as (api, server):
        api.get("/hall", Hello)
        assert not api.has_token
    assert "authorization" not in server.requests[0].headers


def test_an_error_body_is_a_refusal_with_its_reason() -> None:
    with (
        client(lambda turn: turn.refuse(409, "wrong_state")) as (api, _),
        pytest.raises(ServerRefused) as refusal,
    ):
        api.post("/windows/3/call-next", {}, Hello)
    assert (refusal.value.status, refusal.value.info.code) == (409, "wrong_state")
    assert refusal.value.info.message == "不行"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("a proxy's page", b"HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>"),
        ("an error without a body", b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"),
        ("another kind of error", b'HTTP/1.1 404 X\r\nContent-Length: 14\r\n\r\n{"detail": "x"}'),
        ("not JSON", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        ("another message", b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"age":1}'),
        ("bytes that are no text", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\x00"),
        ("a redirect", b"HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
        ("cut in the body", b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"name":'),
        ("cut in the head", b"HTTP/1.1 200 OK\r\nContent-Le"),
        ("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("nothing", b""),
        ("a broken chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        ("bad gzip", b"HTTP/1.1 200 O\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"),
        ("an endless head", b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n"),
    ],
)  # fmt: skip
def test_an_unusable_answer_means_that_the_server_is_away(name: str, answer: bytes) -> None:
    with client(lambda turn: turn.send(answer)) as (api, _):
        with pytest.raises(ServerAway):
            api.get("/hall", Hello)
        with pytest.raises(ServerAway):
            api.post("/tickets", {"request_id": "1"}, Hello)


def test_an_answer_that_is_far_too_long_is_not_read_to_its_end() -> None:
    def flood(turn: Turn) -> None:
        turn.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            turn.send(b" " * 65_536)

    with client(flood) as (api, server):
        for _ in range(2):
            with pytest.raises(ServerAway, match="more than"):
                api.get("/hall", Hello)
        server.script = lambda turn: turn.reply_json(200, {"name": "x"})
        assert api.get("/hall", Hello).name == "x"


def test_a_server_that_answers_nothing_is_away_after_the_read_time_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_client, "READ_TIMEOUT_S", 0.3)
    with client(lambda turn: turn.stopped.wait() and None) as (api, _), pytest.raises(ServerAway):
        api.get("/hall", Hello)


def test_a_server_that_does_not_accept_is_away_after_the_connect_time_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_client, "CONNECT_TIMEOUT_S", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        # The queue of waiting connections is full: the kernel drops what comes now.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            with pytest.raises(ServerAway):
                ApiClient(f"http://127.0.0.1:{address[1]}").get("/hall", Hello)
        finally:
            for one in waiting:
                one.close()


def test_a_closed_port_is_away_at_once() -> None:
    with pytest.raises(ServerAway, match=r"127\.0\.0\.1"):
        ApiClient(f"http://127.0.0.1:{free_port()}").get("/hall", Hello)


@pytest.mark.parametrize(
    "address", ["", " ", "http://", "http://[", "ftp://hall", "http://hall:99999", "http://a b/"]
)
def test_what_is_no_address_is_refused_in_both_languages(address: str) -> None:
    with pytest.raises(ValueError, match=r"不是服务器地址.* / not a server's address"):
        ApiClient(address)


@pytest.mark.parametrize("address", ["{}", "{}/", "http://{}", " http://{}/ "])
def test_an_address_may_be_typed_as_people_do(address: str) -> None:
    with RawServer(lambda turn: turn.reply_json(200, {"name": "x"})) as server:
        api = ApiClient(address.format(server.url.removeprefix("http://")))
        assert api.get("/hall", Hello).name == "x"
        api.close()


def test_a_name_that_nobody_knows_is_a_server_away() -> None:
    with pytest.raises(ServerAway):
        ApiClient("http://no-such-hall.invalid").get("/hall", Hello)


def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    with client(lambda turn: turn.reply_json(200, {"name": "x"})) as (api, server):
        for _ in range(5):
            assert api.get("/hall", Hello).name == "x"
    assert len(server.requests) == 5


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_no_answer_whatever_breaks_the_caller(answer: bytes) -> None:
    script: Script = lambda turn: turn.send(b"HTTP/1.1 " + answer)  # noqa: E731
    with client(script) as (api, _), contextlib.suppress(LinkError):
        api.get("/hall", Hello)
