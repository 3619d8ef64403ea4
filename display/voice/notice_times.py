"""PURE: when the hall's notices are spoken: once when posted, then in their own interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallkit.wire.board import Notice

# A notice that missed its time by more than this, because the program or the link was not there,
# waits for its next time.
LATE = timedelta(seconds=60)

Key = tuple[str, datetime, int | None]


def key(notice: Notice) -> Key:
    """What makes a notice the same one, also when its words were corrected."""
    return notice.id, notice.posted_at, notice.every_min


@dataclass
class _Entry:
    notice: Notice
    live: bool
    said: int = -1


class NoticeTimes:
    """The notices in force and which of their times have passed. The times of a notice are
    ``posted_at`` and, with ``every_min``, every so many minutes after it, before ``until``; each
    is spoken at most once. Not thread-safe."""

    def __init__(self) -> None:
        self._entries: dict[Key, _Entry] = {}

    def take(self, notices: Sequence[Notice], *, live: bool) -> None:
        """Takes all notices of the board. ``live``: what is new was posted while the link was up,
        and is spoken whatever the clocks say."""
        entries: dict[Key, _Entry] = {}
        for notice in notices:
            if "voice" in notice.places:
                known = self._entries.get(key(notice))
                entries[key(notice)] = known or _Entry(notice, live)
                entries[key(notice)].notice = notice
        self._entries = entries

    def holds(self, notice: Notice, now: datetime) -> bool:
        """Whether the notice is still in force, with these words."""
        entry = self._entries.get(key(notice))
        return entry is not None and entry.notice.text == notice.text and not _over(notice, now)

    def due(self, now: datetime) -> list[Notice]:
        """Notices to be spoken now; their time counts as spoken afterwards."""
        return [entry.notice for entry in self._entries.values() if _due(entry, now)]

    def next_s(self, now: datetime) -> float | None:
        """Seconds until the next time of any notice; None when there is none."""
        waits = [_next(entry, now) for entry in self._entries.values()]
        return min((wait for wait in waits if wait is not None), default=None)


def _over(notice: Notice, now: datetime) -> bool:
    return notice.until is not None and now >= notice.until


def _slot(notice: Notice, now: datetime) -> int:
    """Which of its times was the last; -1 before it is posted."""
    if now < notice.posted_at:
        return -1
    if not notice.every_min:
        return 0
    return (now - notice.posted_at) // timedelta(minutes=notice.every_min)


def _at(notice: Notice, slot: int) -> datetime:
    return notice.posted_at + slot * timedelta(minutes=notice.every_min or 0)


def _due(entry: _Entry, now: datetime) -> bool:
    notice = entry.notice
    new = entry.live and entry.said < 0
    if 0 <= _slot(notice, now) < entry.said - 1:
        # The clock was set back by more than one interval.
        entry.said = _slot(notice, now)
    slot = max(0, _slot(notice, now)) if new else _slot(notice, now)
    if _over(notice, now) or slot <= entry.said:
        return False
    entry.said = slot
    return new or now - _at(notice, slot) <= LATE


def _next(entry: _Entry, now: datetime) -> float | None:
    notice = entry.notice
    if _over(notice, now):
        return None
    if entry.said < 0:
        wait = timedelta() if entry.live else notice.posted_at - now
        return max(0.0, wait.total_seconds())
    if not notice.every_min:
        return None
    at = _at(notice, max(entry.said, _slot(notice, now)) + 1)
    if notice.until is not None and at >= notice.until:
        return None
    return (at - now).total_seconds()
