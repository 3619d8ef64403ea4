"""Server-sent events cut out of a byte stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallkit.link.sse import RawEvent, parse

_TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"))
_EVENT = st.builds(RawEvent, st.integers(0, 10**9).map(str), _TEXT.filter(bool))


def wire(item: RawEvent | None, end: str) -> bytes:
    if item is None:
        return f": ping{end}{end}".encode()
    return f"id: {item.id}{end}event: x{end}data: {item.data}{end}{end}".encode()


@given(st.lists(st.none() | _EVENT), st.sampled_from(["\n", "\r\n"]), st.lists(st.integers(1, 40)))
def test_however_the_stream_is_cut_the_events_are_the_same(
    items: list[RawEvent | None], end: str, cuts: list[int]
) -> None:
    whole = b"".join(wire(item, end) for item in items)
    chunks, at = [], 0
    for size in cuts:
        chunks.append(whole[at : at + size])
        at += size
    chunks.append(whole[at:])
    assert list(parse(chunks)) == items


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_are_cut_without_an_error(chunks: list[bytes]) -> None:
    assert all(item is None or item.data is not None for item in parse(chunks))


def test_several_data_lines_are_one_event_and_an_id_lasts() -> None:
    stream = b"id: 5\ndata: a\ndata:b\n\ndata: c\n\n"
    assert list(parse([stream])) == [RawEvent("5", "a\nb"), RawEvent("5", "c")]


def test_what_is_not_finished_is_not_an_event() -> None:
    assert list(parse([b"id: 5\ndata: half"])) == []
    assert list(parse([b"id: 5\ndata: half\n"])) == []


def test_unknown_fields_and_events_without_data_are_passed_over() -> None:
    assert list(parse([b"retry: 3\nevent: x\nid: 9\n\nnonsense\n\n"])) == []


def test_a_line_that_never_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="line"):
        list(parse([b"x" * 600_000, b"x" * 600_000]))


def test_an_event_that_never_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="event"):
        list(parse([b"data: " + b"x" * 9_000 + b"\n"] * 200))
