"""Ports for programs that are started a moment later."""

import socket
from pathlib import Path

from hallkit.runtime.ports import free_port


def test_ports_are_free_and_none_is_given_twice() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_the_kernel_gives_none_of_them_to_somebody_else() -> None:
    handed_out = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    first, last = map(int, handed_out.split())
    assert not any(first <= free_port() <= last for _ in range(200))
