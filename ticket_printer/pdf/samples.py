"""PURE: a sample of every A4 paper that is not a slip, to look at."""

from datetime import date

from ticket_printer.pdf.agency import AgencyForm, AgencyMatter, AgencyMonth, Step

_HALL = "尧禾镇便民服务中心"
_TODAY = date(2026, 11, 30)


def sample_form() -> AgencyForm:
    """A matter that took longer than promised, and why."""
    return AgencyForm(hall_name=_HALL, made_on=_TODAY, matter=_matters()[0])


def sample_month() -> AgencyMonth:
    """A month: late, in time, not answered yet."""
    return AgencyMonth(hall_name=_HALL, made_on=_TODAY, month="2026-11", matters=_matters())


def _november(day: int, by: str, text: str) -> Step:
    return Step(on=date(2026, 11, day), by=by, text=text)


def _matters() -> list[AgencyMatter]:
    late = AgencyMatter(
        number="DB202611-007",
        applicant="张㐂𠮷",
        phone="139****2211",
        address="尧禾镇北井头村三组",
        service_name="城乡居民养老保险参保登记",
        agent="王芳",
        materials=["居民身份证复印件 1 份", "居民户口簿复印件 1 份", "参保登记表 1 份"],
        due_on=date(2026, 11, 12),
        asked=_november(9, "王芳", "本人行动不便，由村干部上门询问，想办理养老保险参保登记。"),
        accepted=_november(9, "王芳", "材料齐全，当场受理，开具受理凭证。"),
        handled=_november(10, "李建国", "送镇便民服务中心综合窗口，户籍信息不一致，已核实更正。"),
        replied=_november(13, "王芳", "上门告知已参保，送达参保凭证。"),
        published=_november(20, "李建国", "在村务公开栏公示。"),
        rating=4,
        comment="办得好，慢了一天。",
        late_reason="户籍信息与公安系统不一致，核实用时 1 个工作日。",
    )
    in_time = AgencyMatter(
        number="DB202611-008",
        applicant="刘〇英",
        service_name="社会保障卡申领",
        agent="王芳",
        due_on=date(2026, 11, 27),
        asked=_november(18, "王芳", "电话询问。"),
        accepted=_november(18, "王芳", "受理。"),
        handled=_november(19, "王芳", "代为申领。"),
        replied=_november(25, "王芳", "送卡上门。"),
        rating=5,
    )
    going_on = AgencyMatter(
        number="DB202611-009",
        applicant="赵秀兰",
        phone="0913-6160003",
        service_name="高龄老人生活保健补贴申请",
        agent="李建国",
        due_on=date(2026, 12, 4),
        asked=_november(27, "李建国", "到站询问。"),
        accepted=_november(27, "李建国", "受理。"),
    )
    return [late, in_time, going_on]
