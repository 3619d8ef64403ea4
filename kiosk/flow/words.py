"""Every sentence of the kiosk, simplified Chinese first, English second."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; ``{name}`` marks are filled in by :meth:`say`."""

    zh: str
    en: str

    def say(self, language: Language, **values: object) -> str:
        """The sentence in ``language``."""
        return (self.zh if language == "zh" else self.en).format(**values)


def named(language: Language, zh: str, en: str) -> str:
    """The hall's own name for a thing: English where there is one, Chinese otherwise."""
    return en if language == "en" and en else zh


WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

STARTING = Text("正在启动，请稍候…", "Starting, one moment…")
STARTING_HINT = Text("正在连接叫号服务器", "Connecting to the queue server")

PAIRING_CODE = Text("配对码 {code}", "Code {code}")
PAIRING = Text("等待管理员批准本机", "Waiting for a manager to approve this kiosk")
PAIRING_HINT = Text(
    "请管理员在“设备”页核对配对码并批准",
    "A manager compares the code on the device page and approves",
)

WELCOME = Text("欢迎您，请取号办理", "Welcome, please take a number")
TAKE = Text("取  号", "Take a number")
TAKE_HINT = Text("点击这里，选择要办理的事项", "Touch here and choose your service")
CLOSED_NOW = Text("现在不取号", "No numbers now")
WAITING_NOW = Text("当前排队", "Waiting now")
NOBODY = Text("无需等候", "No waiting")
NO_WINDOW = Text("窗口暂未开放", "No window open")
PEOPLE = Text("{n} 人", "{n}")
HOURS = Text("办公时间", "Opening hours")

CHOOSE_CATEGORY = Text("请选择业务类别", "Choose a category")
CHOOSE_SERVICE = Text("请选择办理事项", "Choose a service")
CATEGORY_SIZE = Text("{n} 项", "{n} services")
CATEGORY_NOTE = Text("{n} 项 · {wait}", "{n} services · {wait}")
WAITING_N = Text("{n} 人等候", "{n} waiting")
NOT_OPEN = Text("暂不办理", "Not available now")
PAGE = Text("第 {page} / {pages} 页", "Page {page} of {pages}")
PREVIOUS = Text("上一页", "Previous")
NEXT = Text("下一页", "Next")

BACK = Text("返回", "Back")
HOME = Text("首页", "Home")
OTHER_LANGUAGE = Text("English", "中文")
ELDER_ON = Text("长辈版", "Large text")
ELDER_OFF = Text("标准版", "Normal")
LOW_ON = Text("低位操作", "Low reach")
LOW_OFF = Text("全屏操作", "Full height")

CHECK = Text("请核对后取号", "Please check, then take your number")
AREA = Text("办理区域", "Area")
AHEAD = Text("前方等候", "Ahead")
AHEAD_N = Text("{n} 人", "{n} people")
AHEAD_1 = Text("1 人", "1 person")
AHEAD_0 = Text("无人等候", "Nobody")
WINDOWS = Text("办理窗口", "Windows")
NO_WINDOW_TAKES_IT = Text(
    "目前没有开放的窗口，请咨询导办台",
    "No window is open now: ask a guide",
)
EXPECTED = Text("预计等候", "Wait")
EXPECTED_RANGE = Text("约 {low}–{high} 分钟", "about {low}–{high} min")
EXPECTED_WITHIN = Text("{high} 分钟以内", "within {high} min")
EXPECTED_ONE = Text("约 {high} 分钟", "about {high} min")
EXPECTED_SOON = Text("马上办理", "at once")
GREEN = Text("绿色通道（如符合，请选择）", "Priority service (choose if it applies)")
GREEN_CHOSEN = Text("已选绿色通道，请到导办台确认", "Priority chosen: confirm at the guide desk")
ORDINARY = Text("普通取号", "Ordinary")
CONFIRM = Text("确认取号", "Take my number")
CONFIRM_CLOSED = Text("现在不能取号", "Not available now")

ISSUING = Text("正在取号，请稍候…", "Taking your number…")
ISSUING_HINT = Text("请不要离开", "Please stay here")
ISSUING_SLOW = Text(
    "暂时连不上叫号服务器，正在重试，请稍候", "The queue server does not answer yet, trying again"
)

YOUR_NUMBER = Text("您的号码", "Your number")
AHEAD_TICKET = Text("您前面还有 {n} 人在等待", "{n} people ahead of you")
AHEAD_TICKET_1 = Text("您前面还有 1 人在等待", "1 person ahead of you")
AHEAD_OFFLINE = Text("网络恢复后按取号时间排队", "Queued by its time once the network is back")
AHEAD_TICKET_0 = Text("您前面没有人，请留意叫号", "You are next, please listen for your number")
NO_WINDOW_TICKET = Text("目前没有开放的窗口办理此事项", "No window is open for this now")
NO_WINDOW_WAIT = Text(
    "窗口开放后叫号，可咨询导办台",
    "Called once one opens, ask a guide",
)
WAIT_AT = Text("请在 {place} 等候叫号", "Wait in: {place}")
THE_HALL = Text("大厅", "the hall")
PRINTING = Text("正在打印…", "Printing…")
PRINTED = Text("已打印，请取票", "Printed, please take your ticket")
COLLECT_AT = Text("请到 {place} 取票", "Collect it at {place}")
NOT_PRINTED = Text("请记住您的号码，或拍照保存", "Remember or photograph your number")
PRINTER_AWAY = Text("打印机暂时不可用", "The printer is not available")
PRINTER_SILENT = Text("打印机没有回应", "The printer does not answer")
PRINTER_UNSURE = Text("若未出票，请记住号码或拍照", "No paper? Remember or photograph the number")
NO_PAPER_HERE = Text("本机不打印纸票", "This kiosk prints no paper")
SCAN = Text("扫码看排队进度", "Scan to follow")
DONE = Text("完成", "Done")
HOME_IN = Text("{s} 秒后返回首页", "Home in {s} s")

AWAY = Text("暂时无法取号", "No numbers at the moment")
AWAY_BODY = Text("请到导办台，由工作人员为您取号", "Please ask at the guide desk")
AWAY_HINT = Text(
    "系统正在自动恢复，恢复后本页自动消失", "This page goes away by itself once it works again"
)
NOT_TAKEN = Text("未能取号", "No number was taken")
NO_ANSWER = Text(
    "叫号服务器没有回应，请到导办台取号",
    "The queue server does not answer, please ask at the guide desk",
)
CHANGED = Text("该事项刚刚有变动，请重新选择", "This service has just changed, please choose again")
SERVICE_CLOSED = Text("该事项暂不办理", "This service is not available now")

STILL_HERE = Text("{s} 秒后返回首页", "Back to the start in {s} s")
EXTEND = Text("继续办理", "I am still here")
