"""Words of the demo's page."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("一台机器演示整个大厅", "The whole hall on one machine"),
    "what": (
        "左边点取号机取号，右边登录窗口叫号，就能看到小票、窗口屏和语音。",
        "Take a number on the kiosk, log in to a window, call: paper, panel and voice follow.",
    ),
    "kiosk": ("取号机", "Kiosk"),
    "kiosk_help": ("点图就是点屏幕", "Click the picture to tap the screen"),
    "kiosk_away": (
        "取号机没有画面，恢复后自动显示；久等请看启动演示的终端",
        "The kiosk shows no picture; it returns by itself. If not, see the terminal of the demo",
    ),
    "kiosk_none": ("本次演示没有启动取号机", "This demo runs without a kiosk"),
    "paper": ("小票", "Paper"),
    "paper_none": ("还没有打印", "Nothing printed yet"),
    "panels": ("窗口屏", "Window panels"),
    "panel_none": ("还没有画面", "No picture yet"),
    "voice": ("语音", "Voice"),
    "voice_none": ("还没有播报", "Nothing announced yet"),
    "consoles": ("页面", "Pages"),
    "logins": ("演示登录", "Demo log-ins"),
    "open_tab": ("新标签页打开", "Open in a new tab"),
    "state_lost": ("演示数据没有更新", "The demo's data is not updating"),
}
