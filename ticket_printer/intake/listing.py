"""The jobs that people ask about, as ``GET /jobs`` answers them."""

from datetime import datetime

from hallkit.wire.message import Message
from hallkit.wire.printing import JobView
from hallkit.wire.slips import SLIP_NAMES
from ticket_printer.spool.lookup import Entry
from ticket_printer.spool.states import WORDS


class ListedJob(JobView):
    """A job in a list: its ``number`` (empty when it has none), what it is in words, its state in
    words, whether it is a reprint, and when it was accepted, in the hall's own time."""

    number: str
    name: str
    name_en: str
    words: str
    words_en: str
    reprint: bool
    accepted_at: datetime


class JobList(Message):
    """Answer of ``GET /jobs``: with ``?number=`` the jobs of that number, else what is unknown or
    failed (of today, not printed again) and what is held, being printed or queued."""

    jobs: list[ListedJob]


def listed(entry: Entry, view: JobView) -> ListedJob:
    """An entry of the list, from where its job stands."""
    name, name_en = names_of(entry)
    words, words_en = WORDS[entry.job.state]
    return ListedJob(
        **view.model_dump(),
        number=entry.number,
        name=name,
        name_en=name_en,
        words=words,
        words_en=words_en,
        reprint=entry.job.reprint_of is not None,
        accepted_at=entry.accepted_at,
    )


def names_of(entry: Entry) -> tuple[str, str]:
    """What people call a slip: ``A012``, ``受理凭证 SL-7``, ``运行日报``; Chinese and English."""
    if entry.kind == "ticket" and entry.number:
        return entry.number, entry.number
    zh, en = SLIP_NAMES.get(entry.kind, ("单据", "slip"))
    return f"{zh} {entry.number}".strip(), f"{en} {entry.number}".strip()
