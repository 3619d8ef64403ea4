"""Who is asking: a device with its token, or a person with a session cookie."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from flask import g, request

from hall_server.api.parts import parts
from hall_server.domain.errors import Forbidden, Unknown
from hall_server.service.people import Person
from hall_server.service.ports import DeviceRecord

COOKIE = "hall_session"
CSRF_HEADER = "X-CSRF-Token"
_BEARER = "bearer"


@dataclass(frozen=True)
class Caller:
    """The device or the person that asks; both None for the public."""

    device: DeviceRecord | None = None
    person: Person | None = None

    @property
    def actor(self) -> str:
        """How the journal names the caller."""
        if self.device is not None:
            return f"device:{self.device.id}"
        return f"staff:{self.person.staff_no}" if self.person is not None else ""

    @property
    def public(self) -> bool:
        """Whether it is nobody that the hall knows."""
        return self.device is None and self.person is None


def bearer() -> str:
    """The token in the Authorization header, empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == _BEARER else ""


def caller() -> Caller:
    """Who asks. A person's command must carry the CSRF token. Raises Unknown, Forbidden."""
    found: Caller | None = g.get("caller")
    if found is None:
        found = g.caller = _identify()
    return found


def lasting() -> Callable[[], bool]:
    """Whether the caller is still who it was, for an answer that goes on after the request: a
    device that was revoked and a person who logged out are not. Reads the database at most every
    30 s. Raises Unknown, Forbidden."""
    who, p = caller(), parts()
    if who.device is not None:
        token = bearer()
        return lambda: p.devices.who(token) is not None
    if who.person is not None:
        cookie = request.cookies.get(COOKIE, "")
        return lambda: p.people.who(cookie) is not None
    return lambda: True


def _identify() -> Caller:
    if token := bearer():
        device = parts().devices.who(token)
        if device is None:
            raise Unknown("bad_token", "设备令牌无效", "the device token is not valid")
        return Caller(device=device)
    if cookie := request.cookies.get(COOKIE):
        person = parts().people.who(cookie)
        if person is not None:
            _check_csrf(person)
            return Caller(person=person)
    return Caller()


def _check_csrf(person: Person) -> None:
    if request.method in ("GET", "HEAD"):
        return
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), person.csrf_token.encode()):
        raise Forbidden("csrf", "页面已过期，请刷新后重试", "the page is out of date; reload it")


def need_known() -> Caller:
    """A device or a member of staff. Raises Unknown, Forbidden."""
    who = caller()
    if who.public:
        raise Unknown(
            "login_needed", "请先登录，或使用设备令牌", "log in first, or send a device token"
        )
    return who


def need_issuer() -> Caller:
    """A kiosk or a member of staff. Raises Unknown, Forbidden."""
    who = need_known()
    if who.device is not None and who.device.kind != "kiosk":
        raise Forbidden("not_allowed", "此设备不能取号", "this device may not issue numbers")
    return who


def need_staff(*roles: str) -> Person:
    """A member of staff, of one of these roles when any are named. Raises Unknown, Forbidden."""
    person = caller().person
    if person is None:
        raise Unknown("login_needed", "请先登录", "log in first")
    if roles and person.role not in roles:
        raise Forbidden("not_allowed", "您没有此项权限", "you may not do this")
    return person


def need_at_window(number: int) -> Person:
    """The clerk of this window, or a manager. Raises Unknown, Forbidden."""
    person = need_staff("clerk", "manager")
    if person.role != "manager" and person.window != number:
        raise Forbidden(
            "not_your_window",
            f"您登录的不是 {number} 号窗口",
            f"you are not logged in at window {number}",
        )
    return person
