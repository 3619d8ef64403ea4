"""The real kiosk program, drawn offscreen, looked at and touched through its remote hand."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops

from hallkit.wire.errors import ErrorInfo
from hallkit.wire.event import Event
from hallkit.wire.hall import Category
from tests.fakes.kiosk_fakes import (
    PATIENCE_S,
    FakePrinter,
    Kiosk,
    TicketHall,
    board_of,
    hall_of,
    running_kiosk,
    service,
    town_hall,
)

pytestmark = pytest.mark.ui


@pytest.fixture
def hall() -> Iterator[TicketHall]:
    with TicketHall() as fake:
        yield fake


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    fake = FakePrinter()
    fake.start()
    yield fake
    fake.stop()


def image_of(kiosk: Kiosk) -> Image.Image:
    return Image.open(io.BytesIO(kiosk.picture())).convert("RGB")


def colours(image: Image.Image) -> int:
    found = image.getcolors(maxcolors=1 << 24)
    return len(found or [])


def choose(kiosk: Kiosk, *more: str) -> None:
    """From the start page to the confirm page of 城乡低保申请."""
    kiosk.wait("home")
    kiosk.touch("take")
    kiosk.touch("category:civil")
    kiosk.touch("service:dibao")
    kiosk.wait("confirm")
    for widget in more:
        kiosk.touch(widget)


def changed(hall: TicketHall, kind: str = "hall.changed") -> None:
    """Tells those who follow the hall that something changed."""
    values: dict[str, Any] = {
        "seq": hall.last_seq + 1,
        "at": "2026-11-23T09:00:00+08:00",
        "type": kind,
        "hall": "test",
    }
    hall.push(Event.model_validate(values))


def test_from_a_touch_to_a_printed_number(
    tmp_path: Path, hall: TicketHall, printer: FakePrinter
) -> None:
    settings = ("home_after_s = 60",)
    with running_kiosk(tmp_path, hall.url, printer.url, *settings, size="1080x1920") as kiosk:
        home = kiosk.wait("home")
        assert {"测试镇便民服务中心", "民政救济", "4 人"} <= set(home["texts"])
        first = image_of(kiosk)
        assert first.size == (1080, 1920)
        assert colours(first) > 50
        choose(kiosk, "priority:elderly", "confirm")
        found = kiosk.wait("issued", lambda seen: "已打印，请取票" in seen["texts"])
        assert found["ticket"] == "A001"
        assert {"A001", "您前面还有 4 人在等待", "约 24–44 分钟", "绿色通道"} <= set(found["texts"])
        codes = zxingcpp.read_barcodes(image_of(kiosk))
        assert [c.text for c in codes] == ["http://192.168.1.10:8080/t/Xk3pQ9zR2m"]
        kiosk.touch("done")
        gone = kiosk.wait("home")
        assert gone["ticket"] is None
    assert [b["priority_class"] for b in hall.bodies] == ["elderly"]
    assert hall.bodies[0]["channel"] == "kiosk"
    (job,) = printer.jobs.values()
    assert (job.slip.number, job.slip.service_name) == ("A001", "城乡低保申请")
    assert job.slip.hall_name == "测试镇便民服务中心"
    assert job.job_id == next(iter(hall.by_request.values())).id


def test_an_answer_lost_on_the_way_issues_no_second_number(
    tmp_path: Path, hall: TicketHall, printer: FakePrinter
) -> None:
    hall.drop_answers = 3
    with running_kiosk(tmp_path, hall.url, printer.url) as kiosk:
        choose(kiosk, "confirm")
        found = kiosk.wait("issued", lambda seen: "已打印，请取票" in seen["texts"])
        assert found["ticket"] == "A001"
    assert len(hall.bodies) >= 4
    assert len({b["request_id"] for b in hall.bodies}) == 1
    assert len(hall.by_request) == 1
    assert len(printer.jobs) == 1


def test_the_server_restarts_while_a_number_is_taken(
    tmp_path: Path, hall: TicketHall, printer: FakePrinter
) -> None:
    with running_kiosk(tmp_path, hall.url, printer.url) as kiosk:
        choose(kiosk)
        hall.drop_answers = 1
        confirm = next(w for w in kiosk.look()["widgets"] if w["id"] == "confirm")
        hall.answer("POST", "/tickets", _gone_once(hall))
        kiosk.touch_at(confirm["x"], confirm["y"])
        kiosk.wait("issuing", lambda seen: any("正在重试" in text for text in seen["texts"]))
        hall.answer("POST", "/tickets", hall.issue)
        assert kiosk.wait("issued")["ticket"] == "A001"
    assert len({b["request_id"] for b in hall.bodies}) == 1


def _gone_once(hall: TicketHall) -> Any:
    def gone(body: dict[str, Any]) -> Any:
        hall.bodies.append(body)
        raise ConnectionResetError("the server is restarting")

    return gone


def test_a_number_given_up_is_cancelled_once_the_server_is_back(
    tmp_path: Path, hall: TicketHall
) -> None:
    with running_kiosk(tmp_path, hall.url, "", "give_up_s = 5") as kiosk:
        choose(kiosk)
        hall.drop_answers = 10_000
        kiosk.touch("confirm")
        notice = kiosk.wait("notice")
        assert "未能取号" in notice["texts"]
        hall.drop_answers = 0
        assert hall.wait_for(lambda: bool(hall.cancelled), PATIENCE_S)
    assert hall.cancelled == ["11111111-0000-4000-8000-000000000001"]
    assert len(hall.by_request) == 1


def test_the_server_says_no(tmp_path: Path, hall: TicketHall) -> None:
    hall.refuse = ErrorInfo(
        code="service_full", message="该事项今日号已取完", message_en="full for today"
    )
    with running_kiosk(tmp_path, hall.url) as kiosk:
        choose(kiosk, "confirm")
        assert "该事项今日号已取完" in kiosk.wait("notice")["texts"]
        kiosk.touch("home")
        kiosk.wait("home")


def test_without_the_printer_program_the_number_is_shown(tmp_path: Path, hall: TicketHall) -> None:
    with running_kiosk(tmp_path, hall.url, "http://127.0.0.1:9", size="1920x1080") as kiosk:
        choose(kiosk, "confirm")
        found = kiosk.wait("issued", lambda seen: "打印机暂时不可用" in seen["texts"])
        assert found["ticket"] == "A001"
        assert "请记住您的号码，或拍照保存" in found["texts"]
        image = image_of(kiosk)
        assert image.size == (1920, 1080)
        assert colours(image) > 50
        kiosk.touch("done")
        kiosk.wait("home")


def test_paper_that_is_refilled_in_time(
    tmp_path: Path, hall: TicketHall, printer: FakePrinter
) -> None:
    printer.state, printer.detail = "held", ("打印机缺纸", "out of paper")
    with running_kiosk(tmp_path, hall.url, printer.url, "unprinted_s = 120") as kiosk:
        choose(kiosk, "confirm")
        kiosk.wait("issued", lambda seen: "打印机缺纸" in seen["texts"])
        printer.state = "done"
        kiosk.wait("issued", lambda seen: "已打印，请取票" in seen["texts"])
        kiosk.wait("home")


def test_the_server_is_away_and_comes_back(tmp_path: Path, hall: TicketHall) -> None:
    hall.stop()
    with running_kiosk(tmp_path, hall.url) as kiosk:
        away = kiosk.wait("away")
        assert {"暂时无法取号", "请到导办台，由工作人员为您取号"} <= set(away["texts"])
        assert colours(image_of(kiosk)) > 10
        hall.start()
        kiosk.wait("home")
        kiosk.touch("take")
        kiosk.wait("category")
        hall.stop()
        kiosk.wait("away")
        hall.start()
        kiosk.wait("home")


def test_changes_of_the_hall_appear_by_themselves(tmp_path: Path, hall: TicketHall) -> None:
    with running_kiosk(tmp_path, hall.url) as kiosk:
        choose(kiosk)
        assert hall.wait_for(lambda: hall.streams > 0, PATIENCE_S)
        services = [s.model_copy(update={"open": False}) for s in hall.hall.categories[0].services]
        shut = hall.hall.categories[0].model_copy(update={"services": services})
        hall.hall = hall.hall.model_copy(update={"categories": [shut]})
        hall.board = board_of(hall.hall, civil=9)
        changed(hall)
        seen = kiosk.wait("confirm", lambda seen: "现在不能取号" in seen["texts"])
        assert "9 人" in seen["texts"]
        assert "confirm" not in {w["id"] for w in seen["widgets"]}
        hall.hall = town_hall(open_now=False, closed_text="午休，13:30 开放")
        changed(hall)
        kiosk.touch("home")
        seen = kiosk.wait("home", lambda seen: "午休，13:30 开放" in seen["texts"])
        assert "take" not in {w["id"] for w in seen["widgets"]}


def test_nobody_touches_and_the_kiosk_goes_home(tmp_path: Path, hall: TicketHall) -> None:
    settings = ("page_timeout_s = 8", "warn_s = 6")
    with running_kiosk(tmp_path, hall.url, "", *settings) as kiosk:
        kiosk.wait("home")
        kiosk.touch("language")
        kiosk.touch("elder")
        kiosk.touch("low-reach")
        seen = kiosk.wait("home", lambda seen: seen["low_reach"])
        assert (seen["language"], seen["elder"]) == ("en", True)
        kiosk.touch("take")
        seen = kiosk.wait(
            "category", lambda seen: any("Back to the start" in t for t in seen["texts"])
        )
        assert "extend" in {w["id"] for w in seen["widgets"]}
        kiosk.touch("extend")
        kiosk.wait("category", lambda seen: "extend" not in {w["id"] for w in seen["widgets"]})
        seen = kiosk.wait("home")
        assert (seen["language"], seen["elder"], seen["low_reach"]) == ("zh", False, False)


@pytest.mark.parametrize("size", ["1080x1920", "1920x1080"])
def test_sixty_services_page_by_page(tmp_path: Path, size: str) -> None:
    names = ["建设工程规划许可证核发（含变更、延期、补证）及规划条件核实与公示", "户口登记"]
    services = [service(f"s{i}", f"{names[i % 2]}{i}") for i in range(62)]
    big = hall_of(
        *(
            Category(
                id=f"c{i}",
                series="ABCDEFGHJKLM"[i],
                name=f"人力资源和社会保障业务第{i}类",
                services=services if i == 0 else services[:2],
            )
            for i in range(12)
        )
    )
    with (
        TicketHall(big, board_of(big, c0=30)) as hall,
        running_kiosk(tmp_path, hall.url, size=size) as kiosk,
    ):
        kiosk.wait("home")
        for elder in (False, True):
            if elder:
                kiosk.touch("elder")
            kiosk.touch("take")
            kiosk.wait("category")
            kiosk.touch("category:c0")
            seen = set()
            while True:
                page = kiosk.wait("service")
                cards = [w for w in page["widgets"] if w["id"].startswith("service:")]
                assert len(cards) <= (6 if elder else 12)
                assert all(w["h"] >= 80 and w["w"] >= 80 for w in page["widgets"])
                _inside_and_apart(page)
                seen |= {w["id"] for w in cards}
                if "next" not in {w["id"] for w in page["widgets"]}:
                    break
                kiosk.touch("next")
            assert len(seen) == 62
            kiosk.touch("home")
            kiosk.wait("home")


def _inside_and_apart(page: dict[str, Any]) -> None:
    boxes = [
        (w["x"] - w["w"] / 2, w["y"] - w["h"] / 2, w["x"] + w["w"] / 2, w["y"] + w["h"] / 2)
        for w in page["widgets"]
    ]
    for left, top, right, bottom in boxes:
        assert left >= -1 and top >= -1
        assert right <= page["width"] + 1 and bottom <= page["height"] + 1
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart_x = one[2] <= other[0] + 1 or other[2] <= one[0] + 1
            apart_y = one[3] <= other[1] + 1 or other[3] <= one[1] + 1
            assert apart_x or apart_y, (one, other)


def test_a_village_with_one_service_needs_two_touches(tmp_path: Path) -> None:
    one = hall_of(
        Category(id="c", series="A", name="便民服务", services=[service("s", "一窗受理·全科服务")]),
        name="高杰村便民服务站",
    )
    with TicketHall(one, board_of(one)) as hall, running_kiosk(tmp_path, hall.url) as kiosk:
        kiosk.wait("home")
        kiosk.touch("take")
        kiosk.touch("confirm")
        assert kiosk.wait("issued")["ticket"] == "A001"


def test_a_kiosk_that_waits_to_be_approved_shows_its_code(tmp_path: Path, hall: TicketHall) -> None:
    approved: list[bool] = []
    refusal = ErrorInfo(code="not_approved", message="尚未批准", message_en="not yet")
    hall.answer(
        "POST",
        "/devices/pair",
        lambda _body: (
            201,
            {"device_id": "k1", "code": "4711", "state": "pending", "secret": "s" * 32},
        ),
    )
    hall.answer(
        "GET",
        "/devices/k1/token",
        lambda _body: (200, {"token": "t" * 32}) if approved else (409, _error(refusal)),
    )
    token = tmp_path / "token"
    settings = ("[server]", f'token_file = "{token}"')
    with running_kiosk(tmp_path, hall.url, "", *settings) as kiosk:
        seen = kiosk.wait("pairing")
        assert any("4711" in text for text in seen["texts"])
        approved.append(True)
        kiosk.wait("home")
        assert hall.wait_for(lambda: bool(hall.statuses), PATIENCE_S)
    assert token.read_text() == "t" * 32
    assert {device for device, _ in hall.statuses} == {"k1"}


def test_a_revoked_kiosk_says_so_and_waits_to_be_approved_again(
    tmp_path: Path, hall: TicketHall
) -> None:
    again: list[bool] = []
    bad = ErrorInfo(code="bad_token", message="设备令牌无效", message_en="bad token")
    pending = ErrorInfo(code="not_approved", message="尚未批准", message_en="not yet")
    (tmp_path / "token").write_text("revoked")
    (tmp_path / "token.id").write_text("k0")
    hall.answer("POST", "/devices/k0/status", lambda _body: (401, _error(bad)))
    hall.answer(
        "POST",
        "/devices/pair",
        lambda _body: (
            201,
            {"device_id": "k1", "code": "4711", "state": "pending", "secret": "s" * 32},
        ),
    )
    hall.answer(
        "GET",
        "/devices/k1/token",
        lambda _body: (200, {"token": "fresh"}) if again else (409, _error(pending)),
    )
    settings = ("[server]", f'token_file = "{tmp_path / "token"}"')
    with running_kiosk(tmp_path, hall.url, "", *settings) as kiosk:
        seen = kiosk.wait("pairing")
        assert any("4711" in text for text in seen["texts"])
        again.append(True)
        choose(kiosk)
        kiosk.touch("confirm")
        assert kiosk.wait("issued")["ticket"] == "A001"
    assert (tmp_path / "token").read_text() == "fresh"


def test_nothing_of_one_visitors_number_stays_for_the_next(
    tmp_path: Path, hall: TicketHall
) -> None:
    def gold_rows(kiosk: Kiosk) -> int:
        """How many lines of gold letters there are."""
        image = image_of(kiosk)
        gold = Image.new("RGB", image.size, (0xF5, 0xC4, 0x00))
        same = ImageChops.difference(image, gold).convert("L").point(lambda d: 255 * (d < 8))
        rows = [same.crop((0, y, image.width, y + 1)).getbbox() is not None
                for y in range(image.height)]  # fmt: skip
        return sum(now and not before for before, now in pairwise([False, *rows]))

    with running_kiosk(tmp_path, hall.url) as kiosk:
        choose(kiosk, "priority:elderly")
        kiosk.touch("confirm")
        kiosk.wait("issued", lambda seen: "绿色通道" in seen["texts"])
        assert gold_rows(kiosk) == 2
        kiosk.touch("done")
        choose(kiosk)
        kiosk.touch("confirm")
        kiosk.wait("issued")
        assert gold_rows(kiosk) == 1


def _error(info: ErrorInfo) -> dict[str, Any]:
    return {"error": info.model_dump()}


def test_the_remote_hand_refuses_what_is_not_for_it(tmp_path: Path, hall: TicketHall) -> None:
    with running_kiosk(tmp_path, hall.url) as kiosk:
        kiosk.wait("home")
        json_type = {"Content-Type": "application/json"}
        plain = {"Content-Type": "text/plain"}
        own = {"Origin": f"http://127.0.0.1:{kiosk.port}"}
        cases: list[tuple[str, str, dict[str, Any], int]] = [
            ("GET", "/widgets.json", {"headers": {"Origin": "http://evil.test"}}, 403),
            ("GET", "/widgets.json", {"headers": {"Host": "evil.test"}}, 403),
            ("GET", "/nothing", {}, 404),
            ("POST", "/nothing", {"body": b"{}", "headers": json_type}, 404),
            ("POST", "/tap", {"body": b'{"x":1,"y":1}', "headers": plain}, 415),
            ("POST", "/tap", {"body": b"{", "headers": json_type}, 400),
            ("POST", "/tap", {"body": b"[1]", "headers": json_type}, 400),
            ("POST", "/tap", {"body": b'{"x":true,"y":1}', "headers": json_type}, 400),
            ("POST", "/tap", {"body": b'{"x":NaN,"y":1}', "headers": json_type}, 400),
            ("POST", "/tap", {"body": b" " * 2000, "headers": json_type}, 413),
            ("GET", "/widgets.json", {"headers": own}, 200),
        ]
        for method, path, options, status in cases:
            answer = kiosk.call(method, path, **options)
            assert answer.status == status, (path, options, answer.data)
        kiosk.touch_at(-50, 99_999)
        kiosk.touch_at(5, 5)
        assert kiosk.look()["screen"] == "home"


def test_without_a_screen_it_says_so(tmp_path: Path) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text("", encoding="utf-8")
    screenless = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    }
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", "--config", str(config), "--window"],
        env=screenless,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert ended.returncode == 1
    assert "--offscreen" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_of_the_remote_hand_is_told(tmp_path: Path, hall: TicketHall) -> None:
    with running_kiosk(tmp_path, hall.url) as kiosk:
        kiosk.wait("home")
        config = tmp_path / "kiosk.toml"
        ended = subprocess.run(
            [sys.executable, "-m", "kiosk", "--config", str(config), "--offscreen"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith("hall kiosk: [remote] listen = ")
    assert "Traceback" not in ended.stderr
