"""PURE: a sample of every slip, for previews and for checking layouts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from hallkit.wire.slips import (
    CollectionSlip,
    Figure,
    FigureGroup,
    GuideElement,
    GuideSlip,
    Material,
    MaterialsSlip,
    ReceiptSlip,
    RefusalSlip,
    Slip,
    SlipKind,
    SummarySlip,
    SupplementSlip,
    Tally,
    TallyTable,
    TicketSlip,
)

_AT = datetime(2026, 11, 23, 9, 32, tzinfo=timezone(timedelta(hours=8)))
_URL = "http://192.168.1.10:8080/t/6fJ2kQw9ZtB4"
_GUIDE_URL = "http://192.168.1.10:8080/g/pension-join"
_PAPERS = [
    Material(name="居民身份证", detail="原件核验，收复印件 1 份（正反面）"),
    Material(name="居民户口簿", detail="原件核验，收首页和本人页复印件各 1 份"),
    Material(name="本人社会保障卡", detail="原件核验"),
    Material(name="《城乡居民基本养老保险参保登记表》", detail="原件 1 份，窗口提供，现场填写"),
]


@dataclass(frozen=True)
class SampleHall:
    """What of a sample is the hall's own: its name, an area to wait in, some services."""

    name: str = "尧禾镇便民服务中心"
    waiting_area: str = "休息等候区"
    services: tuple[str, ...] = (
        "城乡居民养老保险参保登记",
        "养老待遇资格认证",
        "社会保障卡申领",
    )


def sample(kind: SlipKind, hall: SampleHall = SampleHall()) -> Slip:
    """A sample slip of this kind with every word in it."""
    return _SAMPLES[kind](hall)


def _ticket(hall: SampleHall) -> TicketSlip:
    return TicketSlip(
        hall_name=hall.name,
        issued_at=_AT,
        tags=["绿色通道", "预约"],
        area_name="窗口服务区",
        service_name=hall.services[0],
        more_services=list(hall.services[1:3]),
        number="A012",
        ahead=7,
        p50_min=12,
        p90_min=25,
        wait_at=hall.waiting_area,
        missed_rule="过号后顺延 3 位，请留意叫号；第三次过号，号码作废，请重新取号。",
        position_url=_URL,
    )


def _matter(hall: SampleHall) -> dict[str, object]:
    return {
        "hall_name": hall.name,
        "issued_at": _AT,
        "service_name": hall.services[0],
        "case_number": "BJ20261123-0017",
        "applicant": "张㐂𠮷",
        "window": "3号综合窗口",
        "clerk": "王芳",
        "phone": "0913-6160000",
        "url": _URL,
    }


def _materials(hall: SampleHall) -> MaterialsSlip:
    own = {
        "materials": _PAPERS,
        "promised": "受理后 3 个工作日",
        "fee": "不收费",
        "place": f"{hall.name}综合窗口",
        "hours": "工作日 8:30–12:00，13:30–17:30",
        "url": _GUIDE_URL,
    }
    return MaterialsSlip.model_validate(_matter(hall) | own)


def _receipt(hall: SampleHall) -> ReceiptSlip:
    own = {
        "materials": _PAPERS,
        "promised": "3 个工作日",
        "due_on": date(2026, 11, 26),
        "due_estimated": True,
        "delivery": "窗口领取",
    }
    return ReceiptSlip.model_validate(_matter(hall) | own)


def _supplement(hall: SampleHall) -> SupplementSlip:
    missing = [
        Material(name="居民户口簿复印件", detail="缺本人页，请补交 1 份"),
        Material(name="参保登记表", detail="第 2 页未签字，请本人签字"),
    ]
    own = {"missing": missing, "reply_by": date(2026, 12, 7), "place": "3号综合窗口"}
    return SupplementSlip.model_validate(_matter(hall) | own)


def _refusal(hall: SampleHall) -> RefusalSlip:
    own = {
        "reason": "申请人已参加企业职工基本养老保险并在缴费，不属于城乡居民养老保险的参保范围。",
        "basis": "《国务院关于建立统一的城乡居民基本养老保险制度的意见》第三条",
        "materials": _PAPERS[:2],
    }
    return RefusalSlip.model_validate(_matter(hall) | own)


def _collection(hall: SampleHall) -> CollectionSlip:
    own = {
        "result_name": "社会保障卡",
        "copies": 1,
        "ready_on": date(2026, 11, 26),
        "place": "统一出证窗口",
        "hours": "工作日 8:30–12:00，13:30–17:30",
        "bring": ["本凭条", "本人有效身份证件原件"],
    }
    return CollectionSlip.model_validate(_matter(hall) | own)


def _guide(hall: SampleHall) -> GuideSlip:
    elements = {
        "受理条件": "年满 16 周岁（不含在校学生），未参加职工基本养老保险的本地户籍居民",
        "办件类型": "承诺件",
        "法定时限": "20 个工作日",
        "承诺时限": "3 个工作日",
        "收费": "不收费",
        "办理地点": f"{hall.name}综合窗口",
        "办公时间": "工作日 8:30–12:00，13:30–17:30",
        "咨询电话": "0913-6160000",
        "监督投诉": "0913-6160001",
    }
    return GuideSlip(
        hall_name=hall.name,
        issued_at=_AT,
        service_name=hall.services[0],
        item_code="11610527MB2900000X",
        version="2026年第 3 版",
        elements=[GuideElement(name=name, text=text) for name, text in elements.items()],
        materials=_PAPERS,
        url=_GUIDE_URL,
    )


def _summary(hall: SampleHall) -> SummarySlip:
    day = {"取号": "128 人", "办结": "121 件", "过号未到": "4 人", "取消": "3 人"}
    waits = {"平均等候": "9 分钟", "九成等候不超过": "21 分钟", "最长等候": "34 分钟"}
    windows = {"1号综合窗口": 46, "2号综合窗口": 41, "3号老年人专窗": 34}
    counted = [
        Tally(name=name, served=n, missed=i, mean_min=9 + i, p90_min=21 + i)
        for i, (name, n) in enumerate(windows.items())
    ]
    services = [
        Tally(name=name, issued=50 - i, served=47 - i, missed=i, mean_min=9 + i, p90_min=21 + i)
        for i, name in enumerate(hall.services)
    ]
    ratings = {"参评": "57 人次", "好评率": "98.2%", "差评": "1 件"}
    groups = {"当日办理": day, "等候": waits, "评价": ratings}
    return SummarySlip(
        hall_name=hall.name,
        issued_at=_AT.replace(hour=17, minute=45),
        day=_AT.date(),
        groups=[
            FigureGroup(title=title, figures=[Figure(name=a, value=b) for a, b in figures.items()])
            for title, figures in groups.items()
        ],
        tables=[
            TallyTable(title="各窗口", rows=counted),
            TallyTable(title="各事项", rows=services),
        ],
        remarks=["10:12 至 10:40，2号综合窗口开放但无人值守", "1 件差评待核实"],
    )


_SAMPLES: dict[SlipKind, Callable[[SampleHall], Slip]] = {
    "ticket": _ticket,
    "materials": _materials,
    "receipt": _receipt,
    "supplement": _supplement,
    "refusal": _refusal,
    "collection": _collection,
    "guide": _guide,
    "summary": _summary,
}
