"""A4 papers: what was asked stands on them, selectable, in embedded fonts."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hallkit.a4.press import PdfFailed, pdf_of
from hallkit.a4.words import load_words
from hallkit.runtime.paths import config_dir
from hallkit.wire.slips import Material, ReceiptSlip, SummarySlip
from tests.support.pdf_reading import fonts_of, pages_of, picture_of, text_of
from ticket_printer.cli import main
from ticket_printer.pdf.agency import AgencyForm, AgencyMatter
from ticket_printer.pdf.agency_page import form_page
from ticket_printer.pdf.receipt import receipt_page
from ticket_printer.pdf.samples import sample_form
from ticket_printer.render.samples import sample
from ticket_printer.render.words import words_of

KINDS = ("receipt", "agency", "agency-month", "summary")


def made(folder: Path, kind: str, *more: str) -> bytes:
    out = folder / f"{kind}.pdf"
    assert main(["pdf", "--kind", kind, "--out", str(out), *more]) == 0
    return out.read_bytes()


def squeezed(words: str) -> str:
    return "".join(words.split())


@pytest.mark.parametrize("kind", KINDS)
def test_fonts_are_embedded_and_their_text_can_be_read(tmp_path: Path, kind: str) -> None:
    fonts = fonts_of(made(tmp_path, kind))
    assert fonts
    for font in fonts:
        # The simplified face: face 0 of the collection is the Japanese one.
        assert "Noto-Sans-CJK-SC" in font.name
        assert font.embedded
        assert font.subset
        assert font.has_text


def test_the_receipt_says_what_its_slip_says(tmp_path: Path) -> None:
    pdf = made(tmp_path, "receipt")
    said = text_of(pdf)
    words = words_of(sample("receipt"))
    for name, text in words.texts.items():
        if name not in ("url", "today"):
            assert squeezed(text) in said, name
    for paper, form in words.lists["materials"]:
        assert squeezed(paper) in said
        assert squeezed(form) in said
    assert pages_of(pdf) == 1
    (code,) = zxingcpp.read_barcodes(Image.open(picture_of(pdf, tmp_path)))
    assert code.text == words.texts["url"]


def test_rare_characters_can_be_selected(tmp_path: Path) -> None:
    name = "张㐂𠮷·刘〇℃䶮"
    slip = sample("receipt")
    assert isinstance(slip, ReceiptSlip)
    pdf = pdf_of(receipt_page(slip.model_copy(update={"applicant": name}), load_words()))
    assert name in text_of(pdf)
    assert all("Noto-Sans-CJK-SC" in font.name for font in fonts_of(pdf))


def test_a_long_receipt_goes_on_over_the_page_with_its_headings(tmp_path: Path) -> None:
    slip = sample("receipt")
    assert isinstance(slip, ReceiptSlip)
    papers = [Material(name=f"第{i}份材料", detail="原件一份，" * 20) for i in range(1, 41)]
    pdf = pdf_of(receipt_page(slip.model_copy(update={"materials": papers}), load_words()))
    said, pages = text_of(pdf), pages_of(pdf)
    assert pages > 1
    assert all(f"第{i}份材料" in said for i in range(1, 41))
    assert f"第{pages}页，共{pages}页" in said
    assert said.count("材料名称") >= 2


def test_what_a_slip_says_is_never_taken_for_a_command(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密内容")
    evil = f'<object data="file://{secret}"></object><style>*{{display:none}}</style>\x00&amp;'
    slip = sample("receipt")
    assert isinstance(slip, ReceiptSlip)
    pdf = pdf_of(receipt_page(slip.model_copy(update={"applicant": evil}), load_words()))
    said = text_of(pdf)
    assert squeezed(evil.replace("\x00", " ")) in said
    assert "秘密内容" not in said
    assert "受理凭证" in said


def test_nothing_is_read_from_the_machine_whatever_stands_in_a_page(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.new("RGB", (200, 200), "black").save(picture)
    html = f'<img src="file://{picture}" width="200" height="200">'
    shown = Image.open(picture_of(pdf_of(html), tmp_path)).convert("L")
    assert shown.getextrema() == (255, 255)


def test_a_matter_is_told_from_the_question_to_the_public_notice(tmp_path: Path) -> None:
    said = text_of(made(tmp_path, "agency"))
    matter = sample_form().matter
    at = -1
    for name, step in zip(load_words().agency.steps, matter.steps(), strict=True):
        assert step is not None
        day = f"{step.on.year}年{step.on.month}月{step.on.day}日"
        line = squeezed(f"{name}{day}{step.by}")
        assert said.find(line) > at, line
        at = said.find(line)
    assert "■满意" in said
    assert said.count("■") == 2
    assert "■超期" in said
    assert squeezed(matter.late_reason) in said
    assert "服务对象签字" in said


def test_whether_a_matter_is_late_is_told_at_the_edge() -> None:
    due = date(2026, 11, 12)
    matter = AgencyMatter(applicant="甲", service_name="乙", due_on=due)
    assert not matter.late(due)
    assert matter.late(due + timedelta(days=1))
    form = AgencyForm(hall_name="厅", made_on=due, matter=matter)
    # Not answered yet and not overdue: neither is ticked.
    assert "■" not in text_of(pdf_of(form_page(form, load_words())))


def test_a_month_is_counted(tmp_path: Path) -> None:
    said = text_of(made(tmp_path, "agency-month"))
    assert "2026年11月" in said
    assert "共3件未办结1件超期1件" in said
    for number in ("DB202611-007", "DB202611-008", "DB202611-009"):
        assert number in said


@pytest.mark.parametrize("kind", ["agency", "agency-month"])
def test_an_empty_form_is_one_page_with_the_halls_name(tmp_path: Path, kind: str) -> None:
    pdf = made(tmp_path, kind, "--empty", "--hall-name", "尧禾镇中心")
    said = text_of(pdf)
    assert "尧禾镇中心" in said
    assert "张㐂𠮷" not in said
    assert "■" not in said
    assert pages_of(pdf) == 1


def test_data_comes_from_a_file(tmp_path: Path) -> None:
    data = tmp_path / "summary.json"
    slip = sample("summary")
    assert isinstance(slip, SummarySlip)
    data.write_text(slip.model_copy(update={"hall_name": "另一厅"}).model_dump_json())
    said = text_of(made(tmp_path, "summary", str(data)))
    assert "另一厅大厅运行日报2026年11月23日星期一" in said
    for group in slip.groups:
        for figure in group.figures:
            assert squeezed(figure.name + figure.value) in said
    for remark in slip.remarks:
        assert squeezed(remark) in said


def test_wrong_data_is_told_all_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = json.loads(sample_form().model_dump_json())
    form["matter"]["aplicant"] = form["matter"].pop("applicant")
    form["matter"]["rating"] = 6
    data = tmp_path / "case.json"
    data.write_text(json.dumps(form))
    out = tmp_path / "x.pdf"
    assert main(["pdf", "--kind", "agency", "--out", str(out), str(data)]) == 2
    said = capsys.readouterr().err
    assert "matter.applicant: 缺少此项 / is missing" in said
    assert "did you mean “applicant”" in said or 'did you mean "applicant"?' in said
    assert "matter.rating" in said
    assert not out.exists()


def test_steps_out_of_their_order_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = json.loads(sample_form().model_dump_json())
    form["matter"]["accepted"]["on"] = "2026-11-01"
    data = tmp_path / "case.json"
    data.write_text(json.dumps(form))
    assert main(["pdf", "--kind", "agency", "--out", str(tmp_path / "x"), str(data)]) == 2
    assert "五个环节的日期前后颠倒" in capsys.readouterr().err


def test_a_hall_writes_its_own_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = (config_dir() / "pages.toml").read_text(encoding="utf-8")
    own = tmp_path / "pages.toml"
    own.write_text(shipped.replace('title = "受理凭证"', 'title = "业务受理\\"回执<"'))
    assert '业务受理"回执<' in text_of(made(tmp_path, "receipt", "--slips", str(tmp_path)))
    own.write_text(shipped.replace("seal = ", "sael = "))
    args = ["pdf", "--kind", "receipt", "--out", str(tmp_path / "x"), "--slips", str(tmp_path)]
    assert main(args) == 2
    assert 'did you mean "seal"?' in capsys.readouterr().err


def test_a_slip_that_has_no_empty_form_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pdf", "--kind", "receipt", "--empty", "--out", str(tmp_path / "x")]) == 1
    assert "agency、agency-month" in capsys.readouterr().err


def test_a_failed_press_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "weasyprint.py"
    broken.write_text("raise OSError('cannot load library libpango')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PdfFailed, match="libpangoft2"):
        pdf_of("<p>x")
