"""Finding the hall server on the network by zeroconf (``_hall._tcp.local.``).

Where multicast is blocked there is silence and no error, so every program also takes a manual
address. A machine with several networks announces an address of each, and a server that was cut
off stays announced for a while: so an address counts only when a hall server answers there.
"""

import logging
import queue
import socket
import threading
import time

from zeroconf import IPVersion, ServiceBrowser, ServiceStateChange, Zeroconf

from hallkit.link.client import ApiClient, LinkError
from hallkit.wire.message import Message

_log = logging.getLogger(__name__)

SERVICE_TYPE = "_hall._tcp.local."
# How long a found name may take to say its address: it was sent in the same packet.
_ADDRESS_MS = 1500
# The search looks this often whether the program is told to end.
_LOOK_S = 0.2

# A service's type and its full name.
_Name = tuple[str, str]


class _Health(Message):
    status: str
    version: str


def find_server(
    timeout_s: float,
    interfaces: list[str] | None = None,
    *,
    stopping: threading.Event | None = None,
    service_type: str = SERVICE_TYPE,
) -> str | None:
    """The base URL of the first hall server that answers within ``timeout_s`` seconds, or None.

    ``interfaces`` limits the search to these IPv4 addresses of this machine; ``stopping`` ends
    it early. A machine without a network finds nothing.
    """
    found: queue.Queue[_Name] = queue.Queue()

    def changed(
        service_type: str, name: str, state_change: ServiceStateChange, **_: object
    ) -> None:
        if state_change is not ServiceStateChange.Removed:
            found.put((service_type, name))

    try:
        zeroconf = _open(interfaces)
    except OSError as error:
        _log.debug("no network to search: %s", error)
        return None
    browser = ServiceBrowser(zeroconf, service_type, handlers=[changed])
    try:
        return _first_alive(zeroconf, found, time.monotonic() + timeout_s, stopping)
    finally:
        browser.cancel()
        zeroconf.close()


def _open(interfaces: list[str] | None) -> Zeroconf:
    if not interfaces:
        return Zeroconf(ip_version=IPVersion.V4Only)
    for address in interfaces:
        # An address that this machine does not have (any more); zeroconf would leak its socket.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    return Zeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)


def _first_alive(
    zeroconf: Zeroconf,
    found: "queue.Queue[_Name]",
    deadline: float,
    stopping: threading.Event | None,
) -> str | None:
    while (left := deadline - time.monotonic()) > 0:
        if stopping is not None and stopping.is_set():
            return None
        try:
            name = found.get(timeout=min(left, _LOOK_S))
        except queue.Empty:
            continue
        for url in _urls(zeroconf, name):
            if _is_hall(url):
                return url
    return None


def _urls(zeroconf: Zeroconf, name: _Name) -> list[str]:
    info = zeroconf.get_service_info(*name, timeout=_ADDRESS_MS)
    if info is None or not info.port:
        return []
    return [f"http://{address}:{info.port}" for address in info.parsed_addresses(IPVersion.V4Only)]


def _is_hall(url: str) -> bool:
    client = ApiClient(url)
    try:
        client.get("/health", _Health)
    except LinkError as error:
        _log.debug("announced, but no hall server: %s", error)
        return False
    finally:
        client.close()
    return True
