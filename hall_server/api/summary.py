"""The day in figures for the manager: as data, as PDF, as a slip from the desk printer."""

import logging
from datetime import date as Date  # noqa: N812 - the field has the contract's name
from typing import Annotated

from flask import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hall_server.api.access import caller, need_known, need_staff
from hall_server.api.bodies import Command
from hall_server.api.document import (
    ADDRESS,
    BODY,
    DEVICE,
    KNOWN,
    NEEDS_ROLE,
    STAFF,
    STAFF_COMMAND,
    answers,
    blueprint,
    refused,
)
from hall_server.api.errors import error_response
from hall_server.api.parts import parts
from hall_server.api.replies import json_text, reply
from hall_server.domain.errors import Forbidden
from hall_server.service.answers import Done
from hall_server.service.ports import DeviceRecord
from hall_server.service.summary import request_print
from hallkit.a4.press import PdfFailed, pdf_of
from hallkit.a4.summary import summary_page
from hallkit.a4.words import load_words
from hallkit.runtime.fonts import FontMissing
from hallkit.runtime.settings import ConfigError
from hallkit.wire.slips import SummarySlip

_log = logging.getLogger(__name__)
api = blueprint("summary")
_PDF = "application/pdf"


class SummaryQuery(BaseModel):
    """A day, today when absent."""

    model_config = ConfigDict(extra="forbid")

    date: Date | None = None

    def day(self) -> str:
        """The day that is meant."""
        return _day(self.date)


def _written(day: object) -> object:
    if day is not None and not isinstance(day, str):
        raise ValueError('日期应写成 "2026-11-23" / a day should be written "2026-11-23"')
    return day


class SummaryPrintBody(Command):
    """``POST /summary/print``: a day, today when absent."""

    date: Annotated[Annotated[Date, Field(strict=False)] | None, BeforeValidator(_written)] = None


def _day(given: Date | None) -> str:
    return given.isoformat() if given is not None else parts().commands.today().day


def _printer() -> DeviceRecord | None:
    """The ticket printer that asks; None when it is somebody else."""
    device = caller().device
    return device if device is not None and device.kind == "printer" else None


@api.get(
    "/summary",
    summary="A day in figures",
    security=KNOWN,
    responses=answers(200, SummarySlip, *NEEDS_ROLE, *ADDRESS),
)
def get_summary(query: SummaryQuery) -> Response:
    """Managers, and ticket printers."""
    if _printer() is None:
        need_staff("manager")
    return reply(parts().queries.summary(query.day()))


@api.get(
    "/summary.pdf",
    summary="A day in figures, to be printed on A4",
    security=STAFF,
    responses={
        "200": {"description": "the PDF", "content": {_PDF: {"schema": {"type": "string"}}}},
        **refused(*NEEDS_ROLE, *ADDRESS),
    },
)
def get_summary_pdf(query: SummaryQuery) -> Response:
    """Managers. 503 when no PDF can be made on this machine."""
    need_staff("manager")
    day = query.day()
    slip = parts().queries.summary(day)
    try:
        pdf = pdf_of(summary_page(slip, load_words()))
    except PdfFailed as error:
        _log.error("no summary as PDF: %s", error)
        return error_response(503, "no_pdf", error.zh, error.en)
    except (ConfigError, FontMissing) as error:
        _log.error("no summary as PDF: %s", error)
        zh, _, en = str(error).splitlines()[0].partition(" / ")
        return error_response(503, "no_pdf", zh, en)
    response = Response(pdf, mimetype=_PDF)
    response.headers["Content-Disposition"] = f'attachment; filename="{day}.pdf"'
    return response


@api.post(
    "/summary/print",
    summary="Prints a day in figures on the desk printer",
    security=STAFF_COMMAND,
    responses=answers(200, Done, *NEEDS_ROLE, *BODY, 404, 409),
)
def print_summary(body: SummaryPrintBody) -> Response:
    """Managers. A printer program that prints for the guide desk prints it as soon as it can; it is
    not known here whether there is one."""
    actor = f"staff:{need_staff('manager').staff_no}"
    day = _day(body.date)
    text = parts().commands.run(
        actor,
        body.request_id,
        "print-summary",
        {"day": day},
        lambda tx, context: request_print(tx, context, day),
    )
    return json_text(text)


@api.post(
    "/summary/claim",
    summary="Which printer prints a day in figures",
    security=DEVICE,
    responses=answers(200, Done, *NEEDS_ROLE, *BODY, 409),
)
def claim_summary(body: Command) -> Response:
    """Ticket printers, with the ``claim`` of ``summary.requested`` as ``request_id``: the first may
    print, however often it asks; 409 for every other."""
    need_known()
    printer = _printer()
    if printer is None:
        raise Forbidden("not_allowed", "只有打印机可以这样做", "only a printer may do this")
    text = parts().commands.run(
        f"device:{printer.id}", body.request_id, "claim-summary", {}, lambda *_: Done()
    )
    return json_text(text)
