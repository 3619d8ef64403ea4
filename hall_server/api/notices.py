"""Notices: what the hall tells everyone. Managers post and withdraw them."""

from typing import Annotated

from flask import Response
from pydantic import AfterValidator, BaseModel, Field, model_validator

from hall_server.api.access import need_staff
from hall_server.api.bodies import Command, Time
from hall_server.api.document import (
    ADDRESS,
    BODY,
    NEEDS_ROLE,
    STAFF,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import json_text, reply
from hall_server.service.notices import NoticeEntry, NoticeList, Wanted
from hallkit.wire.board import NoticePlace

api = blueprint("notices")


def _plain(value: str) -> str:
    """One line of real characters; a full-width space is one, and a copied text's spaces are
    spaces."""
    value = value.replace("\u00a0", " ")
    if not value.replace("\u3000", " ").isprintable():
        raise ValueError(
            "应为一行文字，不含换行、控制字符和看不见的字符"
            " / should be one line of text, without control or invisible characters"
        )
    return value.strip()


def _filled(value: str) -> str:
    if not value:
        raise ValueError("不能只有空格 / should not be spaces alone")
    return value


def _once(value: list[NoticePlace]) -> list[NoticePlace]:
    if len(set(value)) < len(value):
        raise ValueError("同一处写了两次 / names a place twice")
    return value


class NoticeBody(Command):
    """``POST /notices``. It is told at ``places`` until ``until``; without it until the day's last
    session ends, or with ``stay`` until somebody withdraws it. ``every_min``: spoken again after
    so many minutes."""

    text: Annotated[
        str, Field(min_length=1, max_length=60), AfterValidator(_plain), AfterValidator(_filled)
    ]
    text_en: Annotated[str, Field(max_length=120), AfterValidator(_plain)] = ""
    places: Annotated[
        list[NoticePlace],
        Field(min_length=1, max_length=3, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_once),
    ]
    until: Annotated[Time | None, Field(strict=False)] = None
    stay: bool = False
    every_min: int | None = Field(default=None, ge=5, le=480)

    @model_validator(mode="after")
    def _together(self) -> "NoticeBody":
        if self.every_min is not None and "voice" not in self.places:
            raise ValueError(
                "只有语音播报才能重复播放 / only what is spoken can be repeated: add voice"
            )
        if self.stay and self.until is not None:
            raise ValueError("until 和 stay 只能写一个 / should have until or stay, not both")
        return self


class NoticePath(BaseModel):
    """A notice's id."""

    notice_id: str = Field(max_length=60)


@api.get(
    "/notices",
    summary="What runs, and what ended today",
    security=STAFF,
    responses=answers(200, NoticeList, *NEEDS_ROLE),
)
def list_notices() -> Response:
    """Managers. What runs now is on the board, for everybody."""
    need_staff("manager")
    return reply(parts().notices.today())


@api.post(
    "/notices",
    summary="Tells everyone",
    security=STAFF_COMMAND,
    responses=answers(201, NoticeEntry, *NEEDS_ROLE, *BODY, 409),
)
def post_notice(body: NoticeBody) -> Response:
    """Managers. In force at once; devices are told by ``hall.changed``."""
    person = need_staff("manager")
    wanted = Wanted(body.text, body.text_en, body.places, body.until, body.stay, body.every_min)
    text = parts().notices.post(f"staff:{person.staff_no}", body.request_id, wanted)
    return json_text(text, 201)


@api.post(
    "/notices/<notice_id>/withdraw",
    summary="Withdraws a notice",
    security=STAFF_COMMAND,
    responses=answers(200, NoticeEntry, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def withdraw_notice(path: NoticePath, body: Command) -> Response:
    """Managers."""
    person = need_staff("manager")
    actor = f"staff:{person.staff_no}"
    return json_text(parts().notices.withdraw(actor, body.request_id, path.notice_id))
