"""PURE: the notices whose time has come, in the order in which it came."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from display.voice.notice_text import sentences
from display.voice.notice_times import NoticeTimes, key
from hallkit.wire.board import Notice


@dataclass
class NoticeJob:
    """A notice to be spoken: ``parts`` of its sound are made when its turn comes, and what calls
    interrupted is said after them. ``failing_since``: seconds of any steady clock, None while it
    was not tried in vain."""

    notice: Notice
    sentences: list[str]
    parts: list[Any] = field(default_factory=list)
    failing_since: float | None = None


class NoticeQueue:
    """Notices that wait to be spoken, each once. Not thread-safe."""

    def __init__(self) -> None:
        self._times = NoticeTimes()
        self._jobs: list[NoticeJob] = []

    def take(self, notices: Sequence[Notice], *, live: bool) -> None:
        """Takes all notices in force."""
        self._times.take(notices, live=live)

    def collect(self, now: datetime) -> None:
        """Queues the notices whose time has come: a busy hall says them when its calls allow."""
        for notice in self._times.due(now):
            self._jobs = [job for job in self._jobs if key(job.notice) != key(notice)]
            self._jobs.append(NoticeJob(notice, sentences(notice.text)))

    def next(self, now: datetime) -> NoticeJob | None:
        """Takes out what is spoken next; a notice that is no longer in force is passed over."""
        self.collect(now)
        while self._jobs:
            job = self._jobs.pop(0)
            if job.sentences and self.holds(job, now):
                return job
        return None

    def holds(self, job: NoticeJob, now: datetime) -> bool:
        """Whether the notice is still in force, with these words."""
        return self._times.holds(job.notice, now)

    def put_back(self, job: NoticeJob) -> None:
        """Takes back a notice that was interrupted, or could not be spoken, to be the next."""
        self._jobs.insert(0, job)

    def wait_s(self, now: datetime, most_s: float) -> float | None:
        """How long to wait for the next notice, at most ``most_s``; None: for ever."""
        wait = self._times.next_s(now)
        return None if wait is None else max(0.0, min(wait, most_s))
