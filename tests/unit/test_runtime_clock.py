"""Where programs get the time from, and where their files are."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from hallkit.runtime.clock import ManualClock, SystemClock
from hallkit.runtime.paths import cache_dir, config_dir

BEIJING = timezone(timedelta(hours=8))


def test_the_machine_s_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(datetime(2026, 2, 14, 0, 30, tzinfo=BEIJING))
    assert clock.now() == datetime(2026, 2, 13, 16, 30, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(minutes=1))
    assert clock.now().minute == 31
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2026 and clock.now().month == 1


def test_a_time_without_an_offset_is_refused() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="offset"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001 - what is tested


def test_folders_can_be_set_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALL_CONFIG_DIR", str(tmp_path))
    assert config_dir() == tmp_path
    monkeypatch.delenv("HALL_CONFIG_DIR")
    assert (config_dir() / "halls").is_dir()
    monkeypatch.setenv("HALL_CACHE_DIR", str(tmp_path / "a" / "b"))
    assert cache_dir() == tmp_path / "a" / "b"
    assert cache_dir().is_dir()
    monkeypatch.delenv("HALL_CACHE_DIR")
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "systemd"))
    assert cache_dir() == tmp_path / "systemd"
