"""What the bus does between bytes: echo, rests, patience."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.bus.talk import Echo

SENT = b"\x01\x10\x00\x70\x00\x02\x04A001"
ANSWER = b"\x01\x10\x00\x70\x00\x02"


def heard(echo: Echo, *pieces: bytes) -> bytes:
    return b"".join(echo.without(piece) for piece in pieces)


@given(st.lists(st.integers(0, len(SENT + ANSWER)), max_size=6).map(sorted))
def test_an_echo_is_taken_away_however_it_arrives(cuts: list[int]) -> None:
    stream = SENT + ANSWER
    edges = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert heard(Echo(SENT), *pieces) == ANSWER


@given(st.lists(st.integers(0, len(ANSWER)), max_size=4).map(sorted))
def test_an_answer_that_begins_like_the_echo_is_whole(cuts: list[int]) -> None:
    edges = [0, *cuts, len(ANSWER)]
    pieces = [ANSWER[a:b] for a, b in itertools.pairwise(edges)]
    assert heard(Echo(SENT), *pieces, b"\xc0\x11") == ANSWER + b"\xc0\x11"


def test_only_the_first_echo_is_one() -> None:
    assert heard(Echo(SENT), SENT + SENT) == SENT


@pytest.mark.parametrize("noise", [b"\x00", b"\xff" * 40])
def test_noise_is_no_echo(noise: bytes) -> None:
    assert heard(Echo(SENT), noise, SENT) == noise + SENT
