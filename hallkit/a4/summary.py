"""PURE: the manager's daily summary on A4."""

from hallkit.a4 import parts
from hallkit.a4.words import PageWords, SummaryWords
from hallkit.wire.slips import FigureGroup, SummarySlip, TallyTable

# A longer group may be broken over columns and pages.
_LONG = 24


def summary_page(slip: SummarySlip, words: PageWords) -> str:
    """The same figures and remarks as on the slip, as an HTML page."""
    own = words.summary
    when = f"{parts.day(slip.day)} {parts.weekday(slip.day)}"
    remarks = "".join(parts.tag("li", parts.text(remark)) for remark in slip.remarks)
    body = [
        parts.heading(slip.hall_name, own.title, slip.tags),
        parts.tag("p", parts.text(when), "middle strong"),
        parts.tag("div", "".join(_group(group) for group in slip.groups), "groups"),
        *(_table(table, own) for table in slip.tables),
        parts.tag("h2", parts.text(own.remarks)),
        parts.tag("ul", remarks) if remarks else parts.tag("p", parts.text(own.no_remarks)),
        parts.signatures(own.signers, words.shared.date),
    ]
    title = f"{slip.hall_name} {own.title} {slip.day.isoformat()}"
    return parts.document(title, "".join(body), words.shared, slip.issued_at)


def _group(group: FigureGroup) -> str:
    rows = "".join(parts.row(parts.cell(f.name), parts.cell(f.value)) for f in group.figures)
    title = parts.tag("h2", parts.text(group.title)) if group.title else ""
    of = "group long" if len(group.figures) > _LONG else "group"
    return parts.tag("div", title + parts.tag("table", rows, "figures"), of)


def _table(table: TallyTable, own: SummaryWords) -> str:
    issued = any(row.issued is not None for row in table.rows)
    counted = [*([own.issued] if issued else []), own.served, own.missed]
    top = parts.row(
        parts.head(table.title),
        *(parts.head(label, "count") for label in counted),
        *(parts.head(label, "wait") for label in (own.mean, own.p90)),
    )
    rows = []
    for row in table.rows:
        counts = [*([row.issued] if issued else []), row.served, row.missed]
        figures = [*counts, row.mean_min, row.p90_min]
        shown = (parts.cell("–" if n is None else n, "right") for n in figures)
        rows.append(parts.row(parts.cell(row.name), *shown))
    return parts.tag("table", parts.tag("thead", top) + "".join(rows), "tallies")
