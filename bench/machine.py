"""Where a figure was measured, and how figures are summed up."""

import os
import platform
import statistics
from pathlib import Path


def machine() -> str:
    """This machine in one line: processor, cores, memory, system, Python."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}"
    )


def summary(milliseconds: list[float]) -> str:
    """Count, median, 99th percentile and maximum."""
    ordered = sorted(milliseconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return (
        f"n={len(ordered)}  p50 {statistics.median(ordered):.1f} ms  p99 {p99:.1f} ms  "
        f"max {ordered[-1]:.1f} ms"
    )
