"""Where cameras may lead: by scheme and host, names looked up, every way of writing an address."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ingest.cameras import SourceError, SourceFailure, SourcePolicy, parse_address
from ingest.cameras.policy import check_host_pattern

NAMES = {"cam.example": "203.0.113.7", "evil.example": "169.254.169.254", "inside.example": "10.20.3.4"}


def policy(**changes: object) -> SourcePolicy:
    def resolve(host: str) -> list[object]:
        if host in NAMES:
            return [ip_address(NAMES[host])]
        try:
            return [ip_address(host)]
        except ValueError as error:
            raise OSError("no such host") from error

    return SourcePolicy(**{"resolve": resolve, **changes})  # type: ignore[arg-type] # fields of the policy


def refused(rules: SourcePolicy, url: str, *, led_from: str | None = None) -> SourceFailure | None:
    try:
        rules.check(parse_address(url), led_from=led_from)
    except SourceError as error:
        return error.reason
    return None


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "rtsp://169.254.1.1/main",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",  # 169.254.169.254 as one number
        "http://0xa9fea9fe/",
        "http://evil.example/",
    ],
)
def test_link_local_hosts_are_refused_however_they_are_written_until_allowed(url: str) -> None:
    assert refused(policy(), url) is SourceFailure.NOT_ALLOWED
    allowing = policy(link_local=True, resolve=lambda _host: [ip_address("169.254.169.254")])
    assert refused(allowing, url) is None


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("rtsp://cam.example/main", True),
        ("rtsp://user:pw@CAM.example./main", True),
        ("rtsp://10.20.9.9/main", True),
        ("rtsp://inside.example/main", True),  # by its address
        ("rtsp://10.21.0.1/main", False),
        ("rtsp://notcam.example/main", False),
        ("rtsp://cam.example.evil.example/main", False),
        ("http://evil.example/", False),
    ],
)
def test_only_listed_hosts_are_opened(url: str, allowed: bool) -> None:
    rules = policy(hosts=("cam.example", "10.20.0.0/16"))
    assert (refused(rules, url) is None) is allowed


def test_schemes_are_listed_too() -> None:
    rules = policy(schemes=frozenset({"rtsps", "https"}))
    assert refused(rules, "https://cam.example/") is None
    assert refused(rules, "http://cam.example/") is SourceFailure.NOT_ALLOWED
    assert rules.refusal(parse_address("usb:0")) is not None
    assert rules.refusal(parse_address(__file__)) is not None


def test_a_camera_may_lead_to_itself_and_to_listed_hosts_only() -> None:
    assert refused(policy(), "http://cam.example/b", led_from="cam.example") is None
    assert refused(policy(), "http://inside.example/b", led_from="cam.example") is SourceFailure.NOT_ALLOWED
    listed = policy(hosts=("cam.example", "inside.example"))
    assert refused(listed, "http://inside.example/b", led_from="cam.example") is None


def test_a_host_that_is_not_found_is_unreachable_and_no_password_is_told() -> None:
    with pytest.raises(SourceError) as refusal:
        policy().check(parse_address("rtsp://admin:s3cret@nowhere.example/main"))
    assert refusal.value.reason is SourceFailure.UNREACHABLE
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    "entry", ["", "*", "http://cam.example", "cam.example:554", "a b", "user@host", "10.0.0.0/99"]
)
def test_what_is_no_host_is_refused_in_the_list(entry: str) -> None:
    with pytest.raises(ValueError, match="give a name"):
        check_host_pattern(entry)
