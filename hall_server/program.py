"""The program ``hall server``: starts the parts in order, stops them in reverse."""

import argparse
import gc
import logging
import os
import socket
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from hall_server.announce import Announcer
from hall_server.api.parts import Parts
from hall_server.domain.hall import Hall
from hall_server.factory import Limits, build_parts, create_app
from hall_server.forecaster.keeper import Keeper, Task, in_turn
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.http.server import CannotListen, HttpServer, free_port
from hall_server.service.device_watch import DeviceWatch
from hall_server.service.housekeeping import Housekeeper
from hall_server.service.install import install_hall
from hall_server.service.ports import StorageFailed
from hall_server.service.views import Urls
from hall_server.settings import LOOPBACK, ServerSettings, http_url, port_number
from hall_server.store.lock import DataLock, DataLocked
from hall_server.store.schema import SchemaError
from hall_server.store.store import DataFolderError, SqlStore, prepare_data_dir
from hall_server.web.ports import DemoPlace
from hallkit.runtime.clock import Clock, ManualClock, SystemClock
from hallkit.runtime.logs import configure_logs
from hallkit.runtime.service import Service
from hallkit.runtime.settings import ConfigError, load

_log = logging.getLogger(__name__)
CLOCK_VARIABLE = "HALL_CLOCK"
# Objects, some 1 MB, between two looks at the youngest.
_COLLECT_AFTER = 2_000


