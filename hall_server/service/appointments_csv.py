"""A table of appointments that were made by telephone or on the net."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from hall_server.domain.errors import Invalid, Refused
from hall_server.domain.instant import to_instant
from hall_server.service.appointments import Wanted
from hallkit.wire.ticket import Channel

COLUMNS = ("person", "service_id", "date", "time", "channel")
# In one transaction, for which a call may have to wait.
MOST_ROWS = 300
_LONGEST_PERSON = 64
_MOST_TOLD = 50


class Rows:
    """The rows of the table and everything that is wrong with them."""

    def __init__(self, text: str, zone: ZoneInfo) -> None:
        self._zone = zone
        self.problems: list[dict[str, object]] = []
        self.wanted: list[tuple[int, Wanted]] = list(self._read(text.removeprefix("\ufeff")))

    def wrong(self, row: int, zh: str, en: str) -> None:
        """Notes what is wrong with a row, counted from 1, the header being row 1."""
        self.problems.append({"row": row, "message": f"{zh} / {en}"})

    def refused(self, row: int, error: Refused) -> None:
        """Notes why a row was refused."""
        self.wrong(row, error.zh, error.en)

    def need_good(self) -> None:
        """Raises Invalid with everything that is wrong."""
        if not self.problems:
            return
        count = len(self.problems)
        raise Invalid(
            "invalid_rows",
            f"有 {count} 处错误，一条也没有导入",
            f"{count} mistake(s); nothing was imported",
            list(self.problems[:_MOST_TOLD]),
        )

    def _read(self, text: str) -> Iterator[tuple[int, Wanted]]:
        reader = csv.reader(io.StringIO(text, newline=""))
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != COLUMNS:
            wanted = ",".join(COLUMNS)
            self.wrong(1, f"第一行应为 {wanted}", f"the first row should be {wanted}")
            return
        try:
            for number, cells in enumerate(reader, 2):
                if number > MOST_ROWS + 1:
                    self.wrong(number, f"超过 {MOST_ROWS} 行", f"more than {MOST_ROWS} rows")
                    return
                found = self._row(number, [cell.strip() for cell in cells]) if any(cells) else None
                if found is not None:
                    yield number, found
        except csv.Error as error:
            self.wrong(reader.line_num, "不是有效的 CSV", f"is not CSV: {error}")

    def _row(self, number: int, cells: list[str]) -> Wanted | None:
        if len(cells) != len(COLUMNS):
            self.wrong(number, f"应有 {len(COLUMNS)} 列", f"should have {len(COLUMNS)} columns")
            return None
        person, service_id, day, clock, channel = cells
        before = len(self.problems)
        if not 0 < len(person) <= _LONGEST_PERSON:
            self.wrong(number, "person 为空或过长", "person is empty or too long")
        if channel not in get_args(Channel) or channel == "kiosk":
            self.wrong(number, "channel 应为 desk、phone 或 web", "channel: desk, phone or web")
        starts = self._time(number, day, clock)
        if len(self.problems) > before or starts is None:
            return None
        return Wanted(service_id, starts, person, channel)

    def _time(self, number: int, day: str, clock: str) -> int | None:
        try:
            if not day.startswith("2"):
                raise ValueError("not of this millennium")
            # Spreadsheets write 2026/12/1.
            text = f"{day.replace('/', '-')} {clock}"
            local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=self._zone)
            return to_instant(local)
        except (ValueError, OverflowError):
            self.wrong(
                number,
                "date 应如 2026-12-01，time 应如 09:00",
                "date as 2026-12-01, time as 09:00",
            )
            return None
