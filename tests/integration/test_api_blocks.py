"""A kiosk says which blocks it holds: a server that was restored from an older backup, or set up
anew, never gives one of their numbers, and takes in what was given from them."""

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hall_server.admin.backup import backup
from hall_server.admin.restore import restore
from hall_server.admin.verify import verify
from hall_server.domain.lease import MOST_AHEAD, SKIPPED_BY_RESTORE
from hall_server.hallfile.schema import HallFile
from hallkit.wire.lease import Lease, offline_position_url
from tests.fakes.running_hall import Client, RunningHall, running, sample_hall
from tests.integration.test_api_appointments import WEDNESDAY, book, booking, check_in
from tests.integration.test_api_sync import codes, leased, offline, sync, waiting


def block(lease: dict[str, Any]) -> dict[str, Any]:
    """A lease as a kiosk declares it."""
    return {key: lease[key] for key in ("id", "series", "day", "from", "to", "key")}


def given(lease: dict[str, Any], number: str, minutes: float, /, **more: Any) -> dict[str, Any]:
    """A ticket given out from this block."""
    return offline(number, minutes, lease=lease["id"], **more)


def unknown_block(first: int = 1, last: int = 20, **more: Any) -> dict[str, Any]:
    """A block of series E that this server never gave."""
    values = {"id": str(uuid4()), "series": "E", "day": "2026-11-23", "from": first, "to": last}
    return {**values, "key": "ab" * 32, **more}


def put_back(hall: RunningHall, backup_file: Path) -> None:
    """The server is restored from a backup, at the time that it is in the hall."""
    hall.stop()
    restore(hall.data, backup_file, hall.clock.now)
    hall.start()


def copied_back(hall: RunningHall, backup_file: Path) -> None:
    """Somebody put an old copy in place by hand, without ``hall admin restore``."""
    hall.stop()
    for file in hall.data.glob("hall.db*"):
        file.unlink()
    shutil.copy(backup_file, hall.data / "hall.db")
    hall.start()


