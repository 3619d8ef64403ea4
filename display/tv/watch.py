"""Which server there is, and whether it answers."""

import logging
import threading
import time
from collections.abc import Callable

from hallkit.link.client import ApiClient, LinkError
from hallkit.link.server import DISCOVERY_S
from hallkit.runtime.logs import Outage
from hallkit.wire.message import Message

_log = logging.getLogger(__name__)

# A server that came back is seen within this time.
ASK_S = 3.0
# A server that was found on the network and is silent for this long may have another address now.
SEARCH_AGAIN_S = 60.0


class _Health(Message):
    status: str


def _on_the_network(stopping: threading.Event) -> str | None:
    # Imported here: zeroconf is 6 MB, which a TV with a configured server never needs.
    from hallkit.link.discovery import find_server

    return find_server(DISCOVERY_S, stopping=stopping)


class ServerWatch:
    """Finds the server by ``find``, unless ``url`` names it, and asks it again and again; a thread
    of its own.

    ``url`` is empty until one was found, and stays while another is looked for: the board that is
    on the screen stays too. ``words`` says in both languages what is being tried.
    """

    def __init__(
        self, url: str, find: Callable[[threading.Event], str | None] = _on_the_network,
        search_again_s: float = SEARCH_AGAIN_S,
    ) -> None:  # fmt: skip
        self._named = url
        self._find = find
        self._search_again_s = search_again_s
        self._rounds = 0
        self.url = url
        self.answering = False
        self.words = ""
        self._heard = time.monotonic()
        self._stopping = threading.Event()
        self._outage = Outage(_log, "the hall server")
        self._thread = threading.Thread(target=self._run, name="server watch", daemon=True)

    def start(self) -> None:
        """Starts looking."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it and waits for the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self.url:
                    self._search()
                else:
                    self._ask()
                    self._stopping.wait(ASK_S)
            except Exception:  # noqa: BLE001 - the screen must find the server after any fault
                _log.exception("looking for the server failed")
                self._stopping.wait(ASK_S)

    def _search(self) -> None:
        self._rounds += 1
        self.words = (
            f"正在局域网内查找服务器（第 {self._rounds} 次）\n"
            f"Looking for the server on the network (attempt {self._rounds})"
        )
        found = self._find(self._stopping)
        if found:
            self.url = found
            self._heard = time.monotonic()
            _log.info("found the hall server at %s", self.url)

    def _ask(self) -> None:
        client = ApiClient(self.url)
        try:
            client.get("/health", _Health)
        except LinkError as error:
            self._outage.failed(error)
            self.answering = False
            self.words = f"{self.url} 没有回应\n{self.url} does not answer"
            if not self._named and time.monotonic() - self._heard > self._search_again_s:
                self._search()
            return
        finally:
            client.close()
        self._outage.recovered()
        self._heard = time.monotonic()
        self._rounds = 0
        self.answering = True
