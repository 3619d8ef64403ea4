"""Telling the network where the hall server is (``_hall._tcp.local.``)."""

import ipaddress
import logging
import socket
import threading

import ifaddr
from zeroconf import Error as ZeroconfError
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from hallkit.runtime.logs import Outage
from hallkit.runtime.version import product_version

_log = logging.getLogger(__name__)

SERVICE_TYPE = "_hall._tcp.local."
# A DNS label holds 63 bytes, a hall's Chinese name may be longer; a name that is taken gets "-2".
_LONGEST_LABEL = 58
# How often the machine's addresses are looked at: a Pi often starts before its network does.
LOOK_AGAIN_S = 15.0


class Announcer:
    """Announces ``hall`` at ``port`` in a thread of its own: registering asks the network three
    times whether the name is free, 1.6 s, which nobody should have to wait for.

    A server bound to a loopback address is announced on that address only, so that no other
    machine hears of it. Where there is no network it waits for one; where multicast is blocked
    devices need the address by hand.
    """

    def __init__(self, hall_id: str, hall_name: str, host: str, port: int) -> None:
        self._hall_id = hall_id
        self._name = hall_name
        self._host = host
        self._port = port
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="announce", daemon=True)

    def start(self) -> None:
        """Starts announcing; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Says goodbye to the network; harmless when it never started."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        outage = Outage(_log, "telling the network where the server is")
        while not self._stopping.is_set():
            try:
                addresses = addresses_of(self._host)
                if addresses:
                    self._announce(addresses)
                    outage.recovered()
                    continue
                outage.failed("no network yet")
            except (OSError, ZeroconfError) as error:
                outage.failed(error)
            self._stopping.wait(LOOK_AGAIN_S)

    def _announce(self, addresses: list[str]) -> None:
        """Announces until the server stops or the machine's addresses change."""
        zeroconf = Zeroconf(interfaces=addresses, ip_version=IPVersion.V4Only)
        try:
            info = self._info(addresses)
            zeroconf.register_service(info, allow_name_change=True)
            _log.info("announced as %s on %s", info.name, ", ".join(addresses))
            while not self._stopping.wait(LOOK_AGAIN_S):
                if addresses_of(self._host) != addresses:
                    break
            zeroconf.unregister_service(info)
        finally:
            zeroconf.close()

    def _info(self, addresses: list[str]) -> ServiceInfo:
        return ServiceInfo(
            SERVICE_TYPE,
            f"{_label(self._name)}.{SERVICE_TYPE}",
            port=self._port,
            addresses=[socket.inet_aton(a) for a in addresses],
            properties={"version": product_version(), "hall": self._hall_id, "api": "v1"},
            server=f"yichuang-{self._port}-{_label(socket.gethostname())}.local.",
        )


def addresses_of(host: str) -> list[str]:
    """The IPv4 addresses under which a server bound to ``host`` is reached, sorted.

    For all interfaces these are the machine's own without its loopback. Raises OSError for a
    name that cannot be resolved.
    """
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return [socket.gethostbyname(host)]
    found = {
        ip.ip
        for a in ifaddr.get_adapters()
        for ip in a.ips
        if isinstance(ip.ip, str) and ip.is_IPv4
    }
    return sorted(a for a in found if not ipaddress.ip_address(a).is_loopback)


def _label(text: str) -> str:
    plain = text.replace(".", " ").encode()[:_LONGEST_LABEL]
    return plain.decode(errors="ignore").strip()
