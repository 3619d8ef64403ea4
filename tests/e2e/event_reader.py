"""A client of the event stream that is not the product's own: plain HTTP, line by line."""

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlparse


class EventReader:
    """Reads ``/api/v1/events`` in a thread until it is cut off."""

    def __init__(self, base_url: str, token: str, last_id: str | None = None) -> None:
        address = urlparse(base_url)
        assert address.hostname is not None
        self.events: list[dict[str, Any]] = []
        self.last_id = last_id
        self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=15)
        headers = {"Authorization": f"Bearer {token}"}
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        path = "/api/v1/events" if last_id is not None else "/api/v1/events?after=0"
        self._connection.request("GET", path, headers=headers)
        self._response = self._connection.getresponse()
        assert self._response.status == 200
        self._cut = False
        self._thread = threading.Thread(target=self._read, name="event reader")
        self._thread.start()

    def _read(self) -> None:
        event_id = ""
        while not self._cut:
            try:
                raw = self._response.readline()
            except (OSError, ValueError, http.client.HTTPException):
                return
            if not raw:
                return
            line = raw.decode().rstrip("\n")
            if line.startswith("id: "):
                event_id = line[4:]
            elif line.startswith("data: "):
                self.events.append(json.loads(line[6:]))
                self.last_id = event_id

    def cut(self) -> None:
        """Cuts the connection, as a pulled cable does."""
        self._cut = True
        socket = self._connection.sock
        if socket is not None:
            socket.shutdown(2)
        self._thread.join(timeout=15)
        self._connection.close()
