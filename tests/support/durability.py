"""Whether a hall that came back has everything it had answered for, and nothing by half."""

import json
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select

from hall_server.store.database import look_engine
from hall_server.store.tables import command, journal, ticket
from tests.support.mortal_hall import MortalHall, Sent

# Repeated over HTTP after each return: the latest are those that may be lost.
_REPEATED = 8


class Lost(AssertionError):
    """A command that was answered is not there."""


def check_return(hall: MortalHall, url: str) -> None:
    """Looks through the database of a hall that has just come back, and repeats the latest
    commands of everybody."""
    check_kept(hall.done, hall.open, url)
    for person in hall.people:
        for sent in [s for s in person.sent if 200 <= s.status < 300][-_REPEATED:]:
            again = Sent(sent.request_id, sent.path, sent.body)
            assert again.send(person.who), sent
            if (again.status, again.text) != (sent.status, sent.text):
                raise Lost(f"{sent} was answered {again.status} {again.text}")


def check_kept(done: Iterable[Sent], unanswered: Iterable[Sent], url: str) -> None:
    """What was answered is there as it was answered; the rest wholly or not at all; nothing
    twice; the numbers have no gap."""
    engine = look_engine(url)
    with engine.begin() as connection:
        answers = {row.request_id: row.answer for row in connection.execute(select(command))}
        entries = Counter(
            (row.request_id, row.type)
            for row in connection.execute(select(journal.c.request_id, journal.c.type))
        )
        tickets = {row.id: row for row in connection.execute(select(ticket))}
        series = connection.execute(
            select(
                func.count(), func.count(ticket.c.sequence.distinct()), func.max(ticket.c.sequence)
            ).group_by(ticket.c.day, ticket.c.series)
        )
        gapless = all(count == different == last for count, different, last in series)
    engine.dispose()
    for sent in done:
        if answers.get(sent.request_id) != sent.text:
            raise Lost(f"{sent} has the answer {answers.get(sent.request_id)}")
    assert gapless, "numbers with a gap"
    _check_wholes(unanswered, answers, entries)
    said = [json.loads(answer) for answer in answers.values()]
    issued = [answer["id"] for answer in said if "position_url" in answer]
    assert sorted(issued) == sorted(tickets), "tickets that nobody asked for, or answers without"
    twice = [key for key, count in entries.items() if key[0] in answers and count > 1]
    assert not twice, twice


def _check_wholes(
    unanswered: Iterable[Sent], answers: dict[str, str], entries: Counter[tuple[str, str]]
) -> None:
    there = {request_id for request_id, _ in entries}
    for sent in unanswered:
        answer = answers.get(sent.request_id)
        if answer is None:
            assert sent.request_id not in there, f"half of {sent} is there"
        elif json.loads(answer).get("ticket", "issued") is not None:
            assert sent.request_id in there, f"half of {sent} is there"
