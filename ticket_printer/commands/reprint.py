"""``hall printer reprint``: what came to nothing, and ``NUMBER`` to print it again."""

import argparse
import sys
from pathlib import Path
from uuid import uuid4

from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.runtime.settings import ConfigError, load
from hallkit.wire.errors import ErrorInfo
from hallkit.wire.printing import JobView
from ticket_printer.intake.listing import JobList, ListedJob
from ticket_printer.settings import PrinterProgramSettings

_HELP = (
    "补打一张票；不写号码则列出不知是否出纸、没有打出、暂停和等待的票。打印程序要在运行。"
    "Prints a slip again; without NUMBER lists what is unknown, failed, held or waiting. "
    "The printer program has to be running."
)


def main(argv: list[str]) -> int:
    """Lists or reprints through the running program; 0, 1 when it refuses, is not reachable or
    has no such number, 2 for a wrong command line or settings file."""
    parser = _parser()
    options = parser.parse_args(argv)
    if (options.number or options.job) and not (options.by and options.reason):
        parser.error("补打要写 --by 和 --reason / a reprint needs --by and --reason")
    try:
        client = ApiClient(options.url or _url_of(options.config), prefix="")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except ValueError as error:
        parser.error(str(error))
    try:
        if options.number or options.job:
            return _reprint(client, options)
        return _list(client)
    except ServerRefused as refused:
        print(_refusal(refused.info), file=sys.stderr)
    except LinkError as error:
        print(
            f"{client.base_url}: 打印程序没有应答，是否在运行？补打前请先看清单 / "
            f"no answer from the printer program, is it running? Look at the list before you "
            f"reprint ({error})",
            file=sys.stderr,
        )
    finally:
        client.close()
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hall printer reprint", description=_HELP)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "number", nargs="?", default="", metavar="NUMBER", help="A012, or a case number"
    )
    what.add_argument("--job", default="", metavar="ID", help="where several have the number")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--config", type=Path, metavar="FILE", help="printer.toml")
    where.add_argument("--url", metavar="URL", help="the intake, such as http://127.0.0.1:9180")
    parser.add_argument("--by", default="", metavar="NAME", help="who prints it again")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, such as 卡纸")
    parser.add_argument("--printer", default="", metavar="NAME", help="at another printer")
    return parser


def _url_of(config: Path) -> str:
    """Where the intake of these settings listens. Raises ConfigError, ValueError (any port)."""
    intake = load(config, PrinterProgramSettings).intake
    if not intake.port:
        raise ValueError(
            "intake.port 是 0（任意端口），请写 --url / intake.port is 0 (any port): give --url"
        )
    host = f"[{intake.host}]" if ":" in intake.host else intake.host
    return f"http://{host}:{intake.port}"


def _list(client: ApiClient) -> int:
    found = client.get("/jobs", JobList).jobs
    if not found:
        print("没有要处理的票 / nothing is unknown, failed, held or waiting")
    for job in found:
        print(described(job))
    return 0


def _reprint(client: ApiClient, options: argparse.Namespace) -> int:
    job_id = options.job
    if not job_id:
        found = client.get("/jobs", JobList, number=options.number).jobs
        if len(found) != 1:
            _say_not_one(options.number, found)
            return 1
        job_id = found[0].job_id
    body = {"job_id": str(uuid4()), "printer": options.printer}
    body |= {"by": options.by, "reason": options.reason}
    view = client.post(f"/jobs/{job_id}/reprint", body, JobView)
    what = options.number or job_id
    print(
        f"{what}: 补打，打印机“{view.printer}”：{view.detail} / "
        f"reprint at {view.printer}: {view.detail_en}"
    )
    return 0


def _refusal(info: ErrorInfo) -> str:
    zh, en = [info.message], [info.message_en]
    for detail in info.details:
        zh.append(f"{detail['field']}：{detail['message']}")
        en.append(f"{detail['field']}: {detail['message_en']}")
    return f"{'；'.join(zh)} / {'; '.join(en)}"


def _say_not_one(number: str, found: list[ListedJob]) -> None:
    if not found:
        print(f"今天没有打印过 {number} / {number} was not printed today", file=sys.stderr)
        return
    print(
        f"{number} 有 {len(found)} 张，请用 --job 写明任务编号 / "
        f"{len(found)} slips have the number: name the job with --job",
        file=sys.stderr,
    )
    for job in found:
        print(described(job), file=sys.stderr)


def described(job: ListedJob) -> str:
    """A job in lines: what, when and where, its state and what to do in both languages, its id."""
    zh, en = job.name, job.name_en
    if job.reprint:
        zh, en = f"{zh}（补打）", f"{en} (reprint)"
    name = zh if zh == en else f"{zh} / {en}"
    lines = [
        f"{name}  {job.accepted_at:%m-%d %H:%M}  {job.printer}  {job.words} / {job.words_en}",
        f"    任务 / job: {job.job_id}",
    ]
    if job.detail != job.words:
        lines.insert(1, f"    {job.detail} / {job.detail_en}")
    return "\n".join(lines)
