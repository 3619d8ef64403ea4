"""How a device without a token gets one: it asks, shows a code, a manager approves, it fetches.

::

    device → POST /devices/pair {"request_id", "kind", "name"}
           ← 201 {"device_id", "code", "state", "secret"}
    device → GET /devices/{id}/token          Authorization: Bearer <secret>
           ← 409 not_approved                 until a manager compared the code and approved
           ← 200 {"token"}                    a fresh token; one fetched before stops working
           ← 403 device_revoked · 404         refused, or the server forgot the device

The server derives secret and code from ``request_id``, so that only this is kept meanwhile, beside
the token file: a device that restarts while it waits shows the same code again.
"""

import logging
import threading
from collections.abc import Callable

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.link.server import ServerSettings, TokenStore, connect
from hallkit.runtime.logs import Outage
from hallkit.wire.device import DeviceKind, DeviceToken, Pairing
from hallkit.wire.ids import new_id

_log = logging.getLogger(__name__)

# A manager presses the button and looks up: the device should be at work by then.
POLL_S = 2.0
# After a refusal the device asks again, ever more rarely: it must not flood the manager's page.
_ASK_AGAIN_FIRST_S = 60.0
_ASK_AGAIN_MOST_S = 900.0
# The longest name that the server takes.
_MOST_NAME = 40


class _Refused(Exception):
    """This request will never be approved; the message says why."""


def _one_line(name: str) -> str:
    return "".join(char for char in name if char.isprintable()).strip()[:_MOST_NAME].strip()


def enrol(
    settings: ServerSettings,
    kind: DeviceKind,
    name: str,
    override_url: str | None,
    stopping: threading.Event,
    on_code: Callable[[str], None] = lambda _code: None,
    *,
    anew: bool = False,
    poll_s: float = POLL_S,
    ask_again_s: float = _ASK_AGAIN_FIRST_S,
) -> ApiClient | None:
    """A client that the server knows: with the stored token, or after pairing. Waits for it.
    ``anew``: the stored token no longer counts; it stays until pairing has brought another.

    ``on_code(code)`` is called with the code to show while a manager has not approved yet, and
    with ``""`` when that is over; it is logged too. Without a ``token_file`` nothing could be
    kept, so the device then goes on without a token. Returns None when ``stopping`` was set
    meanwhile. Raises ConfigError when the token file cannot be read or written.
    """
    client = connect(settings, override_url, stopping)
    if client is None or (client.has_token and not anew):
        return client
    if not settings.token_file:
        _log.warning("no [server] token_file: this device cannot be paired and has no rights")
        return client
    store = TokenStore(settings)
    store.check_writable()
    client.close()
    asking = ApiClient(client.base_url)
    try:
        paired = _Enrolment(asking, store, kind, name, stopping, on_code, poll_s).run(ask_again_s)
    finally:
        asking.close()
    return connect(settings, asking.base_url, stopping) if paired else None


class _Enrolment:
    """One device asking to be let in, until it is or the program ends."""

    def __init__(
        self,
        client: ApiClient,
        store: TokenStore,
        kind: DeviceKind,
        name: str,
        stopping: threading.Event,
        on_code: Callable[[str], None],
        poll_s: float,
    ) -> None:
        self._client = client
        self._store = store
        self._kind = kind
        self._name = _one_line(name) or kind
        self._stopping = stopping
        self._on_code = on_code
        self._poll_s = poll_s
        self._outage = Outage(_log, f"pairing with {client.base_url}")

    def run(self, ask_again_s: float) -> bool:
        """True when a token was stored, False when the program ends."""
        again = Backoff(ask_again_s, _ASK_AGAIN_MOST_S)
        while not self._stopping.is_set():
            try:
                pairing = self._ask()
                if pairing is not None and self._wait_for_token(pairing):
                    return True
            except _Refused as refusal:
                _log.warning("this device was not let in: %s; it will ask again", refusal)
                self._store.forget_request()
                self._stopping.wait(again.next_s())
        return False

    def _ask(self) -> Pairing | None:
        backoff = Backoff(self._poll_s)
        while not self._stopping.is_set():
            body = {"request_id": self._request_id(), "kind": self._kind, "name": self._name}
            try:
                pairing = self._client.post("/devices/pair", body, Pairing)
            except LinkError as error:
                if isinstance(error, ServerRefused) and error.status in (403, 409):
                    raise _Refused(error) from error
                self._outage.failed(error)
                self._stopping.wait(backoff.next_s())
                continue
            if pairing.state == "revoked":
                raise _Refused("revoked")
            self._outage.recovered()
            return pairing
        return None

    def _request_id(self) -> str:
        known = self._store.request_id()
        if known:
            return known
        fresh = new_id()
        self._store.keep_request(fresh)
        return fresh

    def _wait_for_token(self, pairing: Pairing) -> bool:
        asking = ApiClient(self._client.base_url, pairing.secret)
        _log.warning(
            "等待管理员批准本设备，配对码 / waiting for a manager to approve this device, code: %s",
            pairing.code,
        )
        self._on_code(pairing.code)
        try:
            token = self._poll(asking, pairing.device_id)
        finally:
            asking.close()
            self._on_code("")
        if token is None:
            return False
        self._store.keep(pairing.device_id, token)
        _log.info("this device is paired as %s", pairing.device_id)
        return True

    def _poll(self, asking: ApiClient, device_id: str) -> str | None:
        away = Backoff(self._poll_s)
        while not self._stopping.is_set():
            wait_s = self._poll_s
            try:
                token = asking.get(f"/devices/{device_id}/token", DeviceToken).token
                self._outage.recovered()
                return token
            except ServerRefused as error:
                if error.status in (401, 403, 404):
                    raise _Refused(error) from error
                if error.info.code == "not_approved":
                    self._outage.recovered()
                    away.reset()
                else:
                    self._outage.failed(error)
                    wait_s = away.next_s()
            except LinkError as error:
                self._outage.failed(error)
                wait_s = away.next_s()
            self._stopping.wait(wait_s)
        return None
