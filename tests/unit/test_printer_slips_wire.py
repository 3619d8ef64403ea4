"""Slips as messages: what tells them apart, and what an older program wrote."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from hallkit.wire.slip import slip_of
from hallkit.wire.slips import MaterialsSlip, TicketSlip, slip_from, slip_from_json
from hallkit.wire.ticket import LaterService
from tests.fakes.hall_server_fake import ticket
from tests.fakes.kiosk_fakes import town_hall
from tests.fakes.printer_rig import slip
from ticket_printer.intake.checks import JobIn, details_of
from ticket_printer.spool.store import Spool

MATERIALS = {
    "kind": "materials",
    "hall_name": "尧禾镇便民服务中心",
    "issued_at": "2026-11-23T09:32:00+08:00",
    "service_name": "城乡居民养老保险参保登记",
    "materials": [{"name": "居民身份证", "detail": "原件核验，复印件 1 份"}],
}


def test_a_slip_without_a_kind_is_a_ticket() -> None:
    old = json.loads(slip().model_dump_json())
    del old["kind"], old["more_services"]
    assert slip_from(old) == slip()
    assert slip_from_json(json.dumps(old)) == slip()
    assert isinstance(slip_from(MATERIALS), MaterialsSlip)


def test_a_job_of_an_older_program_is_read_and_is_the_same_job(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    now = slip().issued_at
    spool.accept("t-1", "P", slip(), now)
    old = json.loads(slip().model_dump_json())
    del old["kind"], old["more_services"]
    spool._db.execute("UPDATE jobs SET slip = ?", (json.dumps(old),))
    job, new = spool.accept("t-1", "P", slip(), now)
    assert (job.content, new) == (slip(), False)
    assert isinstance(job.content, TicketSlip)
    spool.close()


def test_a_wrong_slip_is_refused_by_the_name_of_its_field() -> None:
    wrong = MATERIALS | {"materials": [{"name": ""}], "url": "http://例子.cn"}
    with pytest.raises(ValidationError) as refused:
        JobIn.model_validate({"job_id": "j", "slip": wrong})
    fields = {detail["field"] for detail in details_of(refused.value, JobIn)}
    assert fields == {"slip.materials[0].name", "slip.url"}


def test_a_kind_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValidationError) as refused:
        JobIn.model_validate({"job_id": "j", "slip": MATERIALS | {"kind": "recipt"}})
    (detail,) = details_of(refused.value, JobIn)
    assert "没有这种单据" in detail["message"]
    assert "receipt" in detail["message_en"]


def test_a_ticket_for_several_matters_names_those_that_follow() -> None:
    later = [
        LaterService(id="alive", name="养老待遇资格认证"),
        LaterService(id="card", name="社会保障卡申领"),
    ]
    made = slip_of(town_hall(), ticket("A012", more_services=later))
    assert made.more_services == ["养老待遇资格认证", "社会保障卡申领"]
