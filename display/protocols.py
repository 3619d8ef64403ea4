"""Which codec speaks which protocol: those built in, then the strips that ship with the product,
then a hall's own strips."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from display.led.codec import Codec
from display.led.onbon.cards import USUAL, Card
from display.led.strips.model import Strip
from display.strips import load_strips
from hallkit.runtime.settings import Settings

# Codecs of their own; all other protocols are strips described in files.
NAMES = ("bx5k", "bx6e", "modbus-rtu", "modbus-tcp")


class Catalogue:
    """The protocols of a hall whose own strips are in ``strips_dir`` (empty: it has none). Files
    are read when they are first needed; all of them then, so that a hall's file can never stand
    for a protocol of the product unnoticed. Raises ConfigError for what is wrong in them."""

    def __init__(self, strips_dir: str = "") -> None:
        self.strips_dir = strips_dir

    @cached_property
    def strips(self) -> dict[str, Strip]:
        """All strips by name."""
        folder = Path(self.strips_dir) if self.strips_dir else None
        return load_strips(folder, frozenset(NAMES))

    @property
    def names(self) -> tuple[str, ...]:
        """Every protocol."""
        return (*NAMES, *sorted(self.strips))

    def codec(self, protocol: str, card: Card = USUAL) -> Codec:
        """The codec of a protocol; what it needs is imported only now. ``card``: which graphic
        card, for ``bx6e`` only. Raises KeyError."""
        if protocol == "bx5k":
            from display.led.onbon.bx5k import Bx5k

            return Bx5k()
        if protocol == "bx6e":
            from display.led.onbon.bx6e import Bx6e

            return Bx6e(card)
        if protocol in ("modbus-rtu", "modbus-tcp"):
            from display.led.modbus import Modbus

            return Modbus("modbus-rtu" if protocol == "modbus-rtu" else "modbus-tcp")
        from display.led.strips.codec import StripCodec

        return StripCodec(self.strips[protocol])

    def known(self, name: str) -> str:
        """``name``, if there is such a protocol. Raises ValueError in both languages."""
        if name in NAMES or name in self.strips:
            return name
        near = get_close_matches(name, self.names, n=1)
        zh, en = (f"，是否为 {near[0]}？", f", did you mean {near[0]}?") if near else ("", "")
        if not near:
            zh = f"，有：{'、'.join(self.names)}"
            en = f", there are: {', '.join(self.names)}"
        raise ValueError(f"没有协议 {name}{zh} / there is no protocol {name}{en}")

    def doubt(self, protocol: str) -> tuple[str, str] | None:
        """What to say of a protocol that was never tried on a real panel; None when it was."""
        strip = None if protocol in NAMES else self.strips[protocol]
        if strip is None or strip.verified:
            return None
        return (
            f"协议 {protocol}（{strip.title}）尚未在真屏上验证，只能先在现场试用",
            f"protocol {protocol} ({strip.title_en}) was never verified on a real panel: "
            "try it on site first",
        )


_current: ContextVar[Catalogue] = ContextVar("catalogue")


def catalogue() -> Catalogue:
    """The protocols of the settings that are being read."""
    return _current.get(None) or Catalogue()


@contextmanager
def _reading(folder: Any) -> Iterator[None]:
    token = _current.set(Catalogue(folder if isinstance(folder, str) else ""))
    try:
        yield
    finally:
        _current.reset(token)


class HasStrips(Settings):
    """Settings whose lines name protocols, a hall's own among them."""

    strips_dir: str = Field(default="", description="a folder with the hall's own strips")

    @model_validator(mode="wrap")
    @classmethod
    def _with_its_strips(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        with _reading(data.get("strips_dir") if isinstance(data, dict) else ""):
            read = handler(data)
            if read.strips_dir:
                # Wrong files are told of even when no line uses them.
                _ = catalogue().strips
            return read
