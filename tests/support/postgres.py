"""A private PostgreSQL server for the tests: on a socket in a folder of its own."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

PATIENCE_S = 60
_PR_SET_PDEATHSIG = 1
# Nothing of a test outlives its machine: it need not wait for the disk.
_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
}


def _program(name: str) -> str:
    """Debian keeps PostgreSQL's own programs off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    program = str(found[-1]) if found else shutil.which(name)
    assert program, f"{name} is missing: scripts/setup test installs Debian's postgresql"
    return program


def _user() -> str | None:
    """Who runs the server; it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


class PostgresServer:
    """A server with a superuser ``hall`` who needs no password."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Makes the server's files."""
        words = ["--auth=trust", "--username=hall", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command = [_program("initdb"), "-D", str(self._data), *words]
        subprocess.run(command, check=True, capture_output=True, user=_user(), cwd="/")

    def start(self) -> None:
        """Starts the server; returns when it answers."""
        settings = [f"--{name}={value}" for name, value in _QUICK.items()]
        command = [_program("postgres"), "-D", str(self._data), "-k", str(self._folder), *settings]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                user=_user(),
                cwd="/",
                preexec_fn=_die_with_parent,
            )
        for _ in range(PATIENCE_S * 50):
            try:
                psycopg.connect(self._address("postgres")).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                threading.Event().wait(0.02)
            else:
                return
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        """Stops it as a machine that goes down would: whoever is connected is cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_S)
            self._process = None

    def fresh(self) -> str:
        """A new database's address."""
        name = f"hall_{uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.address_of(name)

    def address_of(self, database: str) -> str:
        """A database's address."""
        return f"postgresql+psycopg://hall@/{database}?host={self._folder}"

    def drop(self, url: str) -> None:
        """Ends a database, and whoever is still connected."""
        self.run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """What a technician would type into psql."""
        with psycopg.connect(self._address(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _address(self, database: str) -> str:
        return f"host={self._folder} user=hall dbname={database}"


@contextmanager
def private_server() -> Iterator[PostgresServer]:
    """A server that runs, and leaves nothing behind."""
    # Short, because a socket's path may have 107 characters; and open to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="hall-pg-", dir="/tmp"))
    try:
        if (user := _user()) is not None:
            shutil.chown(folder, user)
        server = PostgresServer(folder)
        server.make()
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
