"""Finding the server by zeroconf, on the loopback interface alone."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from zeroconf import IPVersion, ServiceInfo, Zeroconf

from hallkit.link.discovery import SERVICE_TYPE, find_server
from hallkit.link.server import ServerSettings, connect
from tests.fakes.hall_server_fake import FakeHall

LOOPBACK = ["127.0.0.1"]
# Of its own, so that a hall server that runs on this machine meanwhile is not found.
OWN_TYPE = f"_t{uuid.uuid4().hex[:8]}._tcp.local."
WAIT_S = 30.0


@contextmanager
def announced(
    port: int, addresses: list[str], name: str = "测试大厅", service_type: str = OWN_TYPE
) -> Iterator[None]:
    zeroconf = Zeroconf(interfaces=LOOPBACK, ip_version=IPVersion.V4Only)
    info = ServiceInfo(
        service_type,
        f"{name}-{port}.{service_type}",
        port=port,
        addresses=[socket.inet_aton(a) for a in addresses],
        server=f"test-{port}.local.",
    )
    try:
        # Nobody else has this name, so that nobody need be asked for it first.
        zeroconf.register_service(info, cooperating_responders=True)
        yield
        zeroconf.unregister_service(info)
    finally:
        zeroconf.close()


def healthy() -> FakeHall:
    hall = FakeHall()
    hall.answer("GET", "/health", lambda _body: (200, {"status": "ok", "version": "1"}))
    return hall


def port_of(hall: FakeHall) -> int:
    return int(hall.url.rsplit(":", 1)[1])


def test_an_announced_server_is_found() -> None:
    with healthy() as hall, announced(port_of(hall), ["127.0.0.1"]):
        assert find_server(WAIT_S, LOOPBACK, service_type=OWN_TYPE) == hall.url


def test_the_product_s_own_name_is_looked_for() -> None:
    with healthy() as hall, announced(port_of(hall), ["127.0.0.1"], service_type=SERVICE_TYPE):
        # Another hall server of this machine may be the first to answer.
        assert (find_server(WAIT_S, LOOPBACK) or "").startswith("http://127.0.0.1:")


def test_of_several_addresses_the_one_that_answers_is_taken() -> None:
    # Nobody listens on 127.0.0.9: the server of the test is bound to 127.0.0.1.
    with healthy() as hall, announced(port_of(hall), ["127.0.0.9", "127.0.0.1"]):
        assert find_server(WAIT_S, LOOPBACK, service_type=OWN_TYPE) == hall.url


def test_what_is_announced_but_is_no_hall_is_passed_over() -> None:
    with FakeHall() as other, announced(port_of(other), ["127.0.0.1"], "别的"):
        assert find_server(1.5, LOOPBACK, service_type=OWN_TYPE) is None
        with healthy() as hall, announced(port_of(hall), ["127.0.0.1"]):
            assert find_server(WAIT_S, LOOPBACK, service_type=OWN_TYPE) == hall.url


def test_nothing_there_is_none() -> None:
    assert find_server(0.3, LOOPBACK, service_type=OWN_TYPE) is None


def test_a_machine_without_that_network_finds_nothing() -> None:
    # 192.0.2.0/24 is reserved for documentation: no machine has it.
    assert find_server(0.3, ["192.0.2.7"], service_type=OWN_TYPE) is None


def test_a_search_ends_when_the_program_does() -> None:
    stopping = threading.Event()
    found: list[str | None] = []
    search = threading.Thread(
        target=lambda: found.append(
            find_server(3600.0, LOOPBACK, stopping=stopping, service_type=OWN_TYPE)
        )
    )
    search.start()
    stopping.set()
    search.join(WAIT_S)
    assert found == [None]


def test_connect_without_an_address_gives_up_when_the_program_ends() -> None:
    stopping = threading.Event()
    stopping.set()
    assert connect(ServerSettings(), None, stopping) is None
