"""A private CUPS with one raw queue that leads to a virtual printer.

The scheduler, its queues and cups-client are Debian's; only the backend, which carries a job's
bytes to the printer, is ours, because Debian's ``socket`` comes with the whole of CUPS.
"""

import grp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.printer_rig import until

QUEUE = "ticket"
_CUPSD = "/usr/sbin/cupsd"
_LIBRARY = Path("/usr/lib/cups")
_BACKEND = """#!{python} -I
import os, socket, sys, urllib.parse
if len(sys.argv) < 6:
    print('direct ours "Unknown" "a virtual printer"')
    sys.exit(0)
place = urllib.parse.urlsplit(os.environ["DEVICE_URI"])
data = open(sys.argv[6], "rb").read() if len(sys.argv) > 6 else sys.stdin.buffer.read()
with socket.create_connection((place.hostname, place.port), timeout=20) as printer:
    printer.sendall(data)
"""
_FILES = """
ServerRoot {folder}/etc
ServerBin {folder}/lib
CacheDir {folder}/cache
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
StateDir {folder}/run
AccessLog {folder}/log/access
ErrorLog {folder}/log/error
PageLog {folder}/log/page
SystemGroup {group}
"""
_SERVER = """
Listen {folder}/cups.sock
Browsing No
WebInterface No
DefaultAuthType None
<Location />
  Allow all
</Location>
<Policy default>
  <Limit All>
    Allow all
  </Limit>
</Policy>
"""


@contextmanager
def private_cups(printer: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running CUPS, which cups-client finds by itself; the name of its queue, which prints to
    ``printer``."""
    with tempfile.TemporaryDirectory(prefix="cups-") as name:
        folder = Path(name)
        _lay_out(folder)
        # A copy: AppArmor's profile of the original lets it run no backend of ours.
        copy = shutil.copy(_CUPSD, folder / "cupsd")
        command = [copy, "-f", "-c", f"{folder}/cupsd.conf", "-s", f"{folder}/cups-files.conf"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
            try:
                until((folder / "cups.sock").is_socket, "CUPS to listen")
                monkeypatch.setenv("CUPS_SERVER", f"{folder}/cups.sock")
                tell(
                    "lpadmin", "-p", QUEUE, "-E", "-v", "ours://{}:{}".format(*printer), "-m", "raw"
                )
                yield QUEUE
            finally:
                server.terminate()
                server.wait(20)


def tell(*arguments: str) -> str:
    """Runs one of CUPS' own programs; what it said."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout


def _lay_out(folder: Path) -> None:
    for part in ("etc/ppd", "cache", "spool/tmp", "run/certs", "log", "lib/backend"):
        (folder / part).mkdir(parents=True)
    for part in ("daemon", "filter"):
        (folder / "lib" / part).symlink_to(_LIBRARY / part)
    backend = folder / "lib/backend/ours"
    backend.write_text(_BACKEND.format(python=os.path.realpath(sys.executable)))
    # Only its owner may run it: for CUPS this means that it runs as CUPS does.
    backend.chmod(0o700)
    folder.chmod(0o755)
    group = grp.getgrgid(os.getgid()).gr_name
    for file, text in (("cups-files.conf", _FILES), ("cupsd.conf", _SERVER)):
        (folder / file).write_text(text.format(folder=folder, group=group))
