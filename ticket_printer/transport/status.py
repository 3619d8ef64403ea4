"""PURE: what the status bytes of an ESC/POS printer mean.

Replies to DLE EOT n (``10 04 n``), each one byte with ``b & 93h == 12h``::

    n = 1 printer   bit 3 offline
    n = 2 cause     bit 2 cover open, 5 stopped at paper end, 6 error
    n = 3 error     bit 2 recoverable, 3 cutter, 5 unrecoverable, 6 recovers by itself
    n = 4 paper     bits 2+3 (0Ch) near end, bits 5+6 (60h) end

ASB (``1D 61 n``) sends four bytes by itself whenever something changes: byte 1 bit 3 offline,
5 cover; byte 2 bit 3 cutter, 5 unrecoverable; byte 3 bits 0+1 near end, 2+3 end.

Source: the ESC/POS command references of Epson (DLE EOT, GS a, GS r).
"""

from dataclasses import dataclass, replace

from hallkit.wire.printing import PrinterState

ASK_PRINTER = b"\x10\x04\x01"
ASK_OFFLINE_CAUSE = b"\x10\x04\x02"
ASK_ERROR = b"\x10\x04\x03"
ASK_PAPER = b"\x10\x04\x04"

# For people: Chinese, English, and what to do about it in both.
STATE_WORDS: dict[PrinterState, tuple[str, str]] = {
    "ready": ("正常", "ready"),
    "paper_near_end": ("纸将尽，请准备纸卷", "paper near its end: have a roll ready"),
    "paper_out": ("缺纸，请装纸", "paper out: load a roll"),
    "cover_open": ("上盖打开，请合上", "cover open: close it"),
    "cutter_error": (
        "切刀故障，请清除卡纸后重新开机",
        "cutter error: remove jammed paper, then switch off and on",
    ),
    "offline": ("离线，请检查电源和连线", "offline: check power and cable"),
    "unknown": ("未知，打印机没有应答", "unknown: the printer does not answer"),
}


@dataclass(frozen=True)
class Status:
    """What a printer last said about itself; starts as a printer without a fault."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_near_end: bool = False
    cutter_error: bool = False
    other_error: bool = False

    @property
    def can_print(self) -> bool:
        """Whether data sent now would go onto paper."""
        return not (
            self.offline
            or self.cover_open
            or self.paper_out
            or self.cutter_error
            or self.other_error
        )

    @property
    def state(self) -> PrinterState:
        """The one word for it: what a person must mend first."""
        if self.cover_open:
            return "cover_open"
        if self.paper_out:
            return "paper_out"
        if self.cutter_error:
            return "cutter_error"
        if self.offline or self.other_error:
            return "offline"
        return "paper_near_end" if self.paper_near_end else "ready"

    def after_printer(self, byte: int) -> "Status":
        """This status with the answer to DLE EOT 1."""
        return replace(self, offline=bool(byte & 0x08))

    def after_offline_cause(self, byte: int) -> "Status":
        """This status with the answer to DLE EOT 2."""
        return replace(
            self,
            cover_open=bool(byte & 0x04),
            paper_out=bool(byte & 0x20),
            other_error=bool(byte & 0x40) and not self.cutter_error,
        )

    def after_error(self, byte: int) -> "Status":
        """This status with the answer to DLE EOT 3."""
        cutter = bool(byte & 0x08)
        return replace(self, cutter_error=cutter, other_error=not cutter and bool(byte & 0x64))

    def after_paper(self, byte: int) -> "Status":
        """This status with the answer to DLE EOT 4."""
        return replace(
            self,
            paper_near_end=bool(byte & 0x0C),
            paper_out=self.paper_out or bool(byte & 0x60),
        )


def from_asb(block: bytes) -> Status:
    """The status in a block of four automatic status bytes."""
    first, second, third = block[0], block[1], block[2]
    return Status(
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        paper_out=bool(third & 0x0C),
        paper_near_end=bool(third & 0x03),
        cutter_error=bool(second & 0x08),
        other_error=bool(second & 0x24),
    )
