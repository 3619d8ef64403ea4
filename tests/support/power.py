"""Power cuts and full disks, for a server that ``lostwrites.c`` was loaded into.

The log says what the server wrote and when it synced. A power cut keeps of each file what was
there at its last sync; of later writes, any of their sectors may be there, or none.
"""

import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTOR = 512
_SOURCE = Path(__file__).with_name("lostwrites.c")
_RECORD = struct.Struct("=IIqq")
# Shared memory, and a probe of whether the folder can be written: nobody looks for them later.
_NOT_DISK = ("-shm", ".write-test", "server.lock")
# Of later writes, how many of a hundred sectors made it.
_SHARES = (0, 10, 50, 90, 100)


def compiled(folder: Path) -> Path:
    """The library for LD_PRELOAD."""
    library = folder / "lostwrites.so"
    command = ["cc", "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"scripts/setup test installs gcc and libc6-dev\n{done.stderr}"
    return library


@dataclass(frozen=True)
class Record:
    """One thing the server did: ``W``rite, ``T``runcate, ``S``ync, ``U``nlink."""

    kind: str
    path: str
    offset: int
    length: int
    data: bytes


def records(log: Path) -> Iterator[Record]:
    """The log, in order; a last record that the server's end cut off counts as not done."""
    raw = memoryview(log.read_bytes())
    at = 0
    while at + _RECORD.size <= len(raw):
        kind, path_length, offset, length = _RECORD.unpack_from(raw, at)
        size = length if kind == ord("W") else 0
        start = at + _RECORD.size
        at = start + path_length + size
        if at > len(raw):
            return
        path = bytes(raw[start : start + path_length]).decode()
        yield Record(chr(kind), path, offset, length, bytes(raw[at - size : at]))


@dataclass
class _File:
    durable: bytearray
    there: bool
    later: list[Record] = field(default_factory=list)

    def sync(self) -> None:
        for record in self.later:
            _apply(self.durable, record)
        self.later.clear()
        self.there = True

    def lose(self, dice: Random, share: int) -> None:
        """What was written since the last sync arrives by chance, sector by sector."""
        for record in self.later:
            if record.kind == "T":
                if dice.randrange(100) < share:
                    _apply(self.durable, record)
                continue
            end = record.offset + record.length
            first = record.offset
            while first < end:
                last = min(end, (first // SECTOR + 1) * SECTOR)
                if dice.randrange(100) < share:
                    piece = record.data[first - record.offset : last - record.offset]
                    _apply(self.durable, Record("W", record.path, first, len(piece), piece))
                first = last


def _apply(content: bytearray, record: Record) -> None:
    if record.kind == "T":
        del content[record.length :]
        content.extend(bytes(record.length - len(content)))
        return
    content.extend(bytes(max(0, record.offset - len(content))))
    content[record.offset : record.offset + record.length] = record.data


def cut_power(before: Path, log: Path, data: Path, dice: Random) -> int:
    """Makes ``data`` what the disk held after a power cut: ``before`` is what it held when the
    server started, and ``log`` what the server did. Returns how many writes were not synced."""
    files = {
        str(data / path.name): _File(bytearray(path.read_bytes()), there=True)
        for path in before.iterdir()
        if not path.name.endswith(_NOT_DISK)
    }
    for record in records(log):
        if record.path.endswith(_NOT_DISK):
            continue
        file = files.setdefault(record.path, _File(bytearray(), there=False))
        if record.kind == "S":
            file.sync()
        elif record.kind == "U":
            del files[record.path]
        else:
            file.later.append(record)
    unsynced = sum(len(file.later) for file in files.values())
    share = dice.choice(_SHARES)
    shutil.rmtree(data)
    data.mkdir(mode=0o700)
    for path, file in files.items():
        file.lose(dice, share)
        if file.there or dice.random() < 0.5:
            Path(path).write_bytes(file.durable)
    return unsynced