@pytest.mark.usefixtures("database")
def test_a_known_block_may_be_spent_further(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, lease = leased(hall)
        answer = sync(kiosk, given(lease, "E001", 0), blocks=[block(lease)])
        assert answer["spendable"] == [lease["id"]]
        assert not answer["shared"]
        # Another block of the same letter closes it.
        kiosk.command("leases", series="E", count=5).ok()
        again = sync(kiosk, blocks=[block(lease)], contact=answer["contact"])
        assert again["spendable"] == []


@pytest.mark.usefixtures("database")
def test_a_block_that_the_server_never_gave(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        assert [kiosk.issue("pension-join")["number"] for _ in range(2)] == ["E001", "E002"]
        hall.later(minutes=10)
        reported = unknown_block(2, 20)
        twice, free = given(reported, "E002", 4), given(reported, "E003", 5)
        answer = sync(kiosk, twice, free, blocks=[reported])
        # Somebody else has E002; E003 is as good as any number; none of it is spent further.
        assert codes(answer) == {twice["id"]: "number_taken"}
        assert answer["accepted"] == [free["id"]]
        assert answer["spendable"] == []
        assert waiting(kiosk) == ["E001", "E002", "E003"]
        # The series goes on after whatever is on paper.
        assert kiosk.issue("pension-join")["number"] == "E021"
        # Handing in again is harmless, with the block and its number still declared.
        assert sync(kiosk, free, blocks=[reported])["accepted"] == [free["id"]]
        assert kiosk.issue("pension-join")["number"] == "E022"


def test_its_numbers_are_explained(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        reported = unknown_block(5, 9)
        sync(kiosk, given(reported, "E006", 0), blocks=[reported])
        kiosk.issue("pension-join")
        hall.later(minutes=1)
    assert "完好" in verify(tmp_path)


@pytest.mark.usefixtures("database")
def test_yesterdays_block_that_is_not_known(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        hall.at("2026-11-24T09:00:00")
        reported = unknown_block(5, 9)
        ticket = given(reported, "E005", 5)
        assert sync(kiosk, ticket, blocks=[reported])["accepted"] == [ticket["id"]]
        assert kiosk.get(f"tickets/{ticket['id']}").ok()["state"] == "void"
        # Today has numbers of its own.
        assert kiosk.issue("pension-join")["number"] == "E001"


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2026-11-24"},
        {"day": "2026-11-08"},
        {"day": "2026-13-45"},
        {"series": "Z"},
        {"from": 9, "to": 8},
        {"from": 1, "to": 201},
        {"from": MOST_AHEAD - 10, "to": MOST_AHEAD + 1},
    ],
)
def test_a_block_that_makes_no_sense_is_not_taken_as_reported(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        reported = unknown_block() | wrong
        ticket = given(reported, "E001", 0)
        answer = sync(kiosk, ticket, blocks=[reported])
        assert codes(answer) == {ticket["id"]: "not_leased"}
        assert kiosk.issue("pension-join")["number"] == "E001"


def test_a_block_that_was_given_to_two_kiosks_is_spent_by_neither(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, lease = leased(hall, 20)
        other, reported = hall.device(), unknown_block(15, 30)
        sync(other, blocks=[reported])
        answer = sync(kiosk, given(lease, "E001", 0), blocks=[block(lease)])
        assert answer["spendable"] == []
        assert len(answer["accepted"]) == 1
        assert kiosk.issue("pension-join")["number"] == "E031"


@pytest.mark.usefixtures("database")
def test_a_kiosk_that_was_paired_anew_hands_in_what_it_gave(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        old, lease = leased(hall)
        asked = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
        lost = old.post("tickets", asked).ok(201)
        hall.manager().command(f"devices/{old.device_id}/revoke").ok()
        hall.later(minutes=5)
        kiosk = hall.device()
        ticket = given(lease, "E001", 1, replaces=asked["request_id"])
        answer = sync(kiosk, ticket, blocks=[block(lease)])
        assert answer["accepted"] == [ticket["id"]]
        # What the old device held is over.
        assert answer["spendable"] == []
        assert [b["data"]["reason"] for _, _, b in hall.journal("lease.closed")] == ["paired_anew"]
        # … and the number that it was replaced by is given back, as the old device asked for it.
        assert kiosk.get(f"tickets/{lost['id']}").ok()["state"] == "cancelled"
        # The position page that was printed answers.
        url = offline_position_url(Lease.model_validate(lease), "E001")
        page = url.removeprefix("http://hall.test")
        assert hall.anyone().get(page).status == 200


def test_nobody_hands_in_for_another_kiosk_without_its_key(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        owner, lease = leased(hall)
        ticket = given(lease, "E001", 0)
        guessed = block(lease) | {"key": "00" * 32}
        answer = sync(hall.device(), ticket, blocks=[guessed])
        assert codes(answer) == {ticket["id"]: "not_leased"}
        assert sync(owner, ticket, blocks=[block(lease)])["spendable"] == [lease["id"]]


def test_two_machines_with_one_token_are_noticed(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, lease = leased(hall)
        first = sync(kiosk, blocks=[block(lease)])
        # A copy of the card runs in a second machine.
        second = sync(kiosk, blocks=[block(lease)], contact=first["contact"])
        assert (second["shared"], second["spendable"]) == (False, [lease["id"]])
        overtaken = sync(kiosk, blocks=[block(lease)], contact=first["contact"])
        assert (overtaken["shared"], overtaken["spendable"]) == (True, [])
        # The other one learns of it too, and neither spends the block that both have.
        back = sync(kiosk, blocks=[block(lease)], contact=second["contact"])
        assert (back["shared"], back["spendable"]) == (True, [])


def test_the_parts_of_one_outage_are_one_contact(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, lease = leased(hall)
        word = sync(kiosk)["contact"]
        part = sync(kiosk, given(lease, "E001", 0), contact=word, more=True)
        assert (part["contact"], part["shared"]) == (word, False)
        assert not sync(kiosk, given(lease, "E002", 0), contact=word)["shared"]


def test_a_restored_server_gives_no_number_that_may_be_on_paper(tmp_path: Path) -> None:
    with running(tmp_path / "data") as hall:
        kiosk, other = hall.device(), hall.device()
        assert kiosk.issue("pension-join")["number"] == "E001"
        backup(hall.data, tmp_path / "backup.db")
        # Given after the backup: two numbers, and a block that the kiosk spends from.
        online = [kiosk.issue("pension-join")["number"] for _ in range(2)]
        lease = kiosk.command("leases", series="E", count=20).ok()
        hall.later(minutes=5)
        # The data is not even readable any more.
        hall.stop()
        (hall.data / "hall.db").write_bytes(b"gone" * 1000)
        restore(hall.data, tmp_path / "backup.db", hall.clock.now)
        hall.start()
        # Before the kiosk is back.
        number = other.issue("pension-join")["number"]
        assert number == f"E{1 + SKIPPED_BY_RESTORE + 1}"
        # The kiosk is back with what it gave, and with the block that nobody knows.
        tickets = [given(lease, f"E{n:03d}", n / 10) for n in range(4, 10)]
        answer = sync(kiosk, *tickets, blocks=[block(lease)])
        assert answer["accepted"] == [t["id"] for t in tickets]
        assert answer["spendable"] == []
        fresh = kiosk.command("leases", series="E", count=5).ok()
        assert fresh["from"] == int(number[1:]) + 1
        assert not {*online} & {*waiting(kiosk)}
        [(_, _, body)] = hall.journal("numbers.skipped")
        assert body["data"]["numbers"]["E"] == [2, 1 + SKIPPED_BY_RESTORE]
    assert "完好" in verify(tmp_path / "data")


def test_what_the_replaced_data_knew_is_passed_over_too(tmp_path: Path) -> None:
    with running(tmp_path / "data") as hall:
        kiosk = hall.device()
        backup(hall.data, tmp_path / "backup.db")
        for _ in range(8):
            kiosk.command("leases", series="E", count=200).ok()
        put_back(hall, tmp_path / "backup.db")
        assert kiosk.issue("pension-join")["number"] == f"E{1_600 + SKIPPED_BY_RESTORE + 1}"


def test_a_restore_before_the_hall_opens_skips_nothing(tmp_path: Path) -> None:
    with running(tmp_path / "data", at="2026-11-23T08:14:00+08:00") as hall:
        backup(hall.data, tmp_path / "backup.db")
        put_back(hall, tmp_path / "backup.db")
        hall.later(minutes=16)
        assert hall.device().issue("pension-join")["number"] == "E001"


def test_before_the_hall_opens_those_who_booked_may_have_numbers(tmp_path: Path) -> None:
    with running(tmp_path / "data", sample_hall("baishui-town", booking)) as hall:
        code = book(hall.log_in("g1"), "08:30").ok(201)["code"]
        hall.at(f"{WEDNESDAY}T08:14:00")
        backup(hall.data, tmp_path / "backup.db")
        hall.later(minutes=1)
        assert check_in(hall.device(), code).ok(201)["number"] == "E001"
        hall.stop()
        (hall.data / "hall.db").write_bytes(b"gone" * 1000)
        restore(hall.data, tmp_path / "backup.db", hall.clock.now)
        hall.start()
        hall.at(f"{WEDNESDAY}T08:30:00")
        assert hall.device().issue("pension-join")["number"] == f"E{SKIPPED_BY_RESTORE + 1}"


def test_a_letter_that_the_backup_does_not_know_is_passed_over_too(tmp_path: Path) -> None:
    """The hall file that has it may be imported once more."""
    with running(tmp_path / "data") as hall:
        backup(hall.data, tmp_path / "backup.db")
        hall.store.write(lambda tx: tx.take_sequence("2026-11-23", "Z", 7))
        put_back(hall, tmp_path / "backup.db")
        [(_, _, body)] = hall.journal("numbers.skipped")
        assert body["data"]["numbers"]["Z"] == [1, 7 + SKIPPED_BY_RESTORE]
    assert "完好" in verify(tmp_path / "data")


def test_a_copy_that_was_put_back_by_hand_learns_from_the_kiosk(tmp_path: Path) -> None:
    with running(tmp_path / "data") as hall:
        kiosk = hall.device()
        backup(hall.data, tmp_path / "backup.db")
        lease = kiosk.command("leases", series="E", count=20).ok()
        hall.later(minutes=5)
        copied_back(hall, tmp_path / "backup.db")
        # Nobody told this server: it gives two numbers that the kiosk gave as well.
        other = hall.device()
        assert [other.issue("pension-join")["number"] for _ in range(2)] == ["E001", "E002"]
        tickets = [given(lease, f"E{n:03d}", n / 10) for n in range(1, 5)]
        answer = sync(kiosk, *tickets, blocks=[block(lease)])
        assert codes(answer) == {t["id"]: "number_taken" for t in tickets[:2]}
        assert answer["accepted"] == [t["id"] for t in tickets[2:]]
        assert other.issue("pension-join")["number"] == "E021"
        assert sorted(waiting(kiosk)) == ["E001", "E002", "E003", "E004", "E021"]
        [(_, _, body)] = hall.journal("lease.adopted")
        assert (body["data"]["first"], body["data"]["last"]) == (1, 20)


def _stops_early() -> HallFile:
    def change(tables: dict[str, Any]) -> None:
        tables["hours"]["stop_before_min"] = 10

    return sample_hall("baishui-town", change)


def test_a_block_says_when_numbers_are_given(tmp_path: Path) -> None:
    def day(*spans: str) -> list[dict[str, str]]:
        ends = [span.split("-") for span in spans]
        return [
            {"from": f"2026-11-23T{a}:00+08:00", "to": f"2026-11-23T{b}:00+08:00"} for a, b in ends
        ]

    with running(tmp_path, _stops_early()) as hall:
        kiosk, lease = leased(hall)
        assert lease["open"] == day("08:30-12:00", "14:00-17:20")
        assert lease["expires"] == "2026-11-23T17:20:00+08:00"
        hall.at("2026-11-23T13:00:00")
        lease = kiosk.command("leases", series="E", count=5).ok()
        assert lease["open"] == day("14:00-17:20")
        # No numbers are given any more: there is nothing to bridge.
        hall.at("2026-11-23T17:20:00")
        kiosk.command("leases", series="E", count=5).refused(409, "service_closed")


def test_a_demonstration_is_open_at_any_hour(tmp_path: Path) -> None:
    with running(tmp_path, always_open=True, at="2026-11-22T23:00:00+08:00") as hall:
        lease = hall.device().command("leases", series="E", count=5).ok()
        assert lease["expires"] == "2026-11-23T00:00:00+08:00"


def test_who_says_nonsense_of_its_blocks(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk: Client = hall.device()
        for wrong in ({"key": "键" * 64}, {"day": "today"}, {"from": 0}, {"series": "EE"}):
            body = {
                "device_id": kiosk.device_id,
                "tickets": [],
                "blocks": [unknown_block() | wrong],
            }
            kiosk.post("tickets/sync", body).refused(422, "invalid_fields")
