"""``hall display voice``: whether this machine can speak, and one call to listen to."""

import argparse
import sys
from array import array
from datetime import datetime
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from display.settings import DisplaySettings
from display.voice.clips import Clips, needed
from display.voice.phrases import Announcement, Manner, english, phrase
from display.voice.player import PlaybackFailed, Player
from display.voice.render import Order, Renderer
from display.voice.settings import VoiceSettings, ZoneSettings
from display.voice.sound import join, seconds, wav, write
from display.voice.synthesis import ENGINE_COMMAND, SynthesisFailed
from hallkit.runtime.settings import ConfigError, load
from hallkit.wire.hall import WindowKind

# A tenth of a second: whether it can be played at all.
_SILENCE_BYTES = 4_410

_DESCRIPTION = """\
语音检查与试听。
Whether this machine can speak, and one call to listen to.

  hall display voice check --config FILE           缺少的录音、语音引擎、声卡
                                                   recordings, speech engine, sound card
  hall display voice say --config FILE A012 3      播报一次；无声卡时用 --out 写文件
                                                   says one call; --out writes it to a file
"""


def main(argv: list[str]) -> int:
    """Returns 0 when all is well, 1 when something is missing, 2 for a wrong command or file."""
    args = _parser().parse_args(argv)
    try:
        settings = load(args.config, DisplaySettings).voice
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if args.what == "check":
        return _check(settings)
    zone = next((zone for zone in settings.zones if zone.name == args.zone), None)
    if args.zone and zone is None:
        names = "、".join(zone.name for zone in settings.zones)
        print(f"没有这个分区 / no such zone: {args.zone} ({names})", file=sys.stderr)
        return 2
    try:
        call = Announcement(
            ticket=args.ticket, window=args.window, window_kind=args.kind, collect=args.collect
        )
    except ValidationError:
        call = None
    if call is None or not any(char.isalnum() for char in args.ticket):
        print("号码或窗口不对 / not a ticket number or a window", file=sys.stderr)
        return 2
    return _say(settings, call, zone, args.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall display voice",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="check|say")
    check = what.add_parser("check", help="缺少什么 / what is missing")
    say = what.add_parser("say", help="播报一次 / says one call")
    for one in (check, say):
        one.add_argument("--config", type=Path, required=True, help="display.toml")
    say.add_argument("ticket", help="A012")
    say.add_argument("window", type=int, help="3")
    kinds = get_args(WindowKind)
    say.add_argument("--kind", choices=kinds, default="dedicated", help="窗口类型 / kind of window")
    say.add_argument("--collect", action="store_true", help="领取证件 / to collect a certificate")
    say.add_argument("--zone", default="", help="在这个分区播报 / the zone that says it")
    say.add_argument("--out", type=Path, help="写入文件，不播放 / a WAV file instead of playing")
    return parser


def _manner(settings: VoiceSettings) -> Manner:
    return Manner(settings.yao, settings.green_channel)


def _check(settings: VoiceSettings) -> int:
    good = [_check_clips(settings)] if settings.engine == "clips" else []
    good.append(_check_engine(settings))
    for name, device in [(z.name, z.device) for z in settings.zones] or [("", "")]:
        player = Player(settings.player, device or settings.device)
        where = f"{name}：" if name else ""
        if not player.wanted():
            print(f"{where}只写文件，不播放 / only files are written")
            continue
        good.append(_check_player(player, where))
    return 0 if all(good) else 1


def _check_player(player: Player, where: str) -> bool:
    if not player.available():
        print(f"{where}声卡：没有 / no sound card")
        return False
    try:
        player.play(wav(array("h", bytes(_SILENCE_BYTES))), 0.0)
    except PlaybackFailed as error:
        print(f"{where}声卡：不能播放 / sound cannot be played: {error}")
        return False
    print(f"{where}声卡：可用 / the sound card works")
    return True


def _check_clips(settings: VoiceSettings) -> bool:
    clips, names = Clips(Path(settings.clips_dir)), needed(_manner(settings))
    problems = [problem for name in names if (problem := clips.problem(name))]
    for problem in problems:
        print(f"  {problem}")
    print(
        f"录音：需要 {len(names)} 个，可用 {len(names) - len(problems)} 个 / recordings: "
        f"{len(names)} needed, {len(names) - len(problems)} usable"
    )
    return not problems


def _check_engine(settings: VoiceSettings) -> bool:
    renderer = Renderer(settings, ENGINE_COMMAND)
    try:
        renderer.synthesize(phrase(Announcement(ticket="A012", window=3), _manner(settings)))
    except SynthesisFailed as error:
        print(f"语音合成：不可用 / the speech engine is not usable: {error}")
        return False
    finally:
        renderer.close()
    if renderer.fallback:
        print("语音合成：只有备用引擎可用 / only the stand-in speech engine works")
        return False
    print("语音合成：可用 / the speech engine works")
    return True


def _say(
    settings: VoiceSettings, call: Announcement, zone: ZoneSettings | None, out: Path | None
) -> int:
    renderer = Renderer(settings, ENGINE_COMMAND)
    said = phrase(call, _manner(settings))
    order = Order(
        said, settings.rate, settings.volume_at(datetime.now().astimezone().time(), zone),
        settings.repeat, settings.chime,
        english(call) if settings.english else None, fit=True,
    )  # fmt: skip
    print(said.caption)
    try:
        renderer.prepare()
        parts, _ = renderer.call(order)
        sound = join([part.samples for part in parts])
        if out is not None:
            write(out, sound)
            print(f"{out}: {seconds(sound):.1f} s")
            return 0
        device = (zone.device if zone else "") or settings.device
        Player("aplay", device).play(wav(sound), seconds(sound))
    except (SynthesisFailed, PlaybackFailed, OSError) as error:
        print(f"不能播报 / cannot be said: {error}", file=sys.stderr)
        return 1
    finally:
        renderer.close()
    return 0
