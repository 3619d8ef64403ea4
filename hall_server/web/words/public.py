"""Words of the pages that anybody may see."""

HOME: dict[str, tuple[str, str]] = {
    "title": ("一窗 · 政务大厅排队叫号", "Yichuang · queue and call"),
    "what": (
        "这台机器是本大厅的叫号主机：取号、叫号、大屏、语音和窗口工作台都由它提供。",
        "This machine runs the hall's queue: numbers, calls, board, voice and window desks.",
    ),
    "now": ("大厅现状", "The hall now"),
    "hall_open": ("正在受理", "Open"),
    "hall_closed": ("非受理时间", "Closed"),
    "windows_open": ("开放窗口", "Open windows"),
    "of_windows": ("共 {n} 个", "of {n}"),
    "being_served": ("正在办理", "Being served"),
    "waiting_people": ("等候人数", "People waiting"),
    "longest_estimate": ("预计等候", "Expected wait"),
    "no_estimate": ("暂无预计", "Not known yet"),
    "go": ("去哪里", "Where to go"),
    "clerk_about": (
        "窗口人员登录后叫号、办结、过号、转移；鼠标和键盘都能完成。",
        "For clerks: call, finish, transfer. Works by mouse and by keyboard alone.",
    ),
    "manager_about": (
        "看全厅窗口和等候情况，随时调整每个窗口办理的业务。",
        "See every window and line, and change what each window takes while the hall runs.",
    ),
    "appointments_about": (
        "导办员、管理员登记预约、按预约号签到取号、取消、导入表格。",
        "For guides and managers: book, check in by code, cancel, import a table.",
    ),
    "board_about": (
        "放在大厅电视上：现在叫到几号、去几号窗口、还要等多久。",
        "For the hall's TV: who is called, to which window, and how long the wait is.",
    ),
    "panel": ("窗口屏网页", "Window sign"),
    "panel_about": (
        "窗口上方的平板或小屏：打开本窗口的地址，显示号码和通知。",
        "For a tablet or a small screen above a window: its number and the notices.",
    ),
    "devices_about": (
        "取号机、打印机、窗口屏和语音是否正常；批准新设备接入。",
        "Health of kiosks, printers, panels and voice; approve new devices.",
    ),
    "demo_about": (
        "本机演示：虚拟取号机、小票、窗口屏和语音都在一页上。",
        "This demo's virtual kiosk, paper, panels and voice on one page.",
    ),
    "for_staff": ("需登录", "Log-in needed"),
    "for_all": ("公开", "Public"),
    "own_ticket": (
        "群众查看自己的排队进度：用手机扫小票上的二维码。",
        "Visitors follow their own place by scanning the code on their ticket.",
    ),
    "privacy": (
        "公开页面只显示号码和窗口，不含任何个人信息。",
        "Public pages show numbers and windows only, no personal data.",
    ),
}

BOARD: dict[str, tuple[str, str]] = {
    "title": ("叫号大屏", "Call board"),
    "now_serving": ("正在办理", "Now serving"),
    "recent": ("最近呼叫", "Recent calls"),
    "waiting": ("等候情况", "Waiting"),
    "please_come": ("请到窗口", "Please go"),
    "at_window": ("办理中", "Serving"),
    "n_waiting": ("{n} 人", "{n}"),
    "about": ("约 {range} 分钟", "{range} min"),
    "no_forecast": ("—", "—"),
    "forecast_rough": ("预计时间为粗估", "times are rough"),
    "nobody_served": ("暂无正在办理的号码", "Nobody is being served"),
    "nobody_called": ("暂无呼叫", "No calls yet"),
    "please_wait": ("请取号后在休息区等候", "Please take a number and wait"),
    "caption": (
        "请{ticket}号到{window}{purpose}",
        "Ticket {ticket}, please go to {window}",
    ),
    "place_comprehensive": ("{n}号综合窗口", "window {n}"),
    "place_dedicated": ("{n}号窗口", "window {n}"),
    "place_certificate": ("{n}号窗口", "window {n}"),
    "place_elder": ("{n}号老年人窗口", "window {n}"),
    "place_guide": ("{n}号导办台", "the guide desk {n}"),
    "place_green": ("{n}号绿色通道窗口", "window {n}"),
    "purpose_handle": ("办理", "for your matter"),
    "purpose_collect": ("领取证件", "to collect a paper"),
    "purpose_ask": ("咨询", "to ask"),
    "spoken_notice": ("广播", "Notice"),
    "notice": ("通知", "Notice"),
    "closing_label": ("提醒", "Soon"),
    "closing_soon": (
        "本厅 {time} 停止取号，已取到的号都会办理。",
        "No more tickets after {time}. Everyone who holds one will be served.",
    ),
    "closing_at": ("{time} 停止取号", "Tickets until {time}"),
    "hall_closed": ("现在没有开放的窗口", "No window is open now"),
    "continued": ("{label}（续）", "{label} (continued)"),
    "page_of": ("第 {page} / {pages} 页", "page {page} of {pages}"),
    "outage": ("数据已中断，{since} 起未更新", "No data since {since}"),
    "first_outage": ("正在等待叫号主机…", "Waiting for the queue server…"),
    "outage_help": ("请留意工作人员叫号", "Please listen to the staff"),
    "ticker": (
        "请留意大屏和语音叫号，叫到后请及时到窗口办理。",
        "Please watch the screen and listen; go to the window when your number is called.",
    ),
}

