"""All panels of the hall: keeps each showing its window's sign, and knows whether it does."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from display.board.sign import Sign
from display.bus.delivery import Delivery
from display.bus.line import Line, LinePlan
from display.led.codec import Capabilities
from display.led.content import Content
from display.protocols import Catalogue
from display.render.shape import DoesNotFit, PanelShape
from display.render.sign import blank, render
from display.settings import COLOURS, DisplaySettings, LineSettings, PanelSettings
from hallkit.runtime.clock import Clock
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)

# When the program ends, panels get this long to take the idle text instead of a number that
# nobody would ever change again.
FAREWELL_S = 1.5


@dataclass
class _Panel:
    name: str
    window: int
    address: int
    shape: PanelShape
    can: Capabilities
    line: Line
    sign: Sign | None = None
    content: Content | None = None
    unfit: tuple[str, str] | None = None


class Panels:
    """``show`` signs; ``parts`` for the heartbeat. ``on_change`` is called from a line's worker
    when a panel's or a line's state changed; brightness goes by ``clock``."""

    def __init__(
        self, settings: DisplaySettings, on_change: Callable[[], None], clock: Clock
    ) -> None:
        self._clock = clock
        self._times = settings.panels
        self._zone: tzinfo | None = None
        self._lines: list[Line] = []
        self._panels: list[_Panel] = []
        per_window = Counter(p.window for line in settings.lines for p in line.panels)
        protocols = Catalogue(settings.strips_dir)
        self._doubts = {entry.name: protocols.doubt(entry.protocol) for entry in settings.lines}
        for entry in settings.lines:
            doubt = self._doubts[entry.name]
            if doubt:
                _log.warning("line %s: %s", entry.name, doubt[1])
            codec = protocols.codec(entry.protocol, entry.card)
            plan = LinePlan(
                entry.name,
                entry.port,
                entry.baud or codec.capabilities.baud,
                tuple(panel.address for panel in entry.panels),
                settings.panels.refresh_s,
                entry.rs485,
            )
            line = Line(plan, codec, on_change, level=self.level)
            self._lines.append(line)
            for panel in entry.panels:
                self._panels.append(_panel(entry, panel, line, per_window[panel.window]))

    def start(self) -> None:
        """Starts the lines; every panel first says that nothing is known."""
        self.show(lambda window: Sign(window, "lost"))
        for line in self._lines:
            line.start()

    def stop(self) -> None:
        """Takes numbers away where that is possible at once, and stops the lines."""
        self.show(lambda window: Sign(window, "lost"))
        deadline = time.monotonic() + FAREWELL_S
        for line in self._lines:
            line.settle(max(0.0, deadline - time.monotonic()))
        # All at once: a worker may be inside an attempt to connect, and there may be many.
        for line in self._lines:
            line.ask_to_stop()
        for line in self._lines:
            line.stop()

    def show(self, sign_of: Callable[[int], Sign]) -> None:
        """Brings every panel to the sign of its window; only what changed is sent."""
        for panel in self._panels:
            sign = sign_of(panel.window)
            if sign == panel.sign:
                continue
            panel.sign = sign
            content = self._content(panel, sign)
            if content != panel.content:
                panel.content = content
                panel.line.show(panel.address, content, urgent=sign.kind == "called")

    def timezone(self, zone: tzinfo) -> None:
        """Sets the hall's time zone, by which brightness goes."""
        self._zone = zone

    def parts(self) -> list[PartStatus]:
        """Each line and each panel in words."""
        parts = [_line_part(line, self._doubts[line.plan.name]) for line in self._lines]
        known = {(id(line), d.address): d for line in self._lines for d in line.deliveries()}
        parts += [_panel_part(p, known[(id(p.line), p.address)]) for p in self._panels]
        return parts

    def level(self) -> int | None:
        """How bright panels should be now, 0 to 15; None for as they are."""
        return self._times.level_at(self._clock.now().astimezone(self._zone).time())

    def _content(self, panel: _Panel, sign: Sign) -> Content:
        try:
            content = render(sign, panel.shape, panel.can, self._times.expire_s)
        except DoesNotFit as error:
            if panel.unfit is None:
                _log.warning("%s: %s", panel.name, error)
            panel.unfit = error.zh, error.en
            return blank(panel.shape, panel.can)
        panel.unfit = None
        return content


def _panel(entry: LineSettings, panel: PanelSettings, line: Line, same_window: int) -> _Panel:
    name = f"panel {panel.window}"
    if same_window > 1:
        name += f" ({entry.name}/{panel.address})"
    shape = PanelShape(
        panel.width,
        panel.height,
        COLOURS[panel.colours],
        panel.rows,
        panel.columns,
        panel.drop_letters,
    )
    can = line.capabilities
    return _Panel(name, panel.window, panel.address, shape, can, line)


def _line_part(line: Line, doubt: tuple[str, str] | None) -> PartStatus:
    name = f"line {line.plan.name}"
    away = line.away
    if away is None:
        zh, en = doubt or ("", "")
        text = f"线路正常；{zh}" if zh else "线路正常"
        text_en = f"line open; {en}" if en else "line open"
        return PartStatus(name=name, state="ready", text=text, text_en=text_en, ok=True)
    text = f"线路 {line.plan.url} 无法连接：{away}"
    text_en = f"line {line.plan.url} is away: {away}"
    return PartStatus(name=name, state="away", text=text, text_en=text_en, ok=False)


def _panel_part(panel: _Panel, delivery: Delivery) -> PartStatus:
    window = panel.window
    zh, en = {
        "unknown": ("未知", "unknown"),
        "sent": ("已发送", "sent"),
        "acked": ("已显示", "showing"),
        "failed": ("故障", "failed"),
    }[delivery.state]
    ok = delivery.state in ("sent", "acked") and panel.unfit is None
    if panel.unfit is not None:
        zh, en = panel.unfit
    elif delivery.zh:
        zh, en = delivery.zh, delivery.en
    elif delivery.shown:
        zh, en = f"{zh}“{delivery.shown}”", f"{en} “{delivery.shown}”"
    return PartStatus(
        name=panel.name,
        state=delivery.state,
        text=f"{window}号窗口屏：{zh}",
        text_en=f"panel of window {window}: {en}",
        ok=ok,
        window=window,
    )
