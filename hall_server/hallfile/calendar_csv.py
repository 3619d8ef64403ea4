"""A table of rest days and make-up workdays from a CSV file: ``date,kind``."""

import csv
import io
from datetime import date
from pathlib import Path

from hall_server.domain.calendar import YearTable, by_year
from hallkit.runtime.settings import ConfigError, Problem

HEADER = ["date", "kind"]
_KINDS = {"rest": "rest", "work": "work", "休": "rest", "班": "work"}


def read_table(path: Path) -> str:
    """The text of a CSV file in UTF-8, or in GB 18030 as spreadsheets in China save it. Raises
    ConfigError, OSError."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            zh, en = "应为 UTF-8 或 GB18030 编码", "should be UTF-8 or GB 18030"
            raise ConfigError([Problem(str(path), "", zh, en)]) from None


def load_calendar(path: Path) -> dict[int, YearTable]:
    """The tables by year. Raises ConfigError with everything that is wrong, OSError."""
    problems: list[Problem] = []

    def wrong(row: int, zh: str, en: str) -> None:
        problems.append(Problem(str(path), f"{row}", zh, en))

    found: dict[date, str] = {}
    reader = csv.reader(io.StringIO(read_table(path), newline=""))
    if [cell.strip() for cell in next(reader, [])] != HEADER:
        wrong(1, "第一行应为 date,kind", "the first row should be date,kind")
    for row, cells in enumerate(reader, 2):
        if not any(cells):
            continue
        day, kind = _row([cell.strip() for cell in cells])
        if day is None:
            wrong(row, "日期应如 2027-01-01", "the date should be as 2027-01-01")
        elif kind is None:
            wrong(row, "kind 应为 rest（放假）或 work（补班）", "kind should be rest or work")
        elif day in found:
            wrong(row, f"{day} 写了两次", f"{day} is there twice")
        else:
            found[day] = kind
    if not found and not problems:
        wrong(1, "没有任何日期", "there is no date")
    if problems:
        raise ConfigError(problems)
    return by_year(
        (day for day, kind in found.items() if kind == "rest"),
        (day for day, kind in found.items() if kind == "work"),
    )


def _row(cells: list[str]) -> tuple[date | None, str | None]:
    text, kind = (*cells, "", "")[:2]
    try:
        return date.fromisoformat(text), _KINDS.get(kind)
    except ValueError:
        return None, None
