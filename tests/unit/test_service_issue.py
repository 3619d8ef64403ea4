"""The ids and tokens of tickets."""

import re

from hall_server.domain.instant import MINUTE
from hall_server.service.issue import new_token

DAY = 24 * 60 * MINUTE
NOW = 1_795_000_000_000


def test_the_tokens_of_a_day_stand_together_and_none_comes_twice() -> None:
    today = [new_token(NOW) for _ in range(1_000)]
    tomorrow = [new_token(NOW + DAY) for _ in range(1_000)]
    assert max(today) < min(tomorrow)
    assert len({*today, *tomorrow}) == 2_000


def test_a_token_fits_an_address_as_it_is() -> None:
    for later in range(0, 5_000 * DAY, 7 * DAY):
        assert re.fullmatch(r"[A-Za-z0-9_-]{16}", new_token(NOW + later))
