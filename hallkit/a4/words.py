"""``config/pages.toml``: the words of the A4 papers, for a hall to edit."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import Settings, load

FILE = "pages.toml"
Label = Annotated[str, Field(min_length=1, max_length=30)]
Sentence = Annotated[str, Field(min_length=1, max_length=300)]
Sentences = Annotated[list[Sentence], Field(max_length=8)]
Signers = Annotated[list[Label], Field(max_length=4)]


class SharedWords(Settings):
    """``[shared]``: what stands on every page."""

    printed_at: Label
    page_number: Label
    date: Label


class ReceiptWords(Settings):
    """``[receipt]``: 受理凭证."""

    title: Label
    case_number: Label
    service: Label
    applicant: Label
    accepted_at: Label
    window: Label
    clerk: Label
    phone: Label
    promised: Label
    due_on: Label
    due_estimated: Sentence
    delivery: Label
    materials: Label
    material_number: Label
    material_name: Label
    material_form: Label
    no_materials: Label
    qr: Label
    notes: Sentences
    seal: Label
    signers: Signers


class AgencyWords(Settings):
    """``[agency]``: 代办登记表, of one matter and of a month."""

    title: Label
    month_title: Label
    number: Label
    applicant: Label
    phone: Label
    address: Label
    service: Label
    materials: Label
    due_on: Label
    step: Label
    step_on: Label
    step_by: Label
    step_text: Label
    steps: Annotated[list[Label], Field(min_length=5, max_length=5)]
    step_hints: Annotated[list[Label], Field(min_length=5, max_length=5)]
    rating: Label
    ratings: Annotated[list[Label], Field(min_length=5, max_length=5)]
    rating_comment: Label
    late: Label
    in_time: Label
    late_reason: Label
    signers: Signers
    month_signers: Signers
    row: Label
    month_agent: Label
    month_total: Label
    month_open: Label
    month_late: Label
    notes: Sentences


class SummaryWords(Settings):
    """``[summary]``: 大厅运行日报."""

    title: Label
    issued: Label
    served: Label
    missed: Label
    mean: Label
    p90: Label
    remarks: Label
    no_remarks: Label
    signers: Signers


class PageWords(Settings):
    """The whole file."""

    shared: SharedWords
    receipt: ReceiptWords
    agency: AgencyWords
    summary: SummaryWords


def load_words(folder: Path | None = None) -> PageWords:
    """The words from ``folder`` where it has the file, else the shipped ones. Raises
    ConfigError."""
    own = folder / FILE if folder is not None else None
    return load(own if own is not None and own.exists() else config_dir() / FILE, PageWords)
