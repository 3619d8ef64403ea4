"""Where to wait and where one is served, in the visitor's language."""

from hallkit.wire.hall import Hall
from hallkit.wire.slip import serving_areas, waiting_area
from kiosk.flow.words import THE_HALL, Language, named


def wait_place(hall: Hall, language: Language) -> str:
    """Where to wait: the area made for it, the only area there is, or simply the hall."""
    area = waiting_area(hall)
    return named(language, area.name, area.name_en) if area else THE_HALL.say(language)


def serving_area(hall: Hall, language: Language) -> str:
    """The areas with windows that serve visitors, joined."""
    names = [named(language, a.name, a.name_en) for a in serving_areas(hall)]
    return ("、" if language == "zh" else ", ").join(names)
