"""Printers, kiosks and desks by name: everything that is wrong is said at once."""

from typing import Any

import pytest

from hallkit.runtime.settings import ConfigError, load
from ticket_printer.settings import PrinterProgramSettings


def _settings(*printers: dict[str, Any], **more: Any) -> PrinterProgramSettings:
    made = [{"transport": "tcp://127.0.0.1:9100", **printer} for printer in printers]
    return PrinterProgramSettings.model_validate({"data_dir": "x", "printers": made, **more})


def test_kiosks_and_desks_find_their_printers() -> None:
    chosen = _settings(
        {"name": "一号", "kiosks": ["东门"]},
        {"name": "二号", "kiosks": ["西门"], "desks": [3, 5]},
        desk_printer="一号",
    )
    assert [chosen.printer_of_kiosk(k) for k in ("东门", "西门", "北门", "")] == [
        "一号",
        "二号",
        "一号",
        "一号",
    ]
    assert [chosen.printer_of_desk(d) for d in (3, 4, None)] == ["二号", "一号", "一号"]
    assert chosen.prints_for_desks


def test_without_a_desk_printer_only_the_named_desks_are_printed_for() -> None:
    chosen = _settings({"name": "一号", "desks": [3]})
    assert [chosen.printer_of_desk(d) for d in (3, 4, None)] == ["一号", "", ""]
    assert chosen.prints_for_desks
    assert not _settings({"name": "一号"}).prints_for_desks


def test_every_wrong_name_is_told_with_the_right_one(tmp_path: Any) -> None:
    path = tmp_path / "printer.toml"
    path.write_text(
        'data_dir = "x"\ndesk_printer = "lobby-11"\n'
        '[[printers]]\nname = "lobby-1"\ntransport = "tcp://h:1"\n'
        'kiosks = ["K"]\ndesks = [2]\nfailover = ["loby-2", "lobby-1"]\n'
        '[[printers]]\nname = "lobby-2"\ntransport = "tcp://h:2"\nkiosks = ["K"]\ndesks = [2]\n'
    )
    with pytest.raises(ConfigError) as refused:
        load(path, PrinterProgramSettings)
    text = str(refused.value)
    for part in (
        "同一台取号机写在两台打印机下：K",
        "同一个窗口写在两台打印机下：2",
        "desk_printer“lobby-11”不在 printers 中，是否应为“lobby-1”？",
        "failover“loby-2”不在 printers 中，是否应为“lobby-2”？",
        "打印机“lobby-1”的 failover 写了它自己",
        'did you mean "lobby-2"?',
    ):
        assert part in text
