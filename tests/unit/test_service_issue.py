"""The ids and tokens of tickets."""

import re

from hall_server.domain.instant import MINUTE
from hall_server.service.issue import new_token

DAY = 24 * 60 * MINUTE
NOW = 1_795_000_000_000


def test_tokens_stand_in_the_order_of_their_time_and_none_comes_twice() -> None:
    for later in (MINUTE, DAY, 400 * DAY):
        now = [new_token(NOW) for _ in range(1_000)]
        then = [new_token(NOW + later) for _ in range(1_000)]
        assert max(now) < min(then)
        assert len({*now, *then}) == 2_000


def test_a_token_fits_an_address_as_it_is() -> None:
    for later in range(0, 5_000 * DAY, 7 * DAY):
        assert re.fullmatch(r"[A-Za-z0-9_-]{16}", new_token(NOW + later))
