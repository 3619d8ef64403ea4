"""``hall admin``: its arguments, and the one place where its errors become words."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from hall_server.admin.failure import Failure
from hallkit.runtime.settings import ConfigError

Command = Callable[[argparse.Namespace], str]
DATA_VARIABLE = "HALL_DATA"


def _init(args: argparse.Namespace) -> str:
    from hall_server.admin.hall import init

    return init(args.data, args.hall)


def _import_hall(args: argparse.Namespace) -> str:
    from hall_server.admin.hall import import_hall

    return import_hall(args.data, args.file)


def _export_hall(args: argparse.Namespace) -> str:
    from hall_server.admin.hall import export_hall

    return export_hall(args.data, args.output)


def _add_staff(args: argparse.Namespace) -> str:
    from hall_server.admin.staff import add_staff

    return add_staff(args.data, args.staff_no, args.name, args.role, replace=args.replace)


def _backup(args: argparse.Namespace) -> str:
    from hall_server.admin.backup import backup

    return backup(args.data, args.file)


def _restore(args: argparse.Namespace) -> str:
    from hall_server.admin.restore import restore

    return restore(args.data, args.file)


def _skip_numbers(args: argparse.Namespace) -> str:
    from hall_server.admin.restore import skip_todays

    return skip_todays(args.data)


def _copy_to(args: argparse.Namespace) -> str:
    from hall_server.admin.copy import copy_to

    return copy_to(args.data, args.url)


def _verify(args: argparse.Namespace) -> str:
    from hall_server.admin.verify import verify

    return verify(args.data)


def _check_config(args: argparse.Namespace) -> str:
    from hall_server.admin.check import check_config

    return check_config(args.file)


def _import_calendar(args: argparse.Namespace) -> str:
    from hall_server.admin.tables import import_calendar

    return import_calendar(args.data, args.file)


def _import_appointments(args: argparse.Namespace) -> str:
    from hall_server.admin.tables import import_appointments

    return import_appointments(args.data, args.file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall admin",
        description="办事大厅数据的建立与维护 / set-up and care of a hall's data",
        epilog="退出状态：0 成功，1 未能完成，2 文件或参数有误 / "
        "exit status: 0 done, 1 could not be done, 2 a wrong file or argument",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get(DATA_VARIABLE) or "data"),
        metavar="DIR",
        help=f"数据目录 / data folder (default: ${DATA_VARIABLE} or ./data)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Command, words: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=words, description=words)
        # Given after the command as well as before it.
        one.add_argument("--data", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.set_defaults(run=run)
        return one

    init = add("init", _init, "建立数据目录 / make the data folder and its database")
    init.add_argument("--hall", type=Path, metavar="FILE", help="并导入大厅文件 / and import this")
    one = add("import-hall", _import_hall, "导入大厅文件 / put a hall file into force")
    one.add_argument("file", type=Path, metavar="FILE")
    one = add("export-hall", _export_hall, "导出大厅文件 / write the hall in force as TOML")
    one.add_argument("--output", type=Path, metavar="FILE", help="写入文件 / not to the screen")
    one = add("import-calendar", _import_calendar, "导入节假日表 / add a year's rest days")
    one.add_argument("file", type=Path, metavar="FILE", help="CSV: date,kind")
    one = add("import-appointments", _import_appointments, "导入预约 / book a table's rows")
    one.add_argument(
        "file", type=Path, metavar="FILE", help="CSV: person,service_id,date,time,channel"
    )
    _staff_arguments(add("add-staff", _add_staff, "添加工作人员 / add a member of staff"))
    one = add("backup", _backup, "备份（可在服务运行时进行）/ back up, also while the server runs")
    one.add_argument("file", type=Path, metavar="FILE")
    one = add(
        "restore", _restore, "恢复备份（先停止服务）/ restore a backup; stop the server first"
    )
    one.add_argument("file", type=Path, metavar="FILE")
    add(
        "skip-numbers",
        _skip_numbers,
        "跳过今天可能已发出的号码（用其他工具恢复数据后）/ after a restore by another program",
    )
    one = add(
        "copy-to", _copy_to, "复制到空的 PostgreSQL 数据库 / into an empty PostgreSQL database"
    )
    one.add_argument("url", metavar="URL", help="postgresql+psycopg://USER@HOST/DATABASE")
    add("verify", _verify, "检查日志链和数据库 / check the journal's hash chain and the database")
    one = add("check-config", _check_config, "检查大厅文件或服务配置 / check a hall or server file")
    one.add_argument("file", type=Path, metavar="FILE")
    return parser


def _staff_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("staff_no", metavar="STAFF_NO", help="工号 / staff number")
    one.add_argument("--name", required=True, help="姓名 / name")
    one.add_argument(
        "--role",
        default="clerk",
        choices=("clerk", "guide", "manager"),
        help="窗口人员、导办、管理员 / default: clerk",
    )
    one.add_argument(
        "--replace",
        action="store_true",
        help="工号已存在时更新并重设密码 / change one that exists, with a new pin",
    )
    one.epilog = "密码从键盘或标准输入读取 / the pin is asked for, or read from standard input"


def main(argv: list[str]) -> int:
    """Runs one command; returns the exit status."""
    args = _parser().parse_args(argv)
    try:
        done = args.run(args)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Failure as error:
        sys.stderr.write(f"hall admin {args.command}: {error}\n")
        return 1
    sys.stdout.write(f"{done}\n")
    return 0
