"""The API document is true: a fuzzer that reads it finds nothing that contradicts it.

The examples are the same in every run. What stands in the document as data of a hall (numbers of
windows, ids of services and tickets) is replaced by real data in every other example, so that the
commands reach their use cases.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fakes.running_hall import PATIENCE_S, Client, RunningHall, running

EXAMPLES = 16
# Each answer is a paper that takes a second to make; there is one date to choose.
FEWER = {"GET /api/v1/summary.pdf": 4}
TOO_LARGE = 413
BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Every request carries the log-in or the token, also where the fuzzer left it out.
OURS = {ParameterLocation.COOKIE, ParameterLocation.HEADER}
# An answer without an end, the end of the session, and a clock that would end every session.
LEFT_OUT = {"GET /api/v1/events", "DELETE /api/v1/session", "POST /api/v1/clock"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    with running(tmp_path_factory.mktemp("hall"), always_open=True) as found:
        yield found


@pytest.fixture(scope="module")
def document(hall: RunningHall) -> Any:
    return hall.anyone().get("openapi.json").ok()


class Fuzzer:
    """Sends what schemathesis makes up to a hall, as ``client``."""

    def __init__(self, hall: RunningHall, client: Client) -> None:
        self._hall = hall
        self._session = requests.Session()
        self._session.headers.update(client.headers)
        self._tickets = [client.issue(s)["id"] for s in ("hukou", "dibao", "pension-join")]
        self._device = client.device_id or hall.device().device_id
        self._sent = 0
        self.statuses: Counter[int] = Counter()

    def __enter__(self) -> "Fuzzer":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def send(self, case: Case) -> None:
        """Sends one example and checks the answer against the document."""
        self._sent += 1
        if self._sent % 2:
            self._with_real_data(case)
        response = case.call(
            base_url=self._hall.base_url, session=self._session, timeout=PATIENCE_S
        )
        self.statuses[response.status_code] += 1
        # What is too long is refused before anybody looks at what is wrong in it.
        looked_at = response.status_code != TOO_LARGE
        wrong = spoilt(case) - OURS and looked_at
        checks = [*CHECKS, negative_data_rejection] if wrong else CHECKS
        case.validate_response(response, checks=checks)

    def _with_real_data(self, case: Case) -> None:
        turn = self._sent // 2
        real = {
            "number": 1 + turn % 6,
            "ticket_id": self._tickets[turn % 3],
            "service_id": ("hukou", "dibao", "pension-join")[turn % 3],
            "device_id": self._device,
            "request_id": str(uuid4()),
        }
        if spoilt(case):
            return
        for part in (case.path_parameters, case.query, case.body):
            if isinstance(part, dict):
                part.update({key: real[key] for key in real.keys() & part.keys()})


def spoilt(case: Case) -> set[ParameterLocation]:
    """The parts of an example that contradict the document. Of a list without members nothing is
    sent, so that a query with one may be fine."""
    parts = case.meta.components if case.meta is not None else {}
    found = {where for where, part in parts.items() if part.mode is GenerationMode.NEGATIVE}
    return found - {ParameterLocation.QUERY} if [] in case.query.values() else found


def fuzz(
    document: Any, send: Callable[[Case], None], modes: tuple[GenerationMode, ...], examples: int
) -> None:
    """Runs every operation of the document, with good and with bad data."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        if operation.label in LEFT_OUT:
            continue
        has_input = "parameters" in operation.definition.raw or operation.body
        for mode in modes if has_input else modes[:1]:
            run = hypothesis.settings(
                max_examples=min(examples, FEWER.get(operation.label, examples)),
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            )(hypothesis.given(case=operation.as_strategy(generation_mode=mode))(send))
            run()


def test_what_a_manager_may_meet(hall: RunningHall, document: Any) -> None:
    with Fuzzer(hall, hall.manager()) as fuzzer:
        fuzz(document, fuzzer.send, BOTH, EXAMPLES)
    assert {200, 201, 400, 404, 409, 422} <= set(fuzzer.statuses), fuzzer.statuses


def test_what_a_kiosk_may_meet(hall: RunningHall, document: Any) -> None:
    with Fuzzer(hall, hall.device()) as fuzzer:
        fuzz(document, fuzzer.send, BOTH, EXAMPLES)
    assert {200, 201, 400, 401, 404, 422} <= set(fuzzer.statuses), fuzzer.statuses


def test_what_needs_a_log_in_or_a_token_is_refused_without(
    hall: RunningHall, document: Any
) -> None:
    seen: dict[str, set[int]] = defaultdict(set)

    def send(case: Case) -> None:
        security = case.operation.definition.raw.get("security")
        case.cookies, case.headers = {}, {}
        status = case.call(base_url=hall.base_url, timeout=PATIENCE_S).status_code
        if security is None or {} in security:
            assert status != 403, case.operation.label
        elif security == [{"pairing": []}]:
            assert status == 404
        else:
            # What only looks right may be noticed before who asks.
            assert status in (401, 422), case.operation.label
            seen[case.operation.label] |= {status}

    fuzz(document, send, BOTH[:1], 4)
    assert len(seen) > 12
    assert all(401 in statuses for statuses in seen.values())


def test_the_document_names_every_address_under_its_whole_path(
    hall: RunningHall, document: Any
) -> None:
    served = {rule for rule in hall.rules if rule.startswith("/api/")}
    described = {path.replace("{", "<").replace("}", ">") for path in document["paths"]}
    assert {rule.replace("int:", "") for rule in served} == described
    operations = [o for path in document["paths"].values() for o in path.values()]
    assert len({o["operationId"] for o in operations}) == len(operations)
    assert all("422" not in o["responses"] for o in operations if not has_input(o))
    limited = [o["responses"]["429"] for o in operations if "429" in o["responses"]]
    assert len(limited) == 5
    assert all("Retry-After" in answer["headers"] for answer in limited)
    schemes = set(document["components"]["securitySchemes"])
    assert schemes == {"device", "pairing", "staff", "csrf"}


def has_input(operation: dict[str, Any]) -> bool:
    """Whether a request has anything that can be invalid."""
    return "parameters" in operation or "requestBody" in operation
