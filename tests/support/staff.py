"""Members of staff whose pins are quick to check: of hundreds of halls each has some."""

from functools import cache

from argon2 import PasswordHasher

from hall_server.service.ports import StaffRecord

# The hash itself says how much work it is to check; the product makes it much more.
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def _hashed(pin: str) -> str:
    return _QUICK.hash(pin)


def member(staff_no: str, name: str, role: str, pin: str) -> StaffRecord:
    """A member of staff, to be saved."""
    return StaffRecord(staff_no, name, role, _hashed(pin), 0, 0, disabled=False)
