"""Answers as JSON, now or once they are durable."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response
from pydantic import BaseModel

from hall_server.api.errors import outcome_response
from hall_server.http.later import LATER, Ready
from hall_server.service.ports import Then

_JSON = "application/json"


def json_text(text: str, status: int = 200) -> Response:
    """An answer that is JSON text already."""
    return Response(text, status=status, mimetype=_JSON)


def reply(message: BaseModel, status: int = 200) -> Response:
    """A message as an answer."""
    return json_text(message.model_dump_json(by_alias=True), status)


class Later(Response):
    """The answer of a command that has still to become durable. ``begin`` starts the command and
    tells of its end; it is called after the request, and in no application context."""

    def __init__(self, begin: Callable[[Then[str]], None], status: int = 200) -> None:
        super().__init__(status=status, mimetype=_JSON)
        self._begin = begin

    def start(self, ready: Callable[[Ready], None]) -> None:
        """As ``later.PutOff`` says."""

        def ended(text: str | None, error: Exception | None) -> None:
            if error is not None:
                ready(self._of(error))
            else:
                self.set_data(text or "")
                ready(self)

        try:
            self._begin(ended)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller must be answered
            ready(self._of(error))

    def _of(self, error: Exception) -> Response:
        response = outcome_response(error)
        for name, value in self.headers:
            response.headers.setdefault(name, value)
        return response

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Puts the answer off; waits for it where the server does not know of that."""
        put_off = environ.get(LATER)
        if put_off is not None:
            put_off(self)
            return ()
        there, found = threading.Event(), []

        def ready(response: Ready) -> None:
            found.append(response)
            there.set()

        self.start(ready)
        there.wait()
        start_response(found[0].status, list(found[0].headers))
        return (found[0].get_data(),)
