"""Settings of the voice: volume by time of day, zones."""

from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from display.voice.settings import VoiceSettings, VolumeSettings, ZoneSettings

EVENING = {"from": "18:00", "to": "08:00", "percent": 50}
NOON = {"from": "12:00", "to": "13:30", "percent": 10}


def settings(**values: Any) -> VoiceSettings:
    return VoiceSettings.model_validate(values)


@pytest.mark.parametrize(
    ("hour", "minute", "volume"),
    [(17, 59, 80), (18, 0, 40), (23, 59, 40), (0, 0, 40), (7, 59, 40), (8, 0, 80), (12, 0, 8),
     (13, 29, 8), (13, 30, 80)],
)  # fmt: skip
def test_the_volume_follows_the_time_of_day_also_past_midnight(
    hour: int, minute: int, volume: int
) -> None:
    voice = settings(volume=80, volumes=[EVENING, NOON])
    assert voice.volume_at(time(hour, minute)) == volume


def test_a_zone_has_its_own_volume_and_is_never_silent() -> None:
    voice = settings(volume=80, volumes=[NOON | {"percent": 5}])
    assert voice.volume_at(time(9, 0), ZoneSettings(name="a", volume=20)) == 20
    assert voice.volume_at(time(12, 0), ZoneSettings(name="a", volume=10)) == 1
    assert voice.volume_at(time(9, 0), ZoneSettings(name="a")) == 80


@pytest.mark.parametrize("begin", ["24:00", "8:00", "08.00", "0800", "", "08:60"])
def test_what_is_no_time_is_refused(begin: str) -> None:
    with pytest.raises(ValidationError, match="应为时间"):
        VolumeSettings.model_validate(EVENING | {"from": begin})


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"volumes": [EVENING, {"from": "07:00", "to": "09:00", "percent": 20}]}, "07:00"),
        ({"volumes": [EVENING, EVENING]}, "重叠"),
        ({"volumes": [{"from": "08:00", "to": "08:00", "percent": 20}]}, "相同"),
        ({"zones": [{"name": "东"}, {"name": "东"}]}, "分区名重复"),
        ({"zones": [{"name": "../x"}]}, "只能用汉字"),
        ({"zones": [{"name": "东\n"}]}, "只能用汉字"),
        ({"zones": [{"name": "东"}, {"name": "西"}]}, "多个分区用同一声卡 default"),
        ({"device": "a", "zones": [{"name": "东"}, {"name": "西", "device": "a"}]}, "同一声卡 a"),
        ({"engine": "clips"}, "clips_dir"),
        ({"most_behind_s": 5}, "15"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        settings(**values)


def test_a_zone_says_its_windows_and_areas_or_all() -> None:
    zone = ZoneSettings(name="一楼", windows=[1, 2], areas=["guide"])
    assert [zone.says(1, ""), zone.says(3, "guide"), zone.says(3, "")] == [True, True, False]
    assert ZoneSettings(name="全部").says(99, "x")


def test_zones_that_only_write_files_need_no_sound_card_of_their_own() -> None:
    assert len(settings(player="none", zones=[{"name": "东"}, {"name": "西"}]).zones) == 2
