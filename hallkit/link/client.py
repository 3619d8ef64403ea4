"""HTTP calls of a device, to the hall server or to the ticket printer program: one call, one answer
or one clear error."""

import json
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import urllib3
from pydantic import BaseModel, ValidationError

from hallkit.wire.errors import ErrorBody, ErrorInfo

M = TypeVar("M", bound=BaseModel)

# A hall's LAN answers in milliseconds; 2 s means that the cable or the server is gone.
CONNECT_TIMEOUT_S = 2.0
# The server may be waiting for a slow SD card to make a command durable.
READ_TIMEOUT_S = 5.0
# The longest answer is a hall of 700 services: about 150 kB.
_MOST_BYTES = 4_000_000


class LinkError(Exception):
    """Something went wrong between the device and the server.

    LinkError
    ├── ServerAway     no answer: the server, the cable or the Wi-Fi is gone; try again
    └── ServerRefused  an answer that says no; ``info`` says why, ``status`` is the HTTP status
    """


class ServerAway(LinkError):
    """No usable answer arrived in time."""


class ServerRefused(LinkError):
    """The server understood and said no."""

    def __init__(self, status: int, info: ErrorInfo) -> None:
        super().__init__(f"{status} {info.code}: {info.message_en}")
        self.status = status
        self.info = info


def server_url(text: str) -> str:
    """A server's address as typed by a person, made whole: ``10.0.0.5:8080`` gets its ``http://``.

    Raises ValueError (``中文 / English``) when it is none.
    """
    url = text.strip()
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or set(url) & set(" ?#@\t\r\n"):
        raise ValueError(
            f"不是服务器地址，应如 http://10.0.0.5:8080：{text} /"
            f" not a server's address such as http://10.0.0.5:8080: {text}"
        )
    return url.rstrip("/")


class ApiClient:
    """Calls the server at ``address`` (such as ``http://10.0.0.5:8080``) with a device token;
    thread-safe. ``device_id`` is the device that the token belongs to, empty when unknown.
    ``prefix`` comes before every path.

    Raises ValueError for what is no address. Every method raises ServerAway or ServerRefused.
    Only a connection that broke before an answer is tried once more; who retries a command must
    send the same ``request_id``.
    """

    def __init__(
        self, address: str, token: str = "", device_id: str = "", *, prefix: str = "/api/v1"
    ) -> None:
        self.base_url = server_url(address)
        self._prefix = prefix
        self.device_id = device_id
        self._headers = {"Accept": "application/json", "User-Agent": "yichuang-device"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._pool = urllib3.PoolManager(
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
        )

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say who is calling."""
        return dict(self._headers)

    @property
    def has_token(self) -> bool:
        """Whether the calls say who is calling."""
        return "Authorization" in self._headers

    def get(self, path: str, answer: type[M], **query: str | int) -> M:
        """GETs ``prefix`` + ``path``."""
        suffix = f"?{urlencode(query)}" if query else ""
        return self._send("GET", path + suffix, None, answer)

    def post(self, path: str, body: BaseModel | dict[str, Any], answer: type[M]) -> M:
        """POSTs a message to ``prefix`` + ``path``."""
        return self._send("POST", path, body, answer)

    def close(self) -> None:
        """Closes the kept connections."""
        self._pool.clear()

    def _send(
        self, method: str, path: str, body: BaseModel | dict[str, Any] | None, answer: type[M]
    ) -> M:
        data: bytes | None = None
        headers = dict(self._headers)
        if body is not None:
            text = body.model_dump_json() if isinstance(body, BaseModel) else json.dumps(body)
            data = text.encode()
            headers["Content-Type"] = "application/json"
        url = f"{self.base_url}{self._prefix}{path}"
        try:
            try:
                status, raw = self._exchange(method, url, data, headers)
            except urllib3.exceptions.ProtocolError as error:
                # The server closed a kept connection just when it was used again. Every command
                # carries its request_id, so that asking once more does nothing twice.
                if not isinstance(error.args[-1], ConnectionError):
                    raise
                status, raw = self._exchange(method, url, data, headers)
        except urllib3.exceptions.HTTPError as error:
            raise ServerAway(f"{self.base_url}: {error}") from error
        return self._parse(status, raw, answer)

    def _exchange(
        self, method: str, url: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        response = self._pool.request(
            method, url, body=data, headers=headers, redirect=False, preload_content=False
        )
        raw = response.read(_MOST_BYTES)
        if len(raw) == _MOST_BYTES:
            response.close()
            raise ServerAway(f"{self.base_url}: an answer of more than {_MOST_BYTES} bytes")
        response.release_conn()
        return response.status, raw

    def _parse(self, status: int, raw: bytes, answer: type[M]) -> M:
        if status >= 400:
            try:
                raise ServerRefused(status, ErrorBody.model_validate_json(raw).error)
            except ValidationError:
                raise ServerAway(f"{self.base_url}: HTTP {status} without a reason") from None
        try:
            return answer.model_validate_json(raw)
        except ValidationError as error:
            raise ServerAway(
                f"{self.base_url}: an answer that is not understood: {error}"
            ) from None
