"""Reading TOML into a frozen model, with every error at once and in two languages."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)


class Settings(BaseModel):
    """Base of every settings model: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: where, in Chinese, in English."""

    file: str
    key: str
    zh: str
    en: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.zh} / {self.en}"


class ConfigError(Exception):
    """A file cannot be used. ``problems`` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)


_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺少此项", "is missing"),
    "int_type": ("应为整数", "should be a whole number"),
    "int_parsing": ("应为整数", "should be a whole number"),
    "int_from_float": ("应为整数", "should be a whole number"),
    "float_type": ("应为数字", "should be a number"),
    "float_parsing": ("应为数字", "should be a number"),
    "string_type": ("应为带引号的文字", "should be a text in quotes"),
    "bool_type": ("应为 true 或 false", "should be true or false"),
    "bool_parsing": ("应为 true 或 false", "should be true or false"),
    "list_type": ("应为列表 […]", "should be a list […]"),
    "tuple_type": ("应为列表 […]", "should be a list […]"),
    "dict_type": ("应为表", "should be a table"),
    "model_type": ("应为表", "should be a table"),
}
_LIMITS: dict[str, tuple[str, str, str]] = {
    "greater_than_equal": ("ge", "不得小于 {}", "should be at least {}"),
    "greater_than": ("gt", "应大于 {}", "should be more than {}"),
    "less_than_equal": ("le", "不得大于 {}", "should be at most {}"),
    "less_than": ("lt", "应小于 {}", "should be less than {}"),
    "string_too_short": ("min_length", "至少 {} 个字符", "should have at least {} characters"),
    "string_too_long": ("max_length", "最多 {} 个字符", "should have at most {} characters"),
    "too_short": ("min_length", "至少 {} 项", "should have at least {} entries"),
    "too_long": ("max_length", "最多 {} 项", "should have at most {} entries"),
}


def did_you_mean(word: str, known: Sequence[str]) -> tuple[str, str]:
    """The closest known word as a Chinese and an English half-sentence, both empty if none."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if not close:
        return "", ""
    return f"，是否应为“{close[0]}”？", f', did you mean "{close[0]}"?'


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for arg in get_args(annotation) for model in _models_in(arg)]


def _model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in loc:
        if current is None or isinstance(part, int) or part not in current.model_fields:
            continue
        inner = _models_in(current.model_fields[part].annotation)
        current = inner[0] if inner else None
    return current


def key_path(loc: Sequence[int | str]) -> str:
    """``("printers", 0, "name")`` as ``printers[0].name``; entries count from 0."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def _words(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        owner = _model_at(model, error["loc"][:-1])
        fields = owner.model_fields if owner else {}
        known = [field.alias or name for name, field in fields.items()]
        zh, en = did_you_mean(str(error["loc"][-1]), known)
        return "未知的设置项" + zh, "unknown key" + en
    if kind == "literal_error":
        allowed = str(context.get("expected", ""))
        known = [word.strip().strip("'") for word in allowed.replace(" or ", ",").split(",")]
        zh, en = did_you_mean(str(error["input"]), known)
        return f"只能是 {allowed}{zh}", f"should be {allowed}{en}"
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _LIMITS:
        name, zh, en = _LIMITS[kind]
        return zh.format(context.get(name)), en.format(context.get(name))
    message = error["msg"].removeprefix("Value error, ")
    zh, separator, en = message.partition(" / ")
    return (zh, en) if separator else (f"无效（{message}）", message)


def problems_of(error: ValidationError, model: type[BaseModel], file: str) -> list[Problem]:
    """A validation error as a list of problems. A validator of ours raises ValueError with a
    message ``中文 / English``."""
    return [Problem(file, key_path(e["loc"]), *_words(e, model)) for e in error.errors()]


_AT = re.compile(r"at line (\d+), column (\d+)")


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigError when it cannot be read or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError([Problem(str(path), "", "文件不存在", "there is no such file")]) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            [Problem(str(path), "", "无法读取", f"cannot be read: {reason}")]
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            [
                Problem(
                    str(path), "", "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8: save it as UTF-8"
                )
            ]
        ) from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        at = _AT.search(str(error))
        where = f"：第 {at[1]} 行第 {at[2]} 列有误" if at else ""
        raise ConfigError(
            [Problem(str(path), "", f"不是有效的 TOML{where}", f"not TOML: {error}")]
        ) from None


def load(path: Path, model: type[M]) -> M:
    """The file as ``model``. Raises ConfigError with everything that is wrong with it."""
    data = read_toml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(problems_of(error, model, str(path))) from None
