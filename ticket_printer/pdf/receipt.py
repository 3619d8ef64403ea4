"""PURE: the A4 twin of the receipt (受理凭证), to be kept where thermal paper would fade."""

import io

import segno

from hallkit.a4 import parts
from hallkit.a4.words import PageWords, ReceiptWords
from hallkit.wire.slips import ReceiptSlip


def receipt_page(slip: ReceiptSlip, words: PageWords) -> str:
    """The same words as on the slip, as an HTML page."""
    own = words.receipt
    body = [
        parts.heading(slip.hall_name, own.title, slip.tags),
        _facts(slip, own),
        parts.tag("p", parts.text(own.due_estimated)) if slip.due_estimated else "",
        _materials(slip, own),
        _bottom(slip, own),
        parts.signatures(own.signers),
        _seal(slip, own),
    ]
    title = f"{own.title} {slip.case_number}"
    return parts.document(title, "".join(body), words.shared, slip.issued_at)


def _facts(slip: ReceiptSlip, own: ReceiptWords) -> str:
    facts = [
        (own.case_number, slip.case_number),
        (own.accepted_at, parts.moment(slip.issued_at)),
        (own.applicant, slip.applicant),
        (own.window, slip.window),
        (own.promised, slip.promised),
        (own.due_on, parts.day(slip.due_on)),
        (own.delivery, slip.delivery),
        (own.clerk, slip.clerk),
        (own.phone, slip.phone),
    ]
    return parts.whole(own.service, slip.service_name) + parts.pairs(facts)


def _materials(slip: ReceiptSlip, own: ReceiptWords) -> str:
    title = parts.tag("h2", parts.text(own.materials))
    if not slip.materials:
        return title + parts.tag("p", parts.text(own.no_materials))
    labels = (own.material_number, own.material_name, own.material_form)
    top = parts.tag("thead", parts.row(*map(parts.head, labels, ("order", "", ""))))
    rows = "".join(
        parts.row(parts.cell(i, "middle"), parts.cell(paper.name), parts.cell(paper.detail))
        for i, paper in enumerate(slip.materials, 1)
    )
    return title + parts.tag("table", top + rows)


def _bottom(slip: ReceiptSlip, own: ReceiptWords) -> str:
    small = parts.tag("div", parts.notes(own.notes), "notes")
    if not slip.url:
        return parts.tag("div", small, "bottom")
    code = parts.tag("div", _qr(slip.url) + f"<br>{parts.text(own.qr)}", "code")
    return parts.tag("div", small + code, "bottom")


def _qr(url: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, omitsize=True, border=2
    )
    return out.getvalue().decode()


def _seal(slip: ReceiptSlip, own: ReceiptWords) -> str:
    lines = (own.seal, slip.hall_name, parts.day(slip.issued_at.date()))
    return parts.tag("div", "<br>".join(map(parts.text, lines)), "seal")
