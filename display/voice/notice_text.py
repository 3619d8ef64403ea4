"""PURE: a notice as it is read aloud: in sentences, its numbers, times and letters in words."""

import re

from display.voice.phrases import DIGITS, MOST_WINDOW, number_word

# Longer than this is said in two breaths: about 10 s.
MOST_CHARS = 40

_SENTENCE = re.compile(r"[^。！？；!?;\n]+")
_CLAUSE = re.compile(r"[^，,]+[，,]?")
# 0391-6633000, 400-820-8820, 139-1234-5678; 100-200 is a range.
_PHONE = re.compile(
    r"(?<![\d-])(?:(?:0\d{2,3}|[48]00)-\d{3,8}|\d{3,4}-\d{7,8}|1\d\d-\d{4}-\d{4})"
    r"(?:-\d{1,6})?(?![\d-])"
)
_CALLED = re.compile(r"(?<=拨打|致电|电话|热线)([:：\s]*)(\d+)")
_DATE = re.compile(r"(?<![\d./-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d./-])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?=年)")
_NUMBERED = re.compile(r"(?<=[A-Za-z])\d+")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_RANGE = re.compile(r"(?<=[\d点分日月年])\s*[-–—~～]\s*(?=\d)")
# 2 is 两 before what it counts, also in 两点, but not in an order: 第二次, 二号.
_TWO = re.compile(r"(?<![\d第.])2(?=点|[个位名人次份张件项种台天周]|小时|分钟)")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_NUMBER = re.compile(r"\d+")
_LETTER = re.compile(r"[A-Za-z]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF5B))}
_LONG_NUMBER = re.compile(r"\d{5,}")
_UNSAID = re.compile(r"[^\u3400-\u9fffA-Z，,、：: ]")


def _each(digits: str) -> str:
    return "".join(DIGITS[int(digit)].hanzi for digit in digits)


def _number(digits: str) -> str:
    if len(digits) > 1 and (digits[0] == "0" or int(digits) > MOST_WINDOW):
        return _each(digits)
    return number_word(int(digits)).hanzi if int(digits) else "零"


def _time(found: re.Match[str]) -> str:
    hour, minute = _number(str(int(found[1]))), found[2]
    if hour == "二":
        hour = "两"
    if minute == "00":
        return f"{hour}点"
    return f"{hour}点{'零' if minute[0] == '0' else ''}{_number(str(int(minute)))}分"


def _decimal(found: re.Match[str]) -> str:
    return f"{_number(found[1])}点{_each(found[2])}"


def in_words(text: str) -> str:
    """``text`` in characters and single capital letters: 15:30 is 十五点三十分, 0391-6633000 and
    A012 are said digit by digit, WiFi is W I F I. What cannot be said is left out."""
    text = text.translate(_FULL_WIDTH).replace("〇", "零")
    text = _THOUSANDS.sub("", text)
    text = _DATE.sub(r"\1年\2月\3日", text)
    text = _PHONE.sub(lambda found: _each(found[0].replace("-", "")), text)
    text = _CALLED.sub(lambda found: found[1] + _each(found[2]), text)
    text = _RANGE.sub("到", text)
    text = _TIME.sub(_time, text)
    text = _RANGE.sub("到", text)
    text = _YEAR.sub(lambda found: _each(found[1]), text)
    text = _NUMBERED.sub(lambda found: _each(found[0]), text)
    text = _PERCENT.sub(lambda found: f"百分之{found[1]}", text)
    text = _TWO.sub("两", text)
    text = _DECIMAL.sub(_decimal, text)
    text = _NUMBER.sub(lambda found: _number(found[0]), text)
    text = _LETTER.sub(lambda found: f" {found[0].upper()} ", text)
    return " ".join(_UNSAID.sub(" ", text).split())


def english_words(text: str) -> str:
    """``text`` for the English voice: dates and times are left to it, telephone numbers are said
    digit by digit. Empty when it has neither letters nor digits."""
    if not any(char.isascii() and char.isalnum() for char in text):
        return ""
    text = _PHONE.sub(lambda found: " ".join(found[0].replace("-", "")), text)
    return _LONG_NUMBER.sub(lambda found: " ".join(found[0]), text)


def sentences(text: str) -> list[str]:
    """What is said in one breath each, in order; empty when nothing can be said."""
    said: list[str] = []
    for sentence in _SENTENCE.findall(text):
        said += _breaths(in_words(sentence))
    return [part for part in said if part.strip("，,、：: ")]


def _breaths(sentence: str) -> list[str]:
    breaths = [""]
    for clause in _CLAUSE.findall(sentence):
        if breaths[-1] and len(breaths[-1]) + len(clause) > MOST_CHARS:
            breaths.append("")
        breaths[-1] += clause
    return [
        breath[at : at + MOST_CHARS]
        for breath in breaths
        for at in range(0, len(breath), MOST_CHARS)
    ]
