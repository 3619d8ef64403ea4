"""Simple pictures drawn with lines, so that no font or image file is needed.

Each is a list of strokes in a unit square (0, 0 bottom left): a polyline, a closed polyline, or a
circle ``("circle", x, y, radius)``.
"""

from math import cos, pi, sin
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Ellipse, SmoothLine
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

Stroke = tuple[Any, ...]

_TICKET: list[Stroke] = [
    ("closed", 0.2, 0.9, 0.8, 0.9, 0.8, 0.1, 0.7, 0.17, 0.6, 0.1, 0.5, 0.17, 0.4, 0.1, 0.3, 0.17,
     0.2, 0.1),
    ("line", 0.34, 0.74, 0.66, 0.74),
    ("line", 0.34, 0.58, 0.66, 0.58),
    ("line", 0.34, 0.42, 0.52, 0.42),
]  # fmt: skip
_PRINTER: list[Stroke] = [
    ("line", 0.27, 0.62, 0.27, 0.92, 0.73, 0.92, 0.73, 0.62),
    ("line", 0.27, 0.28, 0.1, 0.28, 0.1, 0.62, 0.9, 0.62, 0.9, 0.28, 0.73, 0.28),
    ("closed", 0.27, 0.4, 0.73, 0.4, 0.73, 0.08, 0.27, 0.08),
    ("dot", 0.78, 0.52, 0.03),
]
_STROKES: dict[str, list[Stroke]] = {
    "ticket": _TICKET,
    "printer": _PRINTER,
    "check": [("circle", 0.5, 0.5, 0.42), ("line", 0.3, 0.5, 0.45, 0.35, 0.72, 0.65)],
    "info": [
        ("circle", 0.5, 0.5, 0.42),
        ("line", 0.5, 0.28, 0.5, 0.54),
        ("dot", 0.5, 0.7, 0.045),
    ],
    "problem": [
        ("closed", 0.5, 0.9, 0.94, 0.12, 0.06, 0.12),
        ("line", 0.5, 0.38, 0.5, 0.64),
        ("dot", 0.5, 0.25, 0.045),
    ],
    "away": [
        ("closed", 0.1, 0.3, 0.9, 0.3, 0.9, 0.86, 0.1, 0.86),
        ("line", 0.5, 0.3, 0.5, 0.12),
        ("line", 0.28, 0.12, 0.72, 0.12),
        ("line", 0.38, 0.46, 0.62, 0.7),
        ("line", 0.38, 0.7, 0.62, 0.46),
    ],
    "wait": [("circle", 0.5, 0.5, 0.42), ("line", 0.5, 0.76, 0.5, 0.5, 0.68, 0.38)],
    "right": [("line", 0.38, 0.8, 0.66, 0.5, 0.38, 0.2)],
    "left": [("line", 0.62, 0.8, 0.34, 0.5, 0.62, 0.2)],
    "home": [
        ("line", 0.08, 0.48, 0.5, 0.9, 0.92, 0.48),
        ("line", 0.2, 0.4, 0.2, 0.1, 0.8, 0.1, 0.8, 0.4),
        ("line", 0.42, 0.1, 0.42, 0.36, 0.58, 0.36, 0.58, 0.1),
    ],
    "globe": [
        ("circle", 0.5, 0.5, 0.42),
        ("line", 0.08, 0.5, 0.92, 0.5),
        ("oval", 0.5, 0.5, 0.2, 0.42),
    ],
    "elder": [
        ("line", 0.06, 0.12, 0.34, 0.88, 0.62, 0.12),
        ("line", 0.16, 0.38, 0.52, 0.38),
        ("line", 0.8, 0.66, 0.8, 0.34),
        ("line", 0.64, 0.5, 0.96, 0.5),
    ],
    "low": [
        ("line", 0.14, 0.9, 0.86, 0.9),
        ("line", 0.5, 0.76, 0.5, 0.26),
        ("line", 0.28, 0.46, 0.5, 0.24, 0.72, 0.46),
        ("line", 0.14, 0.08, 0.86, 0.08),
    ],
    "people": [
        ("circle", 0.38, 0.72, 0.17),
        ("line", 0.08, 0.14, 0.1, 0.32, 0.2, 0.44, 0.38, 0.48, 0.56, 0.44, 0.66, 0.32, 0.68, 0.14),
        ("line", 0.64, 0.9, 0.74, 0.84, 0.78, 0.72, 0.74, 0.6, 0.66, 0.55),
        ("line", 0.74, 0.45, 0.84, 0.4, 0.92, 0.28, 0.94, 0.14),
    ],
    "place": [
        ("line", 0.5, 0.06, 0.3, 0.34, 0.2, 0.56, 0.22, 0.72, 0.34, 0.88, 0.5, 0.93, 0.66, 0.88,
         0.78, 0.72, 0.8, 0.56, 0.7, 0.34, 0.5, 0.06),
        ("circle", 0.5, 0.63, 0.12),
    ],
}  # fmt: skip


def _ring(x: float, y: float, a: float, b: float, corners: int = 40) -> list[float]:
    turns = [2 * pi * i / corners for i in range(corners + 1)]
    return [value for turn in turns for value in (x + a * cos(turn), y + b * sin(turn))]


class Icon(Widget):
    """A picture by name; an unknown or empty name draws nothing."""

    name = StringProperty("")
    ink = ColorProperty((1, 1, 1, 1))
    stroke = NumericProperty(0.085)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        redraw = Clock.create_trigger(self._draw, -1)
        for what in ("name", "ink", "stroke", "pos", "size"):
            self.fbind(what, redraw)
        redraw()

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        side = min(self.size)
        left = self.x + (self.width - side) / 2
        bottom = self.y + (self.height - side) / 2
        with self.canvas:
            Color(*self.ink)
            for kind, *numbers in _STROKES.get(self.name, []):
                if kind == "dot":
                    x, y, radius = numbers
                    corner = (left + (x - radius) * side, bottom + (y - radius) * side)
                    Ellipse(pos=corner, size=(2 * radius * side, 2 * radius * side))
                    continue
                if kind in ("circle", "oval"):
                    x, y, across, *up = numbers
                    numbers = _ring(x, y, across, up[0] if up else across)
                points = [
                    (left if i % 2 == 0 else bottom) + n * side for i, n in enumerate(numbers)
                ]
                SmoothLine(
                    points=points,
                    width=max(1.0, side * self.stroke / 2),
                    close=kind == "closed",
                    joint="round",
                    cap="round",
                )
