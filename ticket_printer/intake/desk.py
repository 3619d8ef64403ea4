"""What can be asked of the ticket printer: submit, look, reprint, withdraw."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hallkit.runtime.clock import Clock
from hallkit.wire.printing import (
    JobView,
    PrinterList,
    PrinterView,
    PrintJob,
)
from hallkit.wire.slips import Slip, slip_from
from ticket_printer.spool.states import OUT, WORDS, IllegalMove
from ticket_printer.spool.store import Job, JobConflict, Spool
from ticket_printer.spool.worker import PrinterWorker

REPRINT_TAG = "补打"
# Old jobs are forgotten this often; the program may run for months.
_TIDY_EVERY = timedelta(days=1)


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, status: int, code: str, zh: str, en: str, details: Sequence[Any] = ()
    ) -> None:
        super().__init__(f"{status} {code}: {en}")
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.details = list(details)


class PrintDesk:
    """The spool and its printers as one thing; thread-safe. Methods raise Refused.

    Jobs that ended more than ``keep_days`` days ago are forgotten.
    """

    def __init__(
        self, spool: Spool, workers: Sequence[PrinterWorker], clock: Clock, keep_days: int
    ) -> None:
        self._spool = spool
        self._workers = {worker.name: worker for worker in workers}
        self._first = workers[0].name
        self._clock = clock
        self._keep = timedelta(days=keep_days)
        self._tidy()

    def submit(self, job: PrintJob, *, note: tuple[str, str] | None = None) -> JobView:
        """Takes a job in, durably; the same job again is answered, not printed."""
        name = self._printer(job.printer)
        slip = slip_from(job.slip.model_dump())
        return self._accept(job.job_id, name, slip, note=note)

    def view(self, job_id: str) -> JobView:
        """Where the job stands."""
        return self._view(self._job(job_id))

    def reprint(self, job_id: str, new_job_id: str, printer: str = "") -> JobView:
        """Prints a slip again, marked 补打, as a job of its own; a person's act."""
        job = self._job(job_id)
        if job.state == "queued" or job.state in OUT:
            raise Refused(
                409,
                "still_printing",
                "原任务还会打印，不能补打",
                "the job will still be printed; withdraw it first",
            )
        slip = job.content
        if REPRINT_TAG not in slip.tags:
            slip = slip.model_copy(update={"tags": [*slip.tags, REPRINT_TAG]})
        name = self._printer(printer) if printer else job.printer
        return self._accept(new_job_id, name, slip, reprint_of=job.job_id)

    def withdraw(self, job_id: str) -> JobView:
        """Takes a job back: at once while it is queued, by the printer's answer while it holds
        it."""
        job = self._job(job_id)
        if job.state == "queued":
            try:
                self._spool.move(job_id, "withdrawn", WORDS["withdrawn"], self._clock.now())
                return self.view(job_id)
            except IllegalMove:
                job = self._job(job_id)
        if job.state not in OUT:
            raise Refused(409, "already_over", "任务已结束，不能撤回", "the job is over already")
        self._workers[job.printer].withdraw(job_id)
        return self._view(job)

    def printers(self) -> PrinterList:
        """Every printer and its state."""
        return PrinterList(printers=self.printer_views())

    def printer_views(self) -> list[PrinterView]:
        """Every printer and its state, in the order of the settings."""
        return [worker.view() for worker in self._workers.values()]

    def _accept(
        self,
        job_id: str,
        printer: str,
        slip: Slip,
        *,
        reprint_of: str | None = None,
        note: tuple[str, str] | None = None,
    ) -> JobView:
        now = self._clock.now()
        # Also when the clock was set back.
        if abs(now - self._tidied_at) > _TIDY_EVERY:
            self._tidy()
        try:
            job, new = self._spool.accept(
                job_id, printer, slip, now, reprint_of=reprint_of, note=note
            )
        except JobConflict:
            raise Refused(
                409,
                "job_id_used",
                "同一任务编号已用于另一张票",
                "this job id was used for another slip",
            ) from None
        if new:
            self._workers[printer].wake()
        return self._view(job)

    def _tidy(self) -> None:
        self._tidied_at = self._clock.now()
        self._spool.prune(self._tidied_at - self._keep)

    def _printer(self, name: str) -> str:
        if not name:
            return self._first
        if name not in self._workers:
            known = "、".join(self._workers)
            raise Refused(
                422,
                "unknown_printer",
                f"没有名为“{name}”的打印机，现有：{known}",
                f"there is no printer {name!r}",
                [
                    {
                        "field": "printer",
                        "message": "没有这台打印机",
                        "message_en": "no such printer",
                    }
                ],
            )
        return name

    def _job(self, job_id: str) -> Job:
        job = self._spool.job(job_id)
        if job is None:
            raise Refused(404, "unknown_job", "没有这个打印任务", "there is no such job")
        return job

    def _view(self, job: Job) -> JobView:
        zh, en = job.detail, job.detail_en
        worker = self._workers.get(job.printer)
        if job.state == "queued" and worker is not None:
            printer = worker.view()
            if printer.state not in ("ready", "paper_near_end"):
                zh, en = f"{zh}：{printer.detail}", f"{en}: {printer.detail_en}"
        return JobView(
            job_id=job.job_id, printer=job.printer, state=job.state, detail=zh, detail_en=en
        )
