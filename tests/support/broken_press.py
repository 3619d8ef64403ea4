"""A PDF maker that breaks while it sets a paper."""

from pathlib import Path

import pytest


def broken_press(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every paper fails from now on, with ``ValueError: no such glyph``."""
    package = folder / "broken" / "weasyprint"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "def HTML(**_):\n    raise ValueError('no such glyph')\n", encoding="utf-8"
    )
    (package / "urls.py").write_text("def URLFetcher(**_): ...\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
