"""``hall printer pdf --kind receipt --out receipt.pdf``: the hall's A4 papers."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hallkit.a4.press import PdfFailed, pdf_of
from hallkit.a4.summary import summary_page
from hallkit.a4.words import PageWords, load_words
from hallkit.runtime.fonts import FontMissing
from hallkit.runtime.settings import ConfigError, Problem, problems_of
from hallkit.wire.slips import ReceiptSlip, SummarySlip
from ticket_printer.pdf.agency import AgencyForm, AgencyMonth
from ticket_printer.pdf.agency_page import (
    empty_form_page,
    empty_month_page,
    form_page,
    month_page,
)
from ticket_printer.pdf.receipt import receipt_page
from ticket_printer.pdf.samples import sample_form, sample_month
from ticket_printer.render.samples import SampleHall, sample

M = TypeVar("M", bound=BaseModel)
Page = Callable[[argparse.Namespace, PageWords], str]


def main(argv: list[str]) -> int:
    """Writes one paper as PDF. 2: the data or the words are wrong; 1: no PDF was made."""
    options = _parser().parse_args(argv)
    page, empty = _PAGES[options.kind]
    try:
        words = load_words(options.slips)
        if options.empty:
            if empty is None:
                raise ValueError(f"--empty: {'、'.join(k for k, p in _PAGES.items() if p[1])}")
            html = empty(options.hall_name, words)
        else:
            html = page(options, words)
        pdf = pdf_of(html)
        options.out.write_bytes(pdf)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, ValueError, FontMissing, PdfFailed) as error:
        print(f"没有制作 PDF / no PDF: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: {len(pdf)} bytes")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall printer pdf",
        description="制作 A4 单据（PDF），用普通打印机打印后长期保存。"
        "Makes an A4 paper to be kept; without DATA a sample.",
    )
    parser.add_argument("data", type=Path, nargs="?", help="a JSON file, see docs/printers.md")
    parser.add_argument(
        "--kind",
        choices=tuple(_PAGES),
        required=True,
        help="receipt: 受理凭证; agency: 代办登记表; agency-month: 代办台账; summary: 大厅运行日报",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the PDF to write")
    parser.add_argument("--empty", action="store_true", help="a form to be filled in by hand")
    parser.add_argument(
        "--hall-name", default=SampleHall().name, metavar="NAME", help="on an empty form"
    )
    parser.add_argument("--slips", type=Path, metavar="FOLDER", help="where pages.toml may be")
    return parser


def _data(options: argparse.Namespace, model: type[M], otherwise: M) -> M:
    """What is in the file, or the sample. Raises ConfigError with everything that is wrong."""
    path: Path | None = options.data
    if path is None:
        return otherwise
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError([Problem(str(path), "", "文件不存在", "there is no such file")]) from None
    except ValidationError as error:
        raise ConfigError(problems_of(error, model, str(path))) from None


def _receipt(options: argparse.Namespace, words: PageWords) -> str:
    shown = sample("receipt")
    assert isinstance(shown, ReceiptSlip)
    return receipt_page(_data(options, ReceiptSlip, shown), words)


def _summary(options: argparse.Namespace, words: PageWords) -> str:
    shown = sample("summary")
    assert isinstance(shown, SummarySlip)
    return summary_page(_data(options, SummarySlip, shown), words)


def _agency(options: argparse.Namespace, words: PageWords) -> str:
    return form_page(_data(options, AgencyForm, sample_form()), words)


def _agency_month(options: argparse.Namespace, words: PageWords) -> str:
    return month_page(_data(options, AgencyMonth, sample_month()), words)


_PAGES: dict[str, tuple[Page, Callable[[str, PageWords], str] | None]] = {
    "receipt": (_receipt, None),
    "agency": (_agency, empty_form_page),
    "agency-month": (_agency_month, empty_month_page),
    "summary": (_summary, None),
}
