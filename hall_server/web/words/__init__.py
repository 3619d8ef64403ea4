"""Every word on the pages, Chinese and English, by page."""

import json
from collections.abc import Mapping

from markupsafe import Markup

from hall_server.web.language import Lang
from hall_server.web.words import appointments, clerk, common, demo, manager, public

Pair = tuple[str, str]
GROUPS: Mapping[str, Mapping[str, Pair]] = {
    "common": common.WORDS,
    "clerk": clerk.WORDS,
    "manager": manager.WORDS,
    "devices": manager.DEVICES,
    "appointments": appointments.WORDS,
    "home": public.HOME,
    "board": public.BOARD,
    "panel": public.PANEL,
    "position": public.POSITION,
    "missing": public.MISSING,
    "demo": demo.WORDS,
}


class Words:
    """The words of one page in one language; call it with a key."""

    def __init__(self, lang: Lang, page: str) -> None:
        index = 0 if lang == "zh" else 1
        groups = (GROUPS["common"], GROUPS.get(page, {}))
        self._texts = {key: pair[index] for group in groups for key, pair in group.items()}

    def __call__(self, key: str, **values: object) -> str:
        """The text with ``{name}`` filled in. Raises KeyError for a word that does not exist."""
        text = self._texts[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def all(self) -> dict[str, str]:
        """Every text of the page, for its scripts."""
        return dict(self._texts)


def script_json(value: object) -> Markup:
    """JSON that may stand inside a script element: no ``<``, ``>`` or ``&`` in it."""
    text = json.dumps(value, ensure_ascii=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 - nothing that HTML would read is left in it
