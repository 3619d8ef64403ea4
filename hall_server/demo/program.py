"""``hall demo``: plans, prepares, starts, announces, waits, stops."""

import argparse
import json
import os
import secrets
import socket
import sys
import time
from pathlib import Path

from hall_server.demo.children import Children
from hall_server.demo.plan import Plan, Printer, commands, panels_for, staff_for
from hall_server.demo.prepare import READY_FILE, prepare
from hall_server.demo.ready import NotReady, wait_until_ready
from hall_server.domain.errors import Refused
from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.settings import LOOPBACK, port_number
from hall_server.store.lock import DataLocked
from hall_server.store.schema import SchemaError
from hall_server.store.store import DataFolderError, prepare_data_dir
from hallkit.runtime.paths import config_dir
from hallkit.runtime.ports import free_port
from hallkit.runtime.service import Service
from hallkit.runtime.settings import ConfigError

_LOOK_AFTER_CHILDREN_S = 1.0
# Long enough to take a number from the kiosk's reserve while the server is away.
_SERVER_BACK_AFTER_S = 20.0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hall demo",
        description="在本机演示整个大厅，设备全部模拟；按 Ctrl-C 全部结束。"
        "A whole hall on this machine: server, kiosk, printers, panels and voice, "
        "every device simulated. Ctrl-C ends all of it.",
    )
    default = config_dir() / "halls" / "baishui-town.toml"
    parser.add_argument(
        "--hall", type=Path, default=default, help="大厅文件 / hall file (%(default)s)"
    )
    parser.add_argument("--data", type=Path, help="数据目录 / data folder (./demo-data/HALL)")
    parser.add_argument("--port", type=port_number, default=8080, help="端口 / port (%(default)s)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="监听地址；0.0.0.0 供局域网访问，密码随机 / 0.0.0.0: open to the network, random pins",
    )
    parser.add_argument(
        "--kiosk",
        choices=("auto", "window", "offscreen", "none"),
        default="auto",
        help="取号机：有屏幕时开窗口 / auto: a window where there is a screen, "
        "else drawn offscreen and seen at /demo",
    )
    parser.add_argument(
        "--hours",
        choices=("always", "real"),
        default="always",
        help="全天取号，或按大厅文件 / at any hour, or the hall's own",
    )
    parser.add_argument("--manual-clock", action="store_true", help="see hall server --help")
    return parser.parse_args(argv)


def _kiosk_mode(asked: str) -> str:
    if asked != "auto":
        return asked
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return "window" if screen else "offscreen"


def _pins(host: str) -> dict[str, str]:
    if host in LOOPBACK:
        return {"clerk": "112233", "guide": "223344", "manager": "334455"}
    # Whoever reaches the demo over the network must not know its pins beforehand.
    return {role: f"{secrets.randbelow(10**6):06d}" for role in ("clerk", "guide", "manager")}


def _plan(args: argparse.Namespace, hall: HallFile) -> Plan:
    data = (args.data or Path("demo-data") / hall.hall.id).absolute()
    papers = data / "printers"
    return Plan(
        data=data,
        host=args.host,
        port=args.port or free_port(),
        hours=args.hours,
        kiosk=_kiosk_mode(args.kiosk),
        manual_clock=args.manual_clock,
        printers=(
            Printer("kiosk-1", free_port(), 80, papers / "kiosk-1"),
            Printer("desk", free_port(), 58, papers / "desk"),
        ),
        panels=panels_for(hall, data),
        intake_port=free_port(),
        remote_port=free_port(),
        staff=staff_for(hall, _pins(args.host)),
    )


