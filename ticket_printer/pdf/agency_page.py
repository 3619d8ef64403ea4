"""PURE: 代办登记表 on A4: the form of one matter, the register of a month, and both empty."""

from collections.abc import Sequence
from datetime import date

from hallkit.a4 import parts
from hallkit.a4.words import AgencyWords, PageWords
from ticket_printer.pdf.agency import AgencyForm, AgencyMatter, AgencyMonth, Step

# What fits an A4 page lying on its side, with the signatures.
_EMPTY_ROWS = 12
_TICKED, _UNTICKED = "■", "□"


def form_page(form: AgencyForm, words: PageWords) -> str:
    """One matter from the question to the public notice."""
    return _form(form.hall_name, form.matter, form.made_on, words)


def empty_form_page(hall_name: str, words: PageWords) -> str:
    """The form to be filled in by hand; each step says what is written there."""
    return _form(hall_name, None, None, words)


def month_page(register: AgencyMonth, words: PageWords) -> str:
    """Every matter of a month, a line each, with the totals."""
    matters, made_on = register.matters, register.made_on
    year, month = register.month.split("-")
    own = words.agency
    rows = [_month_row(i, m, m.late(made_on), year, own) for i, m in enumerate(matters, 1)]
    totals = {
        own.month_total: len(matters),
        own.month_open: sum(m.replied is None for m in matters),
        own.month_late: sum(m.late(made_on) for m in matters),
    }
    counted = "　".join(template.replace("{n}", str(n)) for template, n in totals.items())
    return _month(register.hall_name, f"{year}年{int(month)}月", rows, counted, words)


def empty_month_page(hall_name: str, words: PageWords) -> str:
    """The register to be filled in by hand."""
    columns = len(_month_labels(words.agency))
    rows = [
        parts.row(parts.cell(i, "middle"), *(parts.cell("") for _ in range(columns - 1)))
        for i in range(1, _EMPTY_ROWS + 1)
    ]
    return _month(hall_name, "　　　　年　　月", rows, "", words)


def _form(hall_name: str, matter: AgencyMatter | None, today: date | None, words: PageWords) -> str:
    own = words.agency
    body = [
        parts.heading(hall_name, own.title),
        _who(matter, own),
        parts.tag("h2", parts.text(" → ".join(own.steps))),
        _steps(matter, own),
        parts.tag("h2", parts.text(own.rating)),
        _rating(matter, own),
        _lateness(matter, today, own),
        parts.tag("div", parts.notes(own.notes), "notes"),
        parts.signatures(own.signers, words.shared.date),
    ]
    title = f"{own.title} {matter.number if matter else ''}".strip()
    return parts.document(title, "".join(body), words.shared, None)


def _who(matter: AgencyMatter | None, own: AgencyWords) -> str:
    """Every row is there, also where there is nothing to say: it is a form."""
    pairs = [
        (own.number, matter.number if matter else ""),
        (own.due_on, parts.day(matter.due_on) if matter else ""),
        (own.applicant, matter.applicant if matter else ""),
        (own.phone, matter.phone if matter else ""),
    ]
    wide = [
        (own.address, matter.address if matter else ""),
        (own.service, matter.service_name if matter else ""),
        (own.materials, "；".join(matter.materials) if matter else ""),
    ]
    rows = [
        parts.row(*(parts.head(a, "label") + parts.cell(b) for a, b in pairs[i : i + 2]))
        for i in (0, 2)
    ]
    rows += [parts.row(parts.head(a, "label"), parts.cell(b, span=3)) for a, b in wide]
    return parts.tag("table", "".join(rows))


def _steps(matter: AgencyMatter | None, own: AgencyWords) -> str:
    labels = (own.step, own.step_on, own.step_by, own.step_text)
    top = parts.tag("thead", parts.row(*map(parts.head, labels, ("label", "date", "name", ""))))
    steps: Sequence[Step | None] = matter.steps() if matter else [None] * len(own.steps)
    rows = "".join(
        _step(name, step, "" if matter else hint)
        for name, step, hint in zip(own.steps, steps, own.step_hints, strict=True)
    )
    return parts.tag("table", top + rows, "tall")


