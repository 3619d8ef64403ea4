"""What the demo starts: ports, files and commands of every part, decided before anything runs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from hall_server.hallfile.schema import HallFile
from hall_server.settings import http_url
from hall_server.web.ports import DemoPlace
from hallkit.runtime.ports import free_port

# Panels on one two-wire line, to show a shared bus; every other panel has its own connection.
SHARED_LINE = 2
_LAMPS = {"width": 160, "height": 32, "colours": "red-green"}
# What the panels of a protocol look like. The last windows of a hall show other kinds than the
# first: lamps without fonts, a strip of characters, digits.
_LOOKS: dict[str, dict[str, Any]] = {
    "bx5k": _LAMPS,
    "bx6e": _LAMPS | {"width": 128},
    "olm": {"rows": 2, "columns": 8, "colours": "red-green"},
    "modbus-tcp": {"columns": 4},
}
_LAST = ("modbus-tcp", "bx6e", "olm")
# Seven segments make no X: the demo's board of digits leaves letters out.
_DIGITS = {"modbus-tcp": {"drop_letters": True}}
_FEW = 5
# Log-ins are made for the first windows only: hashing a pin costs a Pi half a second.
MOST_CLERKS = 12
KIOSK_NAME = "kiosk-1"


@dataclass(frozen=True)
class Printer:
    """A virtual printer and where it puts its paper."""

    name: str
    port: int
    width: int
    out_dir: Path


@dataclass(frozen=True)
class Panel:
    """A virtual panel; ``port`` is its line."""

    window: int
    line: str
    port: str
    address: int
    out_dir: Path
    protocol: str = "bx5k"


@dataclass(frozen=True)
class Plan:
    """The whole demo. ``tokens`` are the device tokens by program; ``devices`` their ids."""

    data: Path
    host: str
    port: int
    hours: str
    kiosk: str
    manual_clock: bool
    printers: tuple[Printer, ...]
    panels: tuple[Panel, ...]
    intake_port: int
    remote_port: int
    staff: tuple[tuple[str, str, str, int | None], ...]
    tokens: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where the demo's own programs reach the server."""
        local = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return http_url(local, self.port)

    @property
    def voice_dir(self) -> Path:
        """Where the voice leaves its files."""
        return self.data / "voice"

    @property
    def has_kiosk(self) -> bool:
        """Whether a kiosk is part of the demo."""
        return self.kiosk != "none"

    def folder(self, name: str) -> Path:
        """A folder of the demo's data, made when missing."""
        path = self.data / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def place(self) -> DemoPlace:
        """What the ``/demo`` page shows."""
        return DemoPlace(
            printers=tuple((p.name, p.out_dir) for p in self.printers),
            panels=tuple((p.window, p.protocol, p.out_dir) for p in self.panels),
            voice_dir=self.voice_dir,
            kiosk_url=f"http://127.0.0.1:{self.remote_port}" if self.has_kiosk else None,
            staff=self.staff,
        )


def panels_for(hall: HallFile, data: Path) -> tuple[Panel, ...]:
    """A panel for every window: the first ones on one shared line, the others one by one, and the
    last ones of a hall with several windows each of another kind."""
    windows = sorted(w.number for w in hall.windows)
    last = windows[-len(_LAST) :] if len(windows) >= _FEW else []
    other = dict(zip(last, _LAST, strict=False))
    shared = windows[:SHARED_LINE] if len(windows) > SHARED_LINE else []
    made = []
    for number in windows:
        out = data / "panels" / f"window-{number:02d}"
        if number in shared:
            address = shared.index(number) + 1
            made.append(Panel(number, "rs485", str(data / "rs485"), address, out))
        else:
            port = f"socket://127.0.0.1:{free_port()}"
            protocol = other.get(number, "bx5k")
            made.append(Panel(number, f"tcp-{number}", port, 1, out, protocol))
    return tuple(made)


def staff_for(hall: HallFile, pins: dict[str, str]) -> tuple[tuple[str, str, str, int | None], ...]:
    """Staff number, pin, role and window: a manager, a guide, a clerk for each window."""
    windows = sorted(w.number for w in hall.windows)[:MOST_CLERKS]
    clerks = [(str(1000 + n), pins["clerk"], "clerk", n) for n in windows]
    return (
        ("9001", pins["manager"], "manager", None),
        ("8001", pins["guide"], "guide", None),
        *((no, pin, role, window) for no, pin, role, window in clerks),
    )


