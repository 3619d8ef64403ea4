"""Which codec speaks which protocol."""

from difflib import get_close_matches

from display.led.codec import Codec

NAMES = ("bx5k",)


def codec(protocol: str) -> Codec:
    """The codec of a protocol in NAMES; what it needs is imported only now."""
    if protocol == "bx5k":
        from display.led.onbon.bx5k import Bx5k

        return Bx5k()
    raise KeyError(protocol)


def known_protocol(name: str) -> str:
    """``name``, if there is such a protocol. Raises ValueError in both languages."""
    if name in NAMES:
        return name
    near = get_close_matches(name, NAMES, n=1)
    zh, en = (f"，是否为 {near[0]}？", f", did you mean {near[0]}?") if near else ("", "")
    raise ValueError(f"没有协议 {name}{zh} / there is no protocol {name}{en}")
