"""The ticket printer program on this machine, by HTTP (:mod:`hallkit.wire.printing`)."""

from typing import TypeVar

import urllib3
from pydantic import ValidationError

from hallkit.wire.errors import ErrorBody
from hallkit.wire.printing import JobView, PrinterList, PrintJob

M = TypeVar("M", JobView, PrinterList)

# It is on this machine: two seconds mean that it does not run.
PRINTER_TIMEOUT_S = 2.0
_MOST_BYTES = 100_000


class PrinterAway(Exception):
    """The printer program does not answer, or not in a way that is understood."""


class PrinterRefused(Exception):
    """The printer program said no; ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class PrinterLink:
    """Calls the printer program at ``base_url``."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._pool = urllib3.PoolManager(
            maxsize=2, retries=False, timeout=urllib3.Timeout(total=PRINTER_TIMEOUT_S)
        )

    def submit(self, job: PrintJob) -> JobView:
        """Hands a job over; the same ``job_id`` again prints nothing new.

        Raises PrinterAway or PrinterRefused.
        """
        raw = self._send("POST", "/jobs", job.model_dump_json().encode())
        return self._read(raw, JobView)

    def job(self, job_id: str) -> JobView:
        """Where a job stands. Raises PrinterAway or PrinterRefused."""
        return self._read(self._send("GET", f"/jobs/{job_id}", None), JobView)

    def printers(self) -> PrinterList:
        """The program's printers. Raises PrinterAway or PrinterRefused."""
        return self._read(self._send("GET", "/printers", None), PrinterList)

    def close(self) -> None:
        """Closes the kept connections."""
        self._pool.clear()

    def _send(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = self._pool.request(
                method,
                self._base + path,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
            )
            try:
                raw = answer.read(_MOST_BYTES)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise PrinterAway(f"{self._base}: {error}") from error
        if answer.status < 400:
            return raw
        try:
            info = ErrorBody.model_validate_json(raw).error
        except ValidationError:
            raise PrinterAway(f"{self._base}: HTTP {answer.status} without a reason") from None
        raise PrinterRefused(info.message, info.message_en)

    def _read(self, raw: bytes, shape: type[M]) -> M:
        try:
            return shape.model_validate_json(raw)
        except ValidationError as error:
            raise PrinterAway(f"{self._base}: an answer that is not understood") from error
