"""How a virtual panel can misbehave, by flag or while it runs."""

from pathlib import Path
from typing import Literal, get_args

Fault = Literal["none", "dead", "slow", "busy", "garbage", "echo", "half", "wrong-address"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
MEANING: dict[Fault, str] = {
    "none": "behaves",
    "dead": "hears nothing, answers nothing",
    "slow": "answers after 1.5 s",
    "busy": "refuses everything: busy",
    "garbage": "sends noise before and instead of answers",
    "echo": "repeats what it hears before it answers, as two-wire adapters do",
    "half": "sends half an answer",
    "wrong-address": "answers in another panel's name",
}
SLOW_S = 1.5
FILE_NAME = "fault"


def fault_in(folder: Path) -> Fault | None:
    """The fault named in ``folder/fault``, None when there is no such file or no such fault."""
    try:
        word = (folder / FILE_NAME).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return next((fault for fault in FAULTS if fault == word), None)