def _step(name: str, step: Step | None, hint: str) -> str:
    if step is None:
        return parts.row(parts.head(name), parts.cell(""), parts.cell(""), parts.cell(hint, "hint"))
    words = (parts.day(step.on), step.by, step.text)
    return parts.row(parts.head(name), *map(parts.cell, words))


def _rating(matter: AgencyMatter | None, own: AgencyWords) -> str:
    chosen = matter.rating if matter else None
    grades = zip(range(5, 0, -1), own.ratings, strict=True)
    marks = "".join(
        parts.tag("span", f"{_TICKED if n == chosen else _UNTICKED} {parts.text(label)}", "mark")
        for n, label in grades
    )
    comment = parts.cell(matter.comment if matter else "")
    return parts.tag(
        "table",
        parts.row(parts.head(own.rating, "label"), parts.tag("td", marks))
        + parts.row(parts.head(own.rating_comment, "label"), comment),
    )


def _lateness(matter: AgencyMatter | None, today: date | None, own: AgencyWords) -> str:
    """Late or in time, and why; said of a matter that was answered or is overdue."""
    late = matter is not None and today is not None and matter.late(today)
    known = late or (matter is not None and matter.replied is not None)
    in_time = known and not late and matter is not None and matter.due_on is not None
    marks = "".join(
        parts.tag("span", f"{_TICKED if on else _UNTICKED} {parts.text(label)}", "mark")
        for on, label in ((in_time, own.in_time), (late, own.late))
    )
    why = parts.cell(matter.late_reason if matter else "")
    return parts.tag(
        "table",
        parts.row(parts.tag("th", marks, "either"), parts.head(own.late_reason, "label"), why),
    )


def _month_labels(own: AgencyWords) -> list[tuple[str, str]]:
    """The columns' headings and classes, which give their widths."""
    return [
        (own.row, "order"),
        (own.number, "wide-word"),
        (own.applicant, "who"),
        (own.phone, "wide-word"),
        (own.service, ""),
        *((step, "step") for step in own.steps),
        (own.due_on, "who"),
        (own.rating, "who"),
        (own.late_reason, ""),
        (own.month_agent, "who"),
    ]


def _month_row(number: int, matter: AgencyMatter, late: bool, year: str, own: AgencyWords) -> str:
    rated = own.ratings[5 - matter.rating] if matter.rating else ""
    why = f"{own.late}：{matter.late_reason}".rstrip("：") if late else ""
    who = [matter.number, matter.applicant, matter.phone, matter.service_name]
    days = [_short(step.on if step else None, year) for step in matter.steps()]
    rest = [_short(matter.due_on, year), rated, why, matter.agent]
    return parts.row(parts.cell(number, "middle"), *map(parts.cell, [*who, *days, *rest]))


def _short(of: date | None, year: str) -> str:
    """11-23; with its year when that is not the register's."""
    if of is None:
        return ""
    return f"{of:%m-%d}" if of.year == int(year) else of.isoformat()


def _month(hall_name: str, month: str, rows: list[str], counted: str, words: PageWords) -> str:
    own = words.agency
    top = parts.tag("thead", parts.row(*(parts.head(*label) for label in _month_labels(own))))
    line = parts.tag("span", parts.text(month), "strong")
    line += parts.tag("span", parts.text(counted))
    body = [
        parts.heading(hall_name, own.month_title),
        parts.tag("div", line, "top"),
        parts.tag("table", top + "".join(rows), "month"),
        parts.signatures(own.month_signers, words.shared.date),
    ]
    title = f"{own.month_title} {month}".strip("　 ")
    return parts.document(title, "".join(body), words.shared, None, wide=True)
