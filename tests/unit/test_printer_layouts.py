"""Layouts that a hall edits: what is taken, what is said about a mistake, what a preview shows."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import ConfigError
from hallkit.wire.slips import SLIP_KINDS
from tests.fakes.printer_rig import slip
from ticket_printer.cli import main
from ticket_printer.layouts import load_layout, load_layouts, shipped_folder

_HEAD = 'kind = "receipt"\n'


def _wrong(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "receipt.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_layout(file, "receipt")
    return [str(problem) for problem in refused.value.problems]


def test_there_is_a_layout_for_every_kind_and_none_besides() -> None:
    assert set(load_layouts()) == set(SLIP_KINDS)
    assert {path.stem for path in shipped_folder().glob("*.toml")} == set(SLIP_KINDS)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('kind = "recipt"\n[[blocks]]\nblock = "rule"\n', 1, 'did you mean "receipt"?'),
        (_HEAD + '[[blocks]]\nblock = "titel"\ntext = "x"\n', 3, 'did you mean "title"?'),
        (_HEAD + '[[blocks]]\nblock = "title"\ntext = "x"\nsise = 30\n', 5, 'mean "size"?'),
        (_HEAD + '[[blocks]]\nblock = "title"\ntext = "x"\nsize = 9\n', 5, "at least 24"),
        (_HEAD + '[[blocks]]\nblock = "title"\ntext = "{servise}"\n', 4, 'mean "service"?'),
        (_HEAD + '[[blocks]]\nblock = "title"\ntext = "{service"\n', 4, "花括号"),
        (_HEAD + '[[blocks]]\nblock = "title"\n', 2, "is missing"),
        (_HEAD + '[[blocks]]\ntext = "x"\n', 2, "is missing"),
        (_HEAD + '[[blocks]]\nblock = "list"\nitems = "material"\n', 4, 'mean "materials"?'),
        (_HEAD + '[[blocks]]\nblock = "qr"\ntext = "{url}"\nnotes = ["{hal}"]\n', 5, 'mean "hall"'),
        (_HEAD + '[[blocks]]\nblock = "logo"\nfile = "no.png"\n', 4, "cannot be read"),
        (_HEAD + '[defaults]\nfe = "x"\n[[blocks]]\nblock = "rule"\n', 3, "此单据没有“fe”"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (problem,) = _wrong(tmp_path, text)
    assert f"第 {line} 行 / line {line}:" in problem
    assert words in problem


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = _HEAD + '[[blocks]]\nblock = "titel"\n[[blocks]]\nblock = "text"\ntext = "{x}"\n'
    assert len(_wrong(tmp_path, text)) == 2
    (tmp_path / "recipt.toml").write_text("")
    (tmp_path / "pages.toml").write_text("the words of the A4 papers are no slip")
    with pytest.raises(ConfigError) as refused:
        load_layouts(tmp_path)
    assert len(refused.value.problems) == 3
    assert 'did you mean "receipt"?' in str(refused.value)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such folder"):
        load_layouts(tmp_path / "none")


def test_a_layout_for_another_slip_under_this_name_is_refused(tmp_path: Path) -> None:
    (problem,) = _wrong(tmp_path, (shipped_folder() / "guide.toml").read_text(encoding="utf-8"))
    assert "line 4" in problem
    assert "'receipt'" in problem


def test_the_program_does_not_start_with_a_wrong_layout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ticket.toml").write_text('kind = "ticket"\n[[blocks]]\nblock = "titel"\n')
    config = tmp_path / "printer.conf"
    config.write_text(
        f'data_dir = "{tmp_path}"\nslips_dir = "{tmp_path}"\n'
        '[[printers]]\nname = "P"\ntransport = "tcp://127.0.0.1:9100"\n'
    )
    assert main(["--config", str(config), "--check-config"]) == 2
    assert "line 3" in capsys.readouterr().err


def test_a_preview_of_a_halls_own_layout_with_its_logo(tmp_path: Path) -> None:
    Image.new("RGBA", (200, 100), (0, 0, 0, 255)).save(tmp_path / "logo.png")
    shipped = (shipped_folder() / "receipt.toml").read_text(encoding="utf-8")
    logo = '[[blocks]]\nblock = "logo"\nfile = "logo.png"\nheight = 80\n'
    (tmp_path / "receipt.toml").write_text(shipped + logo, encoding="utf-8")
    own, plain = tmp_path / "own.png", tmp_path / "plain.png"
    assert main(["preview", "--kind", "receipt", "--out", str(plain)]) == 0
    by_folder = ["--kind", "receipt", "--slips", str(tmp_path)]
    for choice in (by_folder, ["--template", str(tmp_path / "receipt.toml")]):
        assert main(["preview", *choice, "--out", str(own)]) == 0
        with Image.open(own) as with_logo, Image.open(plain) as without:
            assert with_logo.height == without.height + 80 + 8
            foot = ImageChops.invert(with_logo.convert("L").crop((0, without.height, 576, 9999)))
            assert foot.histogram()[255] >= 160 * 80


@pytest.mark.parametrize("kind", SLIP_KINDS)
def test_a_preview_of_every_slip_with_the_halls_name(tmp_path: Path, kind: str) -> None:
    hall = str(config_dir() / "halls" / "zichuan-town.toml")
    sizes = set()
    for more in ([], ["--hall", hall], ["--text"], ["--width", "58"]):
        png = tmp_path / "slip.png"
        assert main(["preview", "--kind", kind, "--out", str(png), *more]) == 0
        with Image.open(png) as picture:
            sizes.add(picture.width)
            assert 0 in picture.convert("L").tobytes()
    assert sizes == {576, 384}


def test_a_preview_of_a_file_of_another_kind_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "slip.json"
    file.write_text(slip().model_dump_json())
    out = ["--out", str(tmp_path / "x.png")]
    assert main(["preview", str(file), "--kind", "guide", *out]) == 1
    file.write_text(slip().model_dump_json().replace("A012", "十二"))
    assert main(["preview", str(file), *out]) == 2
    assert f"{file}: number:" in capsys.readouterr().err