class CannotStart(Exception):
    """The server cannot start; the message says why, in both languages."""


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hall server",
        description="叫号服务器：取号、叫号、工作人员页面和接口。"
        "The hall server: numbers, windows, calls, the staff's pages and the API.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="设置 / settings (server.toml)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="数据目录 / data folder")
    parser.add_argument("--host", help="监听地址 / address to listen on")
    parser.add_argument("--port", type=port_number, help="端口 / port (0: any)")
    parser.add_argument("--no-announce", action="store_true", help="不在局域网通告 / no zeroconf")
    parser.add_argument(
        "--manual-clock",
        action="store_true",
        help=f"time starts at ${CLOCK_VARIABLE} and moves by POST /api/v1/clock (loopback only)",
    )
    parser.add_argument("--demo-place", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--check-config", action="store_true", help="只检查设置 / check only")
    return parser.parse_args(argv)


def _settings(args: argparse.Namespace) -> ServerSettings:
    settings = load(args.config, ServerSettings) if args.config else ServerSettings()
    base = args.config.parent if args.config else Path()
    changes: dict[str, object] = {"hall_file": base / settings.hall_file}
    for key, value in (("data_dir", args.data), ("host", args.host), ("port", args.port)):
        if value is not None:
            changes[key] = value
    if args.no_announce:
        changes["announce"] = False
    return settings.model_copy(update=changes)


def _clock(args: argparse.Namespace, settings: ServerSettings) -> Clock:
    if not args.manual_clock:
        return SystemClock()
    if settings.host not in LOOPBACK:
        raise CannotStart("--manual-clock 只能监听本机地址 / --manual-clock needs --host 127.0.0.1")
    try:
        return ManualClock(_aware(os.environ.get(CLOCK_VARIABLE, "")))
    except ValueError:
        raise CannotStart(
            f"请用环境变量 {CLOCK_VARIABLE} 给出带时区的起始时间 / "
            f"set {CLOCK_VARIABLE} to an ISO 8601 time with an offset"
        ) from None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


def _hall(store: SqlStore, clock: Clock, settings: ServerSettings) -> Hall:
    document = store.read(lambda tx: tx.hall_document())
    if document is None:
        file = load_hall_file(settings.hall_file)
        install_hall(store, file, "system", clock.now)
        _log.info("imported the hall %s from %s", file.hall.name, settings.hall_file)
    else:
        file = HallFile.model_validate_json(document)
    return build_hall(file, always_open=settings.hours == "always")


def lan_address() -> str:
    """This machine's address on its network; 127.0.0.1 when it has none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _names(settings: ServerSettings) -> frozenset[str]:
    """What a server on the loopback address is called. A page of elsewhere may point its own name
    at 127.0.0.1 and would then read the demo's log-ins (DNS rebinding)."""
    public = urlsplit(settings.public_url).hostname
    return frozenset((*LOOPBACK, public) if public else LOOPBACK)


def _forecaster(store: SqlStore, parts: Parts, settings: ServerSettings) -> Keeper:
    commands = parts.commands
    task = Task(
        store.url,
        windows=len(commands.hall.windows),
        now=lambda: commands.moment().at,
        always_open=settings.hours == "always",
        manual=parts.manual_clock is not None,
    )
    return Keeper(task, store, commands.forecasts)


def start(service: Service, settings: ServerSettings, clock: Clock, demo: DemoPlace | None) -> str:
    """Starts every part and returns the base URL; ``service`` stops them.

    Raises CannotStart, CannotListen, ConfigError, DataFolderError, DataLocked, SchemaError.
    """
    prepare_data_dir(settings.data_dir)
    lock = DataLock(settings.data_dir)
    lock.take()
    service.add("data lock", lock.release)
    store = SqlStore(settings.data_dir, serving=True)
    service.add("store", store.close)
    hall = _hall(store, clock, settings)
    local = settings.host in LOOPBACK
    address = settings.host if local else lan_address()
    # Tickets carry the address, so the port must be known before the first request.
    port = settings.port or free_port(settings.host)
    urls = Urls(settings.public_url or http_url(address, port))
    limits = Limits(settings.max_streams, settings.max_public_streams)
    parts = build_parts(store, hall, clock, urls, limits)
    forecaster = _forecaster(store, parts, settings)
    store.publish_to(in_turn(parts.feed.published, forecaster.published))
    app = create_app(parts, demo, _names(settings) if local else None)
    http = HttpServer(app.wsgi_app, settings.host, port, settings.max_streams)
    http.start()
    service.add("http", http.stop)
    service.add("event streams", parts.feed.close)
    watch = DeviceWatch(parts.devices)
    watch.start()
    service.add("device watch", watch.stop)
    keeper = Housekeeper(parts.commands)
    keeper.start()
    service.add("housekeeping", keeper.stop)
    forecaster.start()
    service.add("forecaster", forecaster.stop)
    if settings.announce:
        announcer = Announcer(hall.id, hall.name, settings.host, http.port)
        announcer.start()
        service.add("announcement", announcer.stop)
    return http_url(address, http.port)


def _demo_place(path: Path | None) -> DemoPlace | None:
    if path is None:
        return None
    from hall_server.demo.place import read_place

    return read_place(path)


def _spare_the_collector() -> None:
    """What was made to start is there for good, and a request leaves next to no cycles behind:
    the garbage collector need not look at either at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 10, 10)


def main(argv: list[str]) -> int:
    """Runs the server until it is told to stop; 1 when it cannot start, 2 for bad settings."""
    args = _arguments(argv)
    service = Service()
    try:
        settings = _settings(args)
        if args.check_config:
            load_hall_file(settings.hall_file)
            print("配置正确 / the settings are good")  # noqa: T201
            return 0
        configure_logs(settings.log_level)
        clock = _clock(args, settings)
        service.catch_signals()
        url = start(service, settings, clock, _demo_place(args.demo_place))
        _spare_the_collector()
    except (ConfigError, ValidationError) as error:
        print(f"hall server: {error}", file=sys.stderr)  # noqa: T201
        service.close()
        return 2
    except (CannotStart, CannotListen, DataFolderError, DataLocked, SchemaError) as error:
        print(f"hall server: {error}", file=sys.stderr)  # noqa: T201
        service.close()
        return 1
    except StorageFailed as error:
        print(f"hall server: 数据无法保存 / cannot store data: {error}", file=sys.stderr)  # noqa: T201
        service.close()
        return 1
    _log.info("the hall server is at %s", url)
    service.run()
    return 0