def _check_port(host: str, port: int) -> None:
    """Raises NotReady when another program has the port, before anything is changed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(
                f"{host}:{port} 无法使用，可用 --port 换一个 / cannot be used, --port names "
                f"another: {error.strerror}"
            ) from None


def _write_demo_json(plan: Plan) -> None:
    content = {
        "base_url": plan.base_url,
        "staff": [
            {"staff_no": no, "pin": pin, "role": role, "window": window}
            for no, pin, role, window in plan.staff
        ],
        "device_tokens": {"kiosk": plan.tokens["kiosk"]},
        "printers": [{"name": p.name, "out_dir": str(p.out_dir)} for p in plan.printers],
        "panels": [
            {"window": p.window, "protocol": p.protocol, "out_dir": str(p.out_dir)}
            for p in plan.panels
        ],
        "voice_dir": str(plan.voice_dir),
        "kiosk": {"remote_url": plan.place().kiosk_url},
    }
    path = plan.data / READY_FILE
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(path)


def _greeting(plan: Plan, hall: HallFile) -> str:
    pages = (
        ("/demo", "演示总览：小票、窗口屏、语音、取号机", "everything at once"),
        ("/board", "叫号大屏", "TV board"),
        ("/clerk", "窗口工作台", "clerk's console"),
        ("/manager", "大厅管理", "manager"),
        ("/devices", "设备", "devices"),
        ("/", "首页", "start page"),
    )
    lines = [f"{hall.hall.name} 已就绪 / is ready:", ""]
    lines += [f"  {plan.base_url + path:<34} {zh} / {en}" for path, zh, en in pages]
    lines += ["", "登录 / log-ins (this demo only):"]
    for staff_no, pin, role, window in plan.staff:
        where = f"  {window} 号窗口" if window else ""
        lines.append(f"  {role:<8} 工号 {staff_no}  密码 {pin}{where}")
    lines += ["", f"数据 / data: {plan.data}", "按 Ctrl-C 结束 / Ctrl-C ends it"]
    return "\n".join(lines)


def _ended(name: str, status: int, children: Children) -> str:
    if name == "server":
        return (
            f"\nserver 已退出（{status}），{_SERVER_BACK_AFTER_S:.0f} 秒后自动重启，"
            f"其间取号机用预留的号码取号 / ended ({status}), starts again in "
            f"{_SERVER_BACK_AFTER_S:.0f} s; meanwhile the kiosk gives numbers from its reserve\n"
            f"{children.log_tail(name)}"
        )
    return (
        f"\n{name} 已退出（{status}），其余仍在运行；要恢复，请按 Ctrl-C 后重新启动，数据会保留 / "
        f"ended ({status}), the others go on; to have it back press Ctrl-C and start again: "
        f"the data stays\n{children.log_tail(name)}"
    )


def _run(plan: Plan, hall: HallFile, service: Service) -> int:
    children = Children(plan.data / "logs")
    service.add("children", children.stop)
    for name, arguments in commands(plan):
        children.start(name, arguments)
    if not wait_until_ready(plan, children, service.stopping.is_set):
        return 0
    _write_demo_json(plan)
    print(_greeting(plan, hall), flush=True)  # noqa: T201
    service.ready()
    _look_after(children, service)
    return 0


def _look_after(children: Children, service: Service) -> None:
    """Tells of every part that ended, and starts the server again after a while."""
    told: set[str] = set()
    back_at: float | None = None
    while not service.stopping.wait(_LOOK_AFTER_CHILDREN_S):
        for name, status in children.ended():
            if name not in told:
                told.add(name)
                if name == "server":
                    back_at = time.monotonic() + _SERVER_BACK_AFTER_S
                print(_ended(name, status, children), file=sys.stderr)  # noqa: T201
        if back_at is not None and time.monotonic() >= back_at:
            children.start_again("server")
            told.discard("server")
            back_at = None
            print("server 正在重新启动 / is being started again", file=sys.stderr)  # noqa: T201


def main(argv: list[str]) -> int:
    """Runs the demo until Ctrl-C; 1 when it cannot start, 2 for a bad hall file."""
    args = _arguments(argv)
    service = Service()
    service.catch_signals()
    try:
        hall = load_hall_file(args.hall)
        plan = _plan(args, hall)
        if args.port:
            _check_port(args.host, args.port)
        prepare_data_dir(plan.data)
        plan = prepare(plan, hall)
        return _run(plan, hall, service)
    except ConfigError as error:
        print(f"hall demo: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except Refused as error:
        print(f"hall demo: {error.zh} / {error.en}", file=sys.stderr)  # noqa: T201
        return 1
    except (NotReady, DataFolderError, DataLocked, SchemaError) as error:
        print(f"hall demo: {error}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        service.close()