PANEL: dict[str, tuple[str, str]] = {
    "title": ("窗口屏", "Window sign"),
    "window_words": ("号窗口", "Window"),
    "please_come": ("请到本窗口", "Please come here"),
    "serving": ("办理中", "Serving"),
    "idle": ("热情为您服务", "At your service"),
    "paused": ("暂停服务", "Paused"),
    "closed": ("窗口关闭", "Closed"),
    "closing": ("即将下班", "Closing soon"),
    "closing_at": ("{time} 停止取号", "Tickets until {time}"),
    "waiting": ("正在连接叫号主机…", "Connecting to the queue server…"),
    "outage": ("数据已中断，{since} 起未更新", "No data since {since}"),
    "first_outage": ("叫号主机没有回应", "The queue server does not answer"),
    "unknown_title": ("本厅没有 {n} 号窗口", "This hall has no window {n}"),
    "unknown_help": (
        "请检查窗口屏打开的地址。本厅的窗口：",
        "Check the address that this sign opens. The windows of this hall:",
    ),
}

POSITION: dict[str, tuple[str, str]] = {
    "title": ("我的排队号", "My number"),
    "your_number": ("您的号码", "Your number"),
    "ahead": ("前面等候", "Ahead of you"),
    "ahead_unit": ("人", "people"),
    "you_are_next": ("您是下一位", "You are next"),
    "no_window_open": (
        "目前没有开放的窗口办理，请留意叫号，或到导办台咨询。",
        "No open window takes this now. Please listen for your call, or ask at the guide desk.",
    ),
    "about": ("预计等候", "Expected wait"),
    "about_range": ("约 {range} 分钟", "about {range} min"),
    "rough": (
        "粗估：按各事项大约要的时间推算，仅供参考，请留意叫号。",
        "Rough estimate, from the usual time of each service. Please listen for your call.",
    ),
    "waiting_title": ("请在休息区等候", "Please wait in the hall"),
    "called_title": ("轮到您了", "It is your turn"),
    "called_go": ("请到", "Please go to"),
    "serving_title": ("正在为您办理", "You are being served"),
    "done_title": ("已办结，谢谢", "Done, thank you"),
    "supplement_title": ("请补齐材料再来", "Please bring the missing papers"),
    "supplement_help": (
        "今天补齐材料后，回到窗口即可，不必重新取号。",
        "Come back to a window today: no new number is needed.",
    ),
    "more_services": ("接着还要办", "Still to do"),
    "no_show_title": ("已过号", "You missed your call"),
    "no_show_help": ("请到导办台咨询。", "Please ask at the guide desk."),
    "parked_title": ("已暂时挂起", "Set aside for now"),
    "parked_help": (
        "备齐材料后，到任何一个能办此事项的窗口都可以接着办，不用再排队。",
        "When you are ready, go to any window that takes this service: no need to queue again.",
    ),
    "cancelled_title": ("此号已取消", "This number was cancelled"),
    "void_title": ("此号已作废", "This number is no longer valid"),
    "void_help": ("如需办理请重新取号。", "Please take a new number."),
    "taken_at": ("取号时间", "Taken at"),
    "service": ("办理事项", "Service"),
    "missed_rule": ("过号规则", "If you miss your call"),
    "updated": ("{time} 更新", "updated {time}"),
    "stale": (
        "网络中断，显示的是 {time} 的情况，正在重试…",
        "No connection. This is how it was at {time}; trying again…",
    ),
    "refresh_note": (
        "本页每 10 秒自动更新，请同时留意大屏和语音叫号。",
        "This page updates every 10 seconds. Please watch the screen and listen too.",
    ),
    "vibrate_note": ("轮到您时手机会振动。", "Your phone vibrates when it is your turn."),
    "title_called": ("★ 请到 {n} 号窗口", "★ Go to window {n}"),
    "title_ahead": ("前面 {n} 人", "{n} ahead"),
    "not_found": ("没有这个号码", "There is no such number"),
    "not_found_help": (
        "可能是昨天的小票，或地址不完整。请重新扫描小票上的二维码，或到导办台咨询。",
        "It may be an old ticket or an incomplete address. Scan the code again or ask at the desk.",
    ),
}

MISSING: dict[str, tuple[str, str]] = {
    "title": ("没有这个页面", "There is no such page"),
    "help": (
        "地址可能不完整或已经改变。请从首页重新进入，或到导办台咨询。",
        "The address may be incomplete or old. Start from the home page or ask at the desk.",
    ),
}
