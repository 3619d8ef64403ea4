"""Finding the hall server on the network by zeroconf (``_hall._tcp.local.``).

Where multicast is blocked there is silence and no error, so every program also takes a manual
address.
"""

import threading

from zeroconf import IPVersion, ServiceBrowser, ServiceStateChange, Zeroconf

SERVICE_TYPE = "_hall._tcp.local."


def find_server(timeout_s: float, interfaces: list[str] | None = None) -> str | None:
    """The base URL of the first hall server that answers within ``timeout_s`` seconds, or None.

    ``interfaces`` limits the search to these IPv4 addresses of this machine.
    """
    found: list[str] = []
    done = threading.Event()

    def changed(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Removed:
            return
        info = zeroconf.get_service_info(service_type, name, timeout=1500)
        if info is None or info.port is None:
            return
        addresses = info.parsed_addresses(IPVersion.V4Only)
        if addresses:
            found.append(f"http://{addresses[0]}:{info.port}")
            done.set()

    if interfaces:
        zeroconf = Zeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)
    else:
        zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
    try:
        browser = ServiceBrowser(zeroconf, SERVICE_TYPE, handlers=[changed])
        done.wait(timeout_s)
        browser.cancel()
    finally:
        zeroconf.close()
    return found[0] if found else None
