"""What can be asked of the ticket printer: submit, look, list, reprint, withdraw."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from hallkit.runtime.clock import Clock
from hallkit.wire.printing import (
    JobView,
    PrinterList,
    PrinterView,
    PrintJob,
    ReprintReport,
)
from hallkit.wire.slips import Slip, TicketSlip, slip_from
from ticket_printer.intake.listing import JobList, listed
from ticket_printer.intake.refused import Refused
from ticket_printer.intake.routes import Routes
from ticket_printer.spool.lookup import Entry, Lookup
from ticket_printer.spool.states import OUT, WORDS, IllegalMove
from ticket_printer.spool.store import Job, JobConflict, Spool
from ticket_printer.spool.worker import PrinterWorker

REPRINT_TAG = "补打"
# Old jobs are forgotten this often; the program may run for months.
_TIDY_EVERY = timedelta(days=1)


class PrintDesk:
    """The spool and its printers as one thing; thread-safe. Methods raise Refused.

    ``routes`` says which printer a job is for; ``accepted()`` is called after each new job,
    ``reprinted()`` after each reprint. Jobs that ended more than ``keep_days`` days ago are
    forgotten.
    """

    def __init__(
        self,
        spool: Spool,
        workers: Sequence[PrinterWorker],
        routes: Routes,
        clock: Clock,
        keep_days: int,
        accepted: Callable[[], None] = lambda: None,
        reprinted: Callable[[], None] = lambda: None,
    ) -> None:
        self._spool = spool
        self._lookup = Lookup(spool)
        self._workers = {worker.name: worker for worker in workers}
        self._routes = routes
        self._accepted = accepted
        self._reprinted = reprinted
        self._clock = clock
        self._keep = timedelta(days=keep_days)
        self._tidy()

    def submit(self, job: PrintJob, *, note: tuple[str, str] | None = None) -> JobView:
        """Takes a job in, durably; the same job again is answered, not printed."""
        name = self._routes.printer(job.printer, job.kiosk)
        slip = slip_from(job.slip.model_dump())
        return self._accept(job.job_id, name, slip, note=note)

    def view(self, job_id: str) -> JobView:
        """Where the job stands."""
        return self._view(self._job(job_id))

    def reprint(
        self, job_id: str, new_job_id: str, printer: str = "", *, by: str = "", reason: str = ""
    ) -> JobView:
        """Prints a slip again, marked 补打, as a job of its own; a person's act, of which the
        server is told: who did it, and why."""
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
        name = self._routes.printer(printer) if printer else self._routes.present(job.printer)
        now = self._clock.now()
        report = ReprintReport(
            request_id=str(uuid5(UUID(self._spool.identity), f"{new_job_id} {now.isoformat()}")),
            kind=slip.kind,
            number=_number_on(slip),
            ticket_id=self._ticket_of(job, slip),
            printer=name,
            by=by,
            reason=reason,
            reprinted_at=now,
        )
        return self._accept(new_job_id, name, slip, reprint_of=job.job_id, report=report)

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

    def jobs(self, number: str = "") -> JobList:
        """The jobs of a number; without one, those that came to nothing and those that wait."""
        now = self._clock.now()
        if number:
            found = self._lookup.numbered(number, now)
        else:
            found = [*self._lookup.unsettled(now), *self._lookup.waiting()]
        return JobList(jobs=[listed(entry, self._view(entry.job)) for entry in found])

    def unsettled(self) -> dict[str, list[Entry]]:
        """What came to nothing today and was not printed again, by printer. What a printer did that
        is no more is told at the one that took its place."""
        found: dict[str, list[Entry]] = {}
        for entry in self._lookup.unsettled(self._clock.now()):
            found.setdefault(self._routes.present(entry.job.printer), []).append(entry)
        return found

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
        report: ReprintReport | None = None,
    ) -> JobView:
        now = self._clock.now()
        # Also when the clock was set back.
        if abs(now - self._tidied_at) > _TIDY_EVERY:
            self._tidy()
        try:
            job, new = self._spool.accept(
                job_id,
                printer,
                slip,
                now,
                reprint_of=reprint_of,
                note=note,
                report=report.model_dump_json() if report is not None else None,
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
            self._accepted()
            if reprint_of is not None:
                self._reprinted()
        return self._view(job)

    def _tidy(self) -> None:
        self._tidied_at = self._clock.now()
        self._spool.prune(self._tidied_at - self._keep)

    def _ticket_of(self, job: Job, slip: Slip) -> str:
        """The id of the ticket that is printed again; empty for another slip."""
        first: Job | None = job
        while first is not None and first.reprint_of is not None:
            first = self._spool.job(first.reprint_of)
        if first is None or slip.kind != "ticket":
            return ""
        try:
            return str(UUID(first.job_id))
        except ValueError:
            return ""

    def _job(self, job_id: str) -> Job:
        job = self._spool.job(job_id)
        if job is None:
            raise Refused(404, "unknown_job", "没有这个打印任务", "there is no such job")
        return job

    def _view(self, job: Job) -> JobView:
        view = JobView(
            job_id=job.job_id,
            printer=job.printer,
            state=job.state,
            detail=job.detail,
            detail_en=job.detail_en,
        )
        worker = self._workers.get(job.printer)
        if worker is None:
            return view
        more: dict[str, str] = {}
        zh, en = job.detail, job.detail_en
        if job.state == "queued" and worker.unable_since is not None:
            printer = worker.view()
            more["waits_for"] = printer.state
            zh, en = f"{zh}：{printer.detail}", f"{en}: {printer.detail_en}"
        if job.printer != job.wanted:
            more["collect_at"], more["collect_at_en"] = worker.place
            zh, en = f"{worker.place[0]}：{zh}", f"{worker.place[1]}: {en}"
        return view.model_copy(update={**more, "detail": zh, "detail_en": en})


def _number_on(slip: Slip) -> str:
    """The number by which people know a slip: the ticket's, the case's; empty for others."""
    return slip.number if isinstance(slip, TicketSlip) else getattr(slip, "case_number", "")
