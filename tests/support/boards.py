"""Made-up answers of ``GET /api/v1/board`` and ``/public-pages``, given to a page in place of the
server's: halls of any size, at any time of day, at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, Route

Board = dict[str, Any]
KINDS = ("comprehensive", "dedicated", "certificate", "elder", "guide")
NAMES = ("综合受理窗口", "社会保障窗口", "统一出证窗口", "老年人专窗", "导办台")

# Public pages: a short roster, and texts that fill several parts.
DUTY: dict[str, Any] = {
    "id": "duty",
    "kind": "duty",
    "title": "今日值班",
    "title_en": "On duty",
    "rows": [
        {"label": "值班领导", "label_en": "Leader", "text": "王建国", "text_en": ""},
        {"label": "咨询电话", "label_en": "Phone", "text": "0472-1234567", "text_en": ""},
    ],
}
LONG: dict[str, Any] = {
    "id": "basis",
    "kind": "disclosure",
    "title": "办事依据公开",
    "title_en": "Legal basis",
    "rows": [
        {
            "label": f"事项第{n}类",
            "label_en": f"Service {n}",
            "text": f"第{n}条：符合规定的家庭可以申请，材料齐全的当场受理。" * n * 4,
            "text_en": f"Rule {n}: families within the rules may apply at any window. " * n * 3,
        }
        for n in range(1, 5)
    ],
}


def ago(seconds: float) -> str:
    """That long ago, as the wire writes it; negative: in that time."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds")


def call(
    window: int, ticket: str, *, called: bool = False, age_s: float = 600, collect: bool = False
) -> dict[str, Any]:
    """A ticket at a window, still called or served."""
    state = "called" if called else "serving"
    name = NAMES[(window - 1) % 5]
    return {"window": window, "window_name": name, "ticket": ticket, "state": state,
            "called_at": ago(age_s), "collect": collect}  # fmt: skip


def board(calls: list[dict[str, Any]], *, windows: int = 6, lines: int = 6, **more: Any) -> Board:
    """A board with these calls, ``windows`` open windows and ``lines`` categories that wait."""
    at = {one["window"]: one for one in calls}
    state = more.pop("state", "open")
    return {
        "business_day": "2026-11-27",
        "now_serving": calls,
        "recent_calls": calls[:10],
        "waiting": [
            {"category": f"c{n}", "category_name": f"业务类别名称第{n}类", "count": n * 7 % 23,
             "p50_min": 5 + n, "p90_min": 15 + 4 * n}
            for n in range(lines)
        ],
        "journal_seq": 1,
        "forecast": "simulation",
        "windows": [
            {"number": n, "name": NAMES[(n - 1) % 5], "name_en": f"Name {n}", "area": "main",
             "kind": KINDS[(n - 1) % 5], "state": state,
             "ticket": at[n]["ticket"] if n in at else None,
             "ticket_state": at[n]["state"] if n in at else None}
            for n in range(1, windows + 1)
        ],
        "notices": [],
        "closes_at": None,
        "closing_soon_min": 15,
        **more,
    }  # fmt: skip


def notice(text: str, places: tuple[str, ...] = ("board",), **more: Any) -> dict[str, Any]:
    """A notice that was posted five minutes ago."""
    return {"id": text[:8], "text": text, "text_en": "", "places": list(places),
            "posted_at": ago(300), "until": None, "every_min": None, **more}  # fmt: skip


class Stub:
    """What the page is told. Set ``board`` and ``pages`` at will; ``away``: no answer comes.

    The page's clock is moved by hand, and one page serves many tests: ``show`` begins anew."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.board = board([])
        self.pages: list[dict[str, Any]] = []
        self.away = False
        self.answers = 0
        page.clock.install()
        page.route("**/api/v1/board", self._give(lambda: self.board))
        page.route("**/api/v1/public-pages", self._give(lambda: {"pages": self.pages}))
        page.route("**/api/v1/events?*", lambda route: route.abort())

    def show(
        self,
        address: str,
        first: Board,
        pages: list[dict[str, Any]] | None = None,
        *,
        at: str | datetime | None = None,
        size: tuple[int, int] = (1280, 720),
    ) -> Page:
        """Opens this address at this time (now) with these answers."""
        self.board, self.pages, self.away = first, pages or [], False
        self.page.context.clear_cookies()
        self.page.goto("about:blank")
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.clock.set_system_time(at or datetime.now(UTC))
        self.page.goto(address)
        return self.page

    def _give(self, what: Callable[[], Any]) -> Callable[[Route], None]:
        def answer(route: Route) -> None:
            self.answers += 1
            if self.away:
                route.abort()
            else:
                route.fulfill(json=what())

        return answer


def overflow(page: Page) -> list[str]:
    """What scrolls or is cut off at the bottom of its box."""
    found: list[str] = page.evaluate(_OVERFLOW)
    return found


_OVERFLOW = """() => {
  const root = document.scrollingElement;
  const boxes = '.waiting, .rows, .recent, .public-rows, .caption, .face, .sign';
  const cut = Array.from(document.querySelectorAll(boxes)).filter(
    (box) => box.offsetParent !== null && box.scrollHeight > box.clientHeight + 1);
  const found = cut.map((box) => `${box.className}: ${box.scrollHeight} > ${box.clientHeight}`);
  if (root.scrollWidth > innerWidth) found.push('the page is too wide');
  if (root.scrollHeight > innerHeight) found.push('the page is too high');
  return found;
}"""
