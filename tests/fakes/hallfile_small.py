"""A small, good hall file as tables, to be spoilt by tests."""

import copy
from pathlib import Path
from typing import Any

import tomli_w

from hall_server.hallfile.loader import load_hall_file
from hallkit.runtime.settings import ConfigError, Problem

_GOOD: dict[str, Any] = {
    "hall": {"id": "small", "name": "小镇便民服务中心", "level": "town", "source": "示例"},
    "areas": [{"id": "main", "name": "窗口服务区"}],
    "categories": [
        {
            "id": "social",
            "series": "A",
            "name": "社会保障",
            "services": [
                {"id": "pension", "name": "养老保险", "promised_days": 3, "legal_days": 5},
                {"id": "card", "name": "社会保障卡"},
            ],
        },
        {
            "id": "tax",
            "series": "B",
            "name": "税务",
            "generated": [
                {
                    "prefix": "tax",
                    "count": 3,
                    "subjects": ["契税", "车船税"],
                    "acts": ["申报", "退税"],
                }
            ],
        },
    ],
    "windows": [
        {
            "number": 1,
            "name": "社保窗口",
            "area": "main",
            "rules": [{"services": ["category:social"], "from": "08:00", "to": "18:00"}],
        },
        {"number": 2, "name": "综合窗口", "area": "main", "rules": [{"services": "*"}]},
    ],
    "priority_classes": [
        {"id": "ordinary", "name": "普通"},
        {"id": "green", "name": "绿色通道", "head": 10, "rate": 3},
    ],
    "hours": {
        "sessions": [
            {"weekdays": [1, 2, 3, 4, 5], "from": "08:30", "to": "12:00"},
            {"weekdays": [1, 2, 3, 4, 5], "from": "14:00", "to": "17:30"},
        ]
    },
}


def good_tables() -> dict[str, Any]:
    """A fresh copy, to be changed at will."""
    return copy.deepcopy(_GOOD)


def write(tables: dict[str, Any], folder: Path) -> Path:
    """The tables as ``hall.toml`` in this folder."""
    path = folder / "hall.toml"
    path.write_text(tomli_w.dumps(tables), encoding="utf-8")
    return path


def problems_of(tables: dict[str, Any], folder: Path) -> tuple[Problem, ...]:
    """What is wrong with these tables; nothing when they load."""
    try:
        load_hall_file(write(tables, folder))
    except ConfigError as error:
        return error.problems
    return ()
