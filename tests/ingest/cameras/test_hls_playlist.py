"""Playlists: what a live camera needs is read, what would lead astray is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras.hls_playlist import MAX_SEGMENT_S, MAX_SEGMENTS, parse_playlist
from ingest.cameras.source import SourceError, SourceFailure

BASE = "http://cam.example/live/index.m3u8"


def test_segments_carry_number_address_length_and_the_servers_time() -> None:
    text = (
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:41\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-31T08:00:00.500Z\n#EXTINF:2.0,\na.ts\n#EXTINF:1.5,\n/b.ts\n"
        '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,x\nhttp://other.example/c.m4s\n'
    )
    playlist = parse_playlist(text.encode(), BASE)
    a, b, c = playlist.segments
    assert [s.sequence for s in playlist.segments] == [41, 42, 43]
    assert (a.url, b.url, c.url) == (
        "http://cam.example/live/a.ts",
        "http://cam.example/b.ts",
        "http://other.example/c.m4s",
    )
    assert b.sender_s is not None
    assert a.sender_s is not None
    assert b.sender_s - a.sender_s == 2.0
    assert c.sender_s is None
    assert c.map_url == "http://cam.example/live/init.mp4"
    assert not playlist.ended


def test_a_master_playlist_lists_its_variants() -> None:
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1,mp4a"\nlow.m3u8\n'
    (variant,) = parse_playlist(text.encode(), BASE).variants
    assert (variant.url, variant.bandwidth, variant.pixels) == ("http://cam.example/live/low.m3u8", 800000, 230400)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", SourceFailure.CORRUPT),
        ("<html>", SourceFailure.CORRUPT),
        ("#EXTM3U\n#EXTINF:nan,\na.ts\n", SourceFailure.CORRUPT),
        ("#EXTM3U\n#EXTINF:-1,\na.ts\n", SourceFailure.CORRUPT),
        ('#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:1,\na.ts\n', SourceFailure.UNSUPPORTED),
        ("#EXTM3U\n#EXT-X-BYTERANGE:100@0\n#EXTINF:1,\na.ts\n", SourceFailure.UNSUPPORTED),
        ("#EXTM3U\n" + "#EXTINF:1,\na.ts\n" * (MAX_SEGMENTS + 1), SourceFailure.TOO_LARGE),
        ("#EXTM3U\n#EXTINF:1,\nhttp://[::1/x.ts\n", SourceFailure.CORRUPT),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_cause(text: str, reason: SourceFailure) -> None:
    with pytest.raises(SourceError) as refusal:
        parse_playlist(text.encode(), BASE)
    assert refusal.value.reason is reason


lines = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["#EXTINF:", "#EXT-X-MAP:", "#EXT-X-KEY:", "#EXT-X-STREAM-INF:", "#EXT-X-MEDIA-SEQUENCE:"]
    ).flatmap(lambda tag: st.text(max_size=20).map(lambda rest: tag + rest)),
)


@given(st.lists(lines, max_size=30))
def test_whatever_a_playlist_says_it_is_refused_typed_or_bounded(text: list[str]) -> None:
    try:
        playlist = parse_playlist(("#EXTM3U\n" + "\n".join(text)).encode("utf-8", "replace"), BASE)
    except SourceError:
        return
    assert all(0 <= segment.duration_s <= MAX_SEGMENT_S for segment in playlist.segments)
    assert 0.5 <= playlist.target_s <= MAX_SEGMENT_S
