"""PURE: the states of a job.

::

    queued ──► sending ──► done
      │  │        │ ▲
      │  │        │ └─ held ──► done | unknown | withdrawn
      │  │        └──► held | unknown | withdrawn
      │  └──► failed      (it cannot be drawn: nothing was sent)
      └─────► withdrawn   (a person took it back: nothing was sent)

``held``: the printer has the data and cannot print just now. ``unknown``: it may or may not be
on paper; only a person decides, and a reprint is a new job marked 补打.
"""

from hallkit.wire.printing import JobState

_NEXT: dict[JobState, tuple[JobState, ...]] = {
    "queued": ("sending", "failed", "withdrawn"),
    "sending": ("done", "held", "unknown", "withdrawn"),
    "held": ("held", "done", "unknown", "withdrawn"),
    "done": (),
    "unknown": (),
    "failed": (),
    "withdrawn": (),
}

# States in which the job is still the printer's business.
OPEN: tuple[JobState, ...] = ("queued", "sending", "held")
# States in which something of the job may already be on paper, or soon be.
OUT: tuple[JobState, ...] = ("sending", "held")

WORDS: dict[JobState, tuple[str, str]] = {
    "queued": ("等待打印", "waiting to be printed"),
    "sending": ("正在打印", "printing"),
    "done": ("已打印", "printed"),
    "held": ("打印机暂停", "held by the printer"),
    "unknown": ("不知是否已出纸", "may or may not be on paper"),
    "failed": ("无法打印", "cannot be printed"),
    "withdrawn": ("已撤回", "withdrawn"),
}
RESTARTED = (
    "打印途中程序重新启动，不知是否已出纸；请查看，需要时补打",
    "the program restarted while printing: it may or may not be on paper; look, and reprint if "
    "needed",
)


class IllegalMove(Exception):
    """A job cannot go from this state to that one."""


def check_move(job_id: str, before: JobState, after: JobState) -> None:
    """Raises IllegalMove unless the states are connected in the picture above."""
    if after not in _NEXT[before]:
        raise IllegalMove(f"job {job_id}: {before} -> {after}")
