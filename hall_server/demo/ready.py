"""Whether every part of the demo is ready to be used."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import urllib3

from hall_server.demo.children import Children
from hall_server.demo.plan import Plan

# A Pi needs longer than the ten seconds that are promised for a desktop machine.
READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.1
_ANSWER_WITHIN_S = 2.0


class NotReady(Exception):
    """A part ended or never became ready; the message says which."""


@dataclass(frozen=True)
class _Check:
    part: str
    passed: Callable[[], bool]


def wait_until_ready(plan: Plan, children: Children, stopped: Callable[[], bool]) -> bool:
    """Waits for every part; False when ``stopped`` said so meanwhile. Raises NotReady."""
    with urllib3.PoolManager(retries=False, timeout=_ANSWER_WITHIN_S) as pool:
        checks = _checks(plan, pool)
        deadline = time.monotonic() + READY_WITHIN_S
        while checks:
            if stopped():
                return False
            for name, status in children.ended():
                tail = children.log_tail(name)
                raise NotReady(f"{name} 已退出 / {name} ended ({status})\n{tail}")
            if time.monotonic() > deadline:
                waiting = ", ".join(check.part for check in checks)
                raise NotReady(f"未就绪：{waiting} / not ready: {waiting}")
            checks = [check for check in checks if not check.passed()]
            if checks:
                time.sleep(_LOOK_EVERY_S)
    return True


def _checks(plan: Plan, pool: urllib3.PoolManager) -> list[_Check]:
    def get(url: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            response = pool.request("GET", url, headers=headers)
            return json.loads(response.data) if response.status == 200 else None
        except (urllib3.exceptions.HTTPError, ValueError):
            return None

    def server() -> bool:
        return get(f"{plan.base_url}/api/v1/health") is not None

    def display() -> bool:
        found = get(f"{plan.base_url}/api/v1/devices", plan.tokens["display"])
        mine = [d for d in (found or {}).get("devices", []) if d["id"] == plan.devices["display"]]
        parts = (mine[0]["status"] or {}).get("parts", []) if mine else []
        return bool(parts) and all(part["ok"] for part in parts)

    def printers() -> bool:
        found = get(f"http://127.0.0.1:{plan.intake_port}/printers")
        states = [p["state"] for p in (found or {}).get("printers", [])]
        return len(states) == len(plan.printers) and all(state == "ready" for state in states)

    def kiosk() -> bool:
        found = get(f"http://127.0.0.1:{plan.remote_port}/widgets.json")
        return found is not None and found.get("screen") == "home"

    checks = [_Check("server", server), _Check("display", display), _Check("printer", printers)]
    if plan.has_kiosk:
        checks.append(_Check("kiosk", kiosk))
    return checks
