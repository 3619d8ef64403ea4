"""Notices: posting them, withdrawing them, and which there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from hall_server.domain.errors import Conflict, Invalid, NotFound
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Instant, Moment, from_instant, to_instant
from hall_server.domain.notice import Notice
from hall_server.service.commands import Commands
from hall_server.service.context import Context
from hall_server.service.ports import QueueReader, Reader, Store, Transaction
from hallkit.wire import board as wire
from hallkit.wire.board import NoticePlace
from hallkit.wire.ids import new_id
from hallkit.wire.message import Message

# More would not be read on a ticker, nor listened to.
MOST_RUNNING = 10


class NoticeEntry(wire.Notice):
    """A notice as managers see it. ``posted_by`` and ``withdrawn_by`` are names; ``ended_at`` is
    set once it has ended, by itself or by hand."""

    state: Literal["running", "ended", "withdrawn"]
    posted_by: str
    ended_at: AwareDatetime | None = None
    withdrawn_by: str | None = None


class NoticeList(Message):
    """Answer of ``GET /notices``: those that run and those that ended today, newest first.
    ``day_closes`` is when one ends that is posted now without a time of its own."""

    business_day: str
    day_closes: AwareDatetime
    notices: list[NoticeEntry]


@dataclass(frozen=True)
class Wanted:
    """What is to be told. Without ``until`` it ends when the day closes, or with ``stay`` not
    before somebody withdraws it."""

    text: str
    text_en: str
    places: Sequence[NoticePlace]
    until: datetime | None
    stay: bool
    every_min: int | None


class Notices:
    """Posts, withdraws and lists notices; thread-safe."""

    def __init__(self, store: Store, commands: Commands) -> None:
        self._store = store
        self._commands = commands

    def today(self) -> NoticeList:
        """Those that run, and those that ended today."""
        now, hall = self._commands.today(), self._commands.hall

        def work(tx: Reader) -> list[NoticeEntry]:
            return [_entry(tx, n, hall, now.at) for n in tx.notices_since(now.day_start)]

        return NoticeList(
            business_day=now.day,
            day_closes=hall.hours.day_closes(now.local),
            notices=self._store.read(work),
        )

    def post(self, actor: str, request_id: str, wanted: Wanted) -> str:
        """Posts one; returns it as JSON text. Raises Invalid, Conflict ``too_many_notices``."""
        command = {
            "text": wanted.text,
            "text_en": wanted.text_en,
            "places": list(wanted.places),
            "until": wanted.until.isoformat() if wanted.until is not None else None,
            "stay": wanted.stay,
            "every_min": wanted.every_min,
        }
        return self._commands.run(
            actor,
            request_id,
            "post-notice",
            command,
            lambda tx, context: _post(tx, context, wanted),
        )

    def withdraw(self, actor: str, request_id: str, notice_id: str) -> str:
        """Ends one; returns it as JSON text. Raises NotFound, Conflict ``notice_over``."""
        return self._commands.run(
            actor,
            request_id,
            "withdraw-notice",
            {"notice": notice_id},
            lambda tx, context: _withdraw(tx, context, notice_id),
        )


def running(reader: QueueReader, hall: Hall, now: Moment) -> list[wire.Notice]:
    """What everybody is told now, newest first."""
    found = reader.notices_since(now.at)
    return [_shown(notice, hall) for notice in found if notice.runs(now.at)]


def _post(tx: Transaction, context: Context, wanted: Wanted) -> NoticeEntry:
    now = context.now
    if sum(notice.runs(now) for notice in tx.notices_since(now)) >= MOST_RUNNING:
        raise Conflict(
            "too_many_notices",
            f"已有 {MOST_RUNNING} 条通知在播放，请先撤下不需要的",
            f"{MOST_RUNNING} notices are running already; withdraw one first",
        )
    notice = Notice(
        id=new_id(),
        text=wanted.text,
        text_en=wanted.text_en,
        on_board="board" in wanted.places,
        on_panels="panels" in wanted.places,
        on_voice="voice" in wanted.places,
        posted=now,
        posted_by=_staff_no(context),
        ends=_ends(context, wanted),
        every_min=wanted.every_min,
    )
    tx.add_notice(notice)
    return _told(tx, context, notice)


def _ends(context: Context, wanted: Wanted) -> Instant | None:
    if wanted.until is None:
        closes = context.hall.hours.day_closes(context.moment.local)
        return None if wanted.stay else to_instant(closes)
    ends = to_instant(wanted.until)
    if ends <= context.now:
        message = "结束时间已经过去 / the time at which it should end is past"
        raise Invalid(
            "invalid_fields",
            "字段有误：until",
            "invalid fields: until",
            [{"field": "until", "message": message}],
        )
    return ends


def _withdraw(tx: Transaction, context: Context, notice_id: str) -> NoticeEntry:
    found = tx.notice(notice_id)
    if found is None:
        raise NotFound("unknown_notice", "没有这条通知", "there is no such notice")
    notice = found.withdraw(_staff_no(context), context.now)
    tx.save_notice(notice)
    return _told(tx, context, notice)


def _told(tx: Transaction, context: Context, notice: Notice) -> NoticeEntry:
    shown = _shown(notice, context.hall).model_dump(mode="json")
    context.record(tx, "hall.changed", notice=shown, withdrawn=notice.withdrawn is not None)
    return _entry(tx, notice, context.hall, context.now)


def _staff_no(context: Context) -> str:
    return context.actor.removeprefix("staff:")


def _places(notice: Notice) -> list[NoticePlace]:
    places: list[tuple[NoticePlace, bool]] = [
        ("board", notice.on_board),
        ("panels", notice.on_panels),
        ("voice", notice.on_voice),
    ]
    return [place for place, wanted in places if wanted]


def _shown(notice: Notice, hall: Hall) -> wire.Notice:
    return wire.Notice(
        id=notice.id,
        text=notice.text,
        text_en=notice.text_en,
        places=_places(notice),
        posted_at=from_instant(notice.posted, hall.zone),
        until=from_instant(notice.ends, hall.zone) if notice.ends is not None else None,
        every_min=notice.every_min,
    )


def _entry(tx: Reader, notice: Notice, hall: Hall, now: Instant) -> NoticeEntry:
    runs = notice.runs(now)
    ended = None if runs else notice.withdrawn or notice.ends
    by = notice.withdrawn_by
    return NoticeEntry(
        **_shown(notice, hall).model_dump(),
        state="running" if runs else "withdrawn" if by is not None else "ended",
        posted_by=_name(tx, notice.posted_by),
        ended_at=from_instant(ended, hall.zone) if ended is not None else None,
        withdrawn_by=_name(tx, by) if by is not None else None,
    )


def _name(tx: Reader, staff_no: str) -> str:
    staff = tx.staff(staff_no)
    return staff.name if staff is not None else staff_no
