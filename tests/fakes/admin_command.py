"""``hall admin`` in this process, with what it prints."""

import io
from pathlib import Path

import pytest

from hall_server.cli import admin


class AdminCommand:
    """Call it with a command's words; returns exit status, standard output and error."""

    def __init__(
        self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: object, typed: str = "") -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        self._capsys.readouterr()
        try:
            status = admin(["--data", str(self._data), *map(str, words)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = self._capsys.readouterr()
        return status, out, err
