"""Asking a panel whether it is there, and the words for what came back."""

import time

from display.bus.port import Port
from display.led.codec import Ack, Codec, Reply


def ask(
    port: Port, codec: Codec, address: int, frames: tuple[bytes, ...], where: str, baud: int
) -> bool:
    """Sends ``frames`` and prints what is there; whether it is the panel at ``address``."""
    can = codec.capabilities
    reply, raw = heard(port, codec, address, frames, baud)
    if can.acks == "none":
        zh = "已发送；这种屏从不应答，请看屏上是否出现"
        en = "sent; panels of this kind never answer: look whether it appeared"
    else:
        zh, en = _words(reply, raw, frames, address)
    print(f"{where}，地址 {address}：{zh}\n{where}, address {address}: {en}", flush=True)
    return can.acks == "none" or (reply is not None and reply.address == address)


def heard(
    port: Port, codec: Codec, address: int, frames: tuple[bytes, ...], baud: int
) -> tuple[Reply | None, bytes]:
    """Sends ``frames``; the last reply and all bytes that came. Raises PortError."""
    raw = b""
    reply: Reply | None = None
    for frame in frames:
        port.discard_input()
        port.write(frame)
        reply, more = _listen(port, codec, address, len(frame) * 10 / baud)
        raw += more
        time.sleep(codec.capabilities.gap_s)
    return reply, raw


def _listen(port: Port, codec: Codec, address: int, sending_s: float) -> tuple[Reply | None, bytes]:
    """The first reply of ``address``, or else of another one; and all bytes that came."""
    deadline = time.monotonic() + sending_s + codec.capabilities.ack_timeout_s
    raw = buffer = b""
    other: Reply | None = None
    while time.monotonic() < deadline:
        data = port.read()
        raw, buffer = raw + data, buffer + data
        while True:
            used, reply = codec.decode(buffer)
            buffer = buffer[used:]
            if reply is None:
                break
            if reply.address == address:
                return reply, raw
            other = reply
    return other, raw


def _words(
    reply: Reply | None, raw: bytes, sent: tuple[bytes, ...], address: int
) -> tuple[str, str]:
    echo = all(frame in raw for frame in sent)
    if reply is not None and reply.address != address:
        return (
            f"应答来自地址 {reply.address}，请核对屏的地址设置",
            f"the answer came from address {reply.address}: check the panel's address",
        )
    if isinstance(reply, Ack):
        note = ("（线路有回显，属正常）", " (the line echoes, which is fine)") if echo else ("", "")
        return "有屏，应答正常" + note[0], "a panel answers" + note[1]
    if reply is not None:
        return f"有屏，但拒绝：{reply.zh}", f"a panel is there but refuses: {reply.en}"
    if not raw:
        return (
            "无应答，请检查电源、A/B 线是否接反、地址和波特率",
            "no answer: check power, swapped A/B wires, address and baud rate",
        )
    if echo and len(raw) <= sum(map(len, sent)):
        return "只听到自己的回显，屏无应答", "only our own echo: no panel answers"
    return (
        f"收到 {len(raw)} 字节无法识别的数据：波特率或协议不符，或有干扰、接触不良",
        f"{len(raw)} bytes that make no sense: another baud rate or protocol, noise, bad contact",
    )
