"""The server on the network, on loopback only."""

import logging
import socket
from uuid import uuid4

import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from hall_server.announce import SERVICE_TYPE, Announcer, addresses_of

ONLY_HERE = ["127.0.0.1"]
PATIENCE_MS = 60_000
# Of its own: other tests on this machine may announce theirs at the same time.
OWN = uuid4().hex
NAME = f"测试便民服务中心{OWN[:8]}"


def _ask(name: str, timeout_ms: int = PATIENCE_MS) -> ServiceInfo | None:
    zeroconf = Zeroconf(interfaces=ONLY_HERE, ip_version=IPVersion.V4Only)
    try:
        return zeroconf.get_service_info(SERVICE_TYPE, f"{name}.{SERVICE_TYPE}", timeout_ms)
    finally:
        zeroconf.close()


def test_a_server_on_loopback_is_found_there_with_its_port_and_hall() -> None:
    announcer = Announcer("test-hall", NAME, "127.0.0.1", 18080)
    announcer.start()
    info = _ask(NAME)
    announcer.stop()
    assert info is not None
    assert info.port == 18080
    assert info.parsed_addresses() == ONLY_HERE
    assert info.decoded_properties["hall"] == "test-hall"
    assert info.decoded_properties["version"]
    # It said goodbye: who asks now gets no answer.
    assert _ask(NAME, 1_000) is None


def test_a_long_chinese_name_with_dots_is_cut_to_fit() -> None:
    name = f"{OWN[:3]}淄川区双杨镇便民服务中心（一窗通办.一次办好）综合受理大厅"
    announcer = Announcer("test-hall", name, "127.0.0.1", 18081)
    announcer.start()
    info = _ask(f"{OWN[:3]}淄川区双杨镇便民服务中心（一窗通办 一")
    announcer.stop()
    assert info is not None and info.port == 18081


def test_an_address_of_another_machine_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        announcer = Announcer("test-hall", "x", "no-such-host.invalid", 18082)
        announcer.start()
        announcer.stop()
    assert len(caplog.records) <= 1


def test_stopping_one_that_never_started_is_harmless() -> None:
    Announcer("test-hall", "x", "127.0.0.1", 18083).stop()


def test_which_addresses_are_announced() -> None:
    assert addresses_of("127.0.0.1") == addresses_of("localhost") == ONLY_HERE
    assert addresses_of("10.1.2.3") == ["10.1.2.3"]
    everywhere = addresses_of("0.0.0.0")
    assert everywhere == sorted(set(everywhere)) and "127.0.0.1" not in everywhere
    assert all(socket.inet_aton(a) for a in everywhere)
    assert addresses_of("::") == everywhere
    with pytest.raises(OSError):
        addresses_of("no-such-host.invalid")
