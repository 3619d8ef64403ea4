"""What the Onbon controllers' error codes say."""

BUSY = 3
ERRORS: dict[int, tuple[str, str]] = {
    1: ("命令组错误", "unknown command group"),
    2: ("命令不存在", "unknown command"),
    3: ("控制卡忙", "the controller is busy"),
    4: ("内存不足", "out of memory"),
    5: ("校验错误", "check sum error"),
    6: ("文件不存在", "no such file"),
    7: ("存储器错误", "flash error"),
    12: ("没有所需字库", "a font is missing: load the 16/24/32 fonts"),
    13: ("固件型号不符", "another firmware type"),
}


def error_words(code: int) -> tuple[str, str]:
    """The error in Chinese and in English."""
    return ERRORS.get(code, (f"错误 {code}", f"error {code}"))
