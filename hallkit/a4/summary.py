"""PURE: the manager's daily summary on A4."""

from hallkit.a4 import parts
from hallkit.a4.words import PageWords
from hallkit.wire.slips import FigureGroup, SummarySlip

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