def _device(plan: Plan, name: str) -> dict[str, str]:
    return {
        "url": plan.base_url,
        "device_id": plan.devices[name],
        "token_file": str(plan.data / "tokens" / name),
    }


def _lines(plan: Plan) -> dict[str, list[Panel]]:
    lines: dict[str, list[Panel]] = {}
    for panel in plan.panels:
        lines.setdefault(panel.line, []).append(panel)
    return lines


def display_config(plan: Plan) -> dict[str, Any]:
    """``display.toml``"""
    return {
        "server": _device(plan, "display"),
        "voice": {"out_dir": str(plan.voice_dir), "player": "none"},
        "lines": [
            {
                "name": name,
                "port": panels[0].port,
                "protocol": panels[0].protocol,
                "panels": [
                    {"window": p.window, "address": p.address}
                    | _LOOKS[p.protocol]
                    | _DIGITS.get(p.protocol, {})
                    for p in panels
                ],
            }
            for name, panels in _lines(plan).items()
        ],
    }


def virtual_panels_config(plan: Plan) -> dict[str, Any]:
    """The virtual panels, all in one process."""
    return {
        "lines": [
            {
                "protocol": panels[0].protocol,
                "listen": panels[0].port.replace("socket://", "tcp:")
                if panels[0].port.startswith("socket://")
                else f"pty:{panels[0].port}",
                "panels": [
                    {"out_dir": str(p.out_dir), "address": p.address} | _LOOKS[p.protocol]
                    for p in panels
                ],
            }
            for panels in _lines(plan).values()
        ]
    }


def printer_config(plan: Plan) -> dict[str, Any]:
    """``printer.toml``"""
    return {
        "data_dir": str(plan.folder("spool")),
        "desk_printer": plan.printers[-1].name,
        "intake": {"port": plan.intake_port},
        "server": _device(plan, "printer"),
        "printers": [
            {"name": p.name, "transport": f"tcp://127.0.0.1:{p.port}", "width": p.width}
            for p in plan.printers
        ],
    }


def kiosk_config(plan: Plan) -> dict[str, Any]:
    """``kiosk.toml``"""
    return {
        "name": KIOSK_NAME,
        "server": _device(plan, "kiosk"),
        "printer": {
            "url": f"http://127.0.0.1:{plan.intake_port}",
            "name": plan.printers[0].name,
        },
        "remote": {"listen": f"127.0.0.1:{plan.remote_port}"},
    }


def server_config(plan: Plan) -> dict[str, Any]:
    """``server.toml``"""
    return {
        "data_dir": str(plan.data / "server"),
        "host": plan.host,
        "port": plan.port,
        "hours": plan.hours,
    }


def write_configs(plan: Plan) -> None:
    """Writes every part's settings into ``config/`` of the demo's data."""
    folder = plan.folder("config")
    configs: dict[str, dict[str, Any]] = {
        "server": server_config(plan),
        "display": display_config(plan),
        "virtual-panels": virtual_panels_config(plan),
        "printer": printer_config(plan),
        "kiosk": kiosk_config(plan),
    }
    for name, content in configs.items():
        (folder / f"{name}.toml").write_text(tomli_w.dumps(content), encoding="utf-8")


def commands(plan: Plan) -> list[tuple[str, list[str]]]:
    """Each part's name and arguments of ``hall``, in the order of their start."""
    config = plan.data / "config"
    clock = ["--manual-clock"] if plan.manual_clock else []
    place = ["--demo-place", str(plan.data / "place.json")]
    virtual = [
        (
            f"paper-{p.name}",
            [
                *("printer", "virtual", "--listen", f"127.0.0.1:{p.port}"),
                *("--out", str(p.out_dir), "--width", str(p.width)),
            ],
        )
        for p in plan.printers
    ]
    parts = [
        ("server", ["server", "--config", str(config / "server.toml"), *place, *clock]),
        *virtual,
        ("panels", ["display", "virtual", "--config", str(config / "virtual-panels.toml")]),
        ("printer", ["printer", "--config", str(config / "printer.toml")]),
        ("display", ["display", "--config", str(config / "display.toml")]),
    ]
    if plan.has_kiosk:
        flag = f"--{plan.kiosk}"
        parts.append(("kiosk", ["kiosk", "--config", str(config / "kiosk.toml"), flag]))
    return parts
