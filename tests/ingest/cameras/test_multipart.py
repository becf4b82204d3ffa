"""MJPEG streams are taken apart the same however they arrive, and never pile up."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras.multipart import MAX_HEAD_BYTES, MAX_PART_BYTES, MultipartParser
from ingest.cameras.source import SourceError, SourceFailure

bodies = st.lists(
    st.binary(min_size=1, max_size=200).filter(lambda b: b"--frame" not in b), min_size=1, max_size=6
)


def stream(parts: list[bytes], *, sized: bool, newline: bytes, preamble: bytes = b"") -> bytes:
    out = preamble
    for part in parts:
        head = b"--frame" + newline + b"Content-Type: image/jpeg" + newline
        if sized:
            head += b"content-length: " + str(len(part)).encode() + newline
        out += head + newline + part + newline
    return out + b"--frame" + newline


@given(
    parts=bodies,
    sized=st.booleans(),
    newline=st.sampled_from([b"\r\n", b"\n"]),
    preamble=st.sampled_from([b"", b"\r\n", b"hello\r\n"]),
    cuts=st.lists(st.integers(1, 50), min_size=1, max_size=20),
)
def test_parts_do_not_depend_on_how_the_bytes_are_cut(
    parts: list[bytes], sized: bool, newline: bytes, preamble: bytes, cuts: list[int]
) -> None:
    if not sized:
        parts = [part.strip(b"\r\n") or b"x" for part in parts]
    content = stream(parts, sized=sized, newline=newline, preamble=preamble)
    whole = MultipartParser().feed(content)
    assert whole == parts
    parser, at, found, turn = MultipartParser(), 0, [], 0
    while at < len(content):
        step = cuts[turn % len(cuts)]
        found += parser.feed(content[at : at + step])
        at, turn = at + step, turn + 1
    assert found == parts


@given(noise=st.binary(max_size=4000))
def test_noise_gives_a_typed_cause_or_nothing(noise: bytes) -> None:
    parser = MultipartParser()
    with suppress(SourceError):
        for _ in range(8):
            parser.feed(noise)
    assert len(parser._buffer) <= MAX_PART_BYTES + 8 * 4000


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"--frame\r\nContent-Length: 99999999999\r\n\r\n", SourceFailure.TOO_LARGE),
        (b"--frame\r\n" + b"X: y\r\n" * MAX_HEAD_BYTES, SourceFailure.CORRUPT),
        (b"no boundary " * MAX_HEAD_BYTES, SourceFailure.CORRUPT),
        (b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + b"x" * (MAX_PART_BYTES + 1), SourceFailure.TOO_LARGE),
    ],
)
def test_what_would_pile_up_is_refused(head: bytes, reason: SourceFailure) -> None:
    with pytest.raises(SourceError) as refusal:
        MultipartParser().feed(head)
    assert refusal.value.reason is reason
