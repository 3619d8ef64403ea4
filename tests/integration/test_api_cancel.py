"""Giving a number back: staff any that waits, a kiosk only what it asked for itself."""

from pathlib import Path
from uuid import uuid4

from tests.fakes.running_hall import running


def test_a_kiosk_gives_back_what_it_asked_for_itself_and_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, other, guide = hall.device(), hall.device(), hall.log_in("g1")
        asked = str(uuid4())
        mine = kiosk.issue("pension-join", request_id=asked)
        theirs = other.issue("pension-join")
        path = f"tickets/{mine['id']}/cancel"
        kiosk.command(path).refused(401, "login_needed")
        other.command(path, issued_by=asked).refused(403, "not_your_ticket")
        kiosk.command(path, issued_by=str(uuid4())).refused(403, "not_your_ticket")
        kiosk.command(f"tickets/{theirs['id']}/cancel", issued_by=asked).refused(
            403, "not_your_ticket"
        )
        hall.device("display").command(path, issued_by=asked).refused(403, "not_allowed")
        assert kiosk.get(f"tickets/{mine['id']}").ok()["state"] == "waiting"

        repeat = str(uuid4())
        first = kiosk.command(path, issued_by=asked, request_id=repeat).ok()
        assert first["state"] == "cancelled"
        assert kiosk.command(path, issued_by=asked, request_id=repeat).ok() == first
        kiosk.command(path, issued_by=asked).refused(409, "wrong_ticket_state")
        assert guide.command(f"tickets/{theirs['id']}/cancel").ok()["state"] == "cancelled"
        types = [kind for kind, _, _ in hall.journal("ticket.cancelled")]
        assert types == ["ticket.cancelled", "ticket.cancelled"]
