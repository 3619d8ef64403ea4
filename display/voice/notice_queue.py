"""PURE: the notices whose time has come, in the order in which it came."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from display.voice.notice_text import sentences
from display.voice.notice_times import NoticeTimes, key
from hallkit.wire.board import Notice

# A notice that cannot be spoken is tried again for that long.
GIVE_UP = timedelta(seconds=60)


@dataclass
class NoticeJob:
    """A notice to be spoken: ``parts`` of its sound are made when its turn comes, and what calls
    interrupted is said after them."""

    notice: Notice
    due_at: datetime
    sentences: list[str]
    parts: list[Any] = field(default_factory=list)
    file: str = ""


class NoticeQueue:
    """Notices that wait to be spoken, each once. Not thread-safe."""

    def __init__(self) -> None:
        self._times = NoticeTimes()
        self._jobs: list[NoticeJob] = []

    def take(self, notices: Sequence[Notice], *, live: bool) -> None:
        """Takes all notices in force."""
        self._times.take(notices, live=live)

    def next(self, now: datetime) -> NoticeJob | None:
        """Takes out what is spoken next; a notice that is no longer in force is passed over."""
        for notice in self._times.due(now):
            self._jobs = [job for job in self._jobs if key(job.notice) != key(notice)]
            self._jobs.append(NoticeJob(notice, now, sentences(notice.text)))
        while self._jobs:
            job = self._jobs.pop(0)
            if job.sentences and self._times.holds(job.notice, now):
                return job
        return None

    def put_back(self, job: NoticeJob) -> None:
        """Takes back a notice that was interrupted, or could not be spoken, to be the next."""
        self._jobs.insert(0, job)

    def wait_s(self, now: datetime, most_s: float) -> float | None:
        """How long to wait for the next notice, at most ``most_s``; None: for ever."""
        wait = self._times.next_s(now)
        return None if wait is None else max(0.0, min(wait, most_s))
