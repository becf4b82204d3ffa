from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fetching.faults import FetchFailed
from models.fetching.rules import MAX_WAIT_S, Patience, check_address, redirected, start_of_body


@pytest.mark.parametrize(
    "url", ["https://x.example/a", "http://127.0.0.1:8/a", "http://localhost/a", "http://[::1]/a"]
)
def test_https_and_the_loopback_may_be_asked(url: str) -> None:
    assert check_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example/a",
        "http://127.0.0.1.x.example/a",
        "ftp://x/a",
        "file:///etc/passwd",
        "https://user:word@x.example/a",
        "https:///a",
        "https://x:99999/a",
        "//x/a",
        "",
        "http://2130706433/a",
        "http://[::1/a",
    ],
)
def test_no_other_address_may_be_asked(url: str) -> None:
    with pytest.raises(FetchFailed, match="address"):
        check_address(url)


def test_a_server_on_the_net_cannot_send_us_to_a_service_of_this_machine() -> None:
    with pytest.raises(FetchFailed, match="off https"):
        redirected("https://x.example/a", 302, {"location": "http://127.0.0.1:8080/admin"}, 0)
    assert redirected("http://127.0.0.1:1/a", 302, {"location": "/b"}, 0) == "http://127.0.0.1:1/b"


@given(st.integers(1, 60), st.floats(0, 1e6))
def test_pauses_are_bounded_and_never_shorter_than_asked_up_to_the_bound(attempt: int, asked: float) -> None:
    pause = Patience().pause(attempt, asked)
    assert min(asked, MAX_WAIT_S) <= pause <= MAX_WAIT_S


@given(st.integers(1, 999), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_part_is_only_ever_put_where_it_was_asked_for(had: int, first: int, last: int, size: int) -> None:
    headers = {"content-range": f"bytes {first}-{last}/{size}"}
    if (first, last, size) == (had, 999, 1000):
        assert start_of_body("u", 206, headers, had, 1000) == had
        return
    with pytest.raises(FetchFailed):
        start_of_body("u", 206, headers, had, 1000)


@given(st.integers(100, 999).filter(lambda status: status not in (200, 206)), st.text(max_size=8))
def test_any_other_status_is_a_refusal_whatever_it_wants_us_to_wait(status: int, wait: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        start_of_body("u", status, {"retry-after": wait}, 0, 1000)
    assert caught.value.retry_after_s >= 0
