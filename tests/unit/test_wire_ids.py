"""Identifiers made by the caller."""

import time
import uuid

from hallkit.wire.ids import new_id


def test_an_id_is_a_uuid_of_version_7_with_its_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    after = time.time_ns() // 1_000_000
    assert (made.variant, made.int >> 76 & 0xF) == (uuid.RFC_4122, 7)
    assert before - 1 <= made.int >> 80 <= after + 1


def test_no_id_comes_twice() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000
