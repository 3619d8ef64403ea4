"""Which language a page is in: ``?lang=`` chooses and is remembered in a cookie."""

from typing import Literal

from flask import Request, Response

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
COOKIE = "lang"
# A preference, not a log-in: a year.
COOKIE_AGE_S = 365 * 24 * 3600


def _known(word: str | None) -> Lang | None:
    return next((lang for lang in LANGS if lang == word), None)


def chosen(request: Request) -> Lang | None:
    """The language asked for in this request's address."""
    return _known(request.args.get("lang"))


def language_of(request: Request) -> Lang:
    """The page's language: asked for, else remembered, else Chinese."""
    return chosen(request) or _known(request.cookies.get(COOKIE)) or "zh"


def remember(request: Request, response: Response) -> None:
    """Keeps a language that was asked for."""
    asked = chosen(request)
    if asked is not None:
        response.set_cookie(COOKIE, asked, max_age=COOKIE_AGE_S, samesite="Lax", httponly=True)
