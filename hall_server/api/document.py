"""The API document (OpenAPI 3.1): what an endpoint answers, who may ask, and the whole of it."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel

from hall_server.api.access import COOKIE, CSRF_HEADER
from hallkit.wire.errors import ErrorBody

API = "/api/v1"
Security = list[dict[str, list[Any]]]

# Who may ask, for ``security=`` of an endpoint. A command of staff carries the CSRF token.
DEVICE: Security = [{"device": []}]
PAIRING: Security = [{"pairing": []}]
STAFF: Security = [{"staff": []}]
STAFF_COMMAND: Security = [{"staff": [], "csrf": []}]
KNOWN: Security = [*DEVICE, *STAFF]
KNOWN_COMMAND: Security = [*DEVICE, *STAFF_COMMAND]
# Public, but staff and devices are shown more.
ANYONE: Security = [{}, *KNOWN]

SCHEMES: dict[str, Any] = {
    "device": {
        "type": "http",
        "scheme": "bearer",
        "description": "the token of an approved device",
    },
    "pairing": {
        "type": "http",
        "scheme": "bearer",
        "description": "the secret that POST /devices/pair answered",
    },
    "staff": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "csrf_token of POST /session",
    },
}

# What a request may meet wherever it goes, and what one with a body may meet besides.
_ANY = (400, 408, 413, 414, 503)
BODY = (411, 415, 422)
# An argument in the address that cannot be one.
ADDRESS = (404, 422)
# A caller who is not known, and one who may not.
NEEDS_KNOWN = (401,)
NEEDS_ROLE = (401, 403)
_RETRY_AFTER = {
    "Retry-After": {
        "description": "seconds to wait",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}


def blueprint(name: str) -> APIBlueprint:
    """A group of endpoints below ``/api/v1``."""
    return APIBlueprint(name, f"hall_server.api.{name}", url_prefix=API)


def answers(status: int, model: type[BaseModel], *refusals: int) -> ResponseDict:
    """The ``responses`` of an endpoint: its answer, and its refusals in their one shape."""
    described: ResponseDict = {str(status): model}
    described.update(refused(*refusals))
    return described


def refused(*refusals: int) -> ResponseDict:
    """The refusals of an endpoint, with those that any may meet."""
    return {str(code): ErrorBody for code in sorted({*refusals, *_ANY})}


def document_of(app: OpenAPI) -> dict[str, Any]:
    """The document of everything registered, with what the library cannot say."""
    document: dict[str, Any] = app.api_doc
    for path in document["paths"].values():
        for operation in path.values():
            _say_what_is_true(operation)
    return document


def _say_what_is_true(operation: dict[str, Any]) -> None:
    answered = operation["responses"]
    # The library adds a 422 of its own shape to endpoints that cannot answer it.
    if _schema_of(answered.get("422", {})).get("type") == "array":
        del answered["422"]
    if "429" in answered:
        answered["429"]["headers"] = _RETRY_AFTER
    for parameter in operation.get("parameters", ()):
        _without_null(parameter["schema"])


def _schema_of(response: dict[str, Any]) -> dict[str, Any]:
    content = response.get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    return schema


def _without_null(schema: dict[str, Any]) -> None:
    """An argument of an address may be left out, but it cannot be null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.pop("default", None)
        schema.update(kinds[0])
