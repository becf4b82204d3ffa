from __future__ import annotations

import pytest

from ingest.sensors.hosts import LOOPBACK, check_host, checked_rule

RULES = tuple(checked_rule(rule) for rule in ("192.168.7.0/24", "Meter.lan", "fd00::/8"))


@pytest.mark.parametrize("host", ["192.168.7.9", "METER.lan", "meter.lan.", "fd00::1", "[fd00::1]"])
def test_named_hosts_may_be_asked(host: str) -> None:
    check_host(host, RULES)


@pytest.mark.parametrize(
    "host", ["192.168.8.9", "meter.lan.evil.example", "evil-meter.lan", "169.254.169.254", "127.0.0.1", "::1"]
)
def test_nobody_else_may(host: str) -> None:
    with pytest.raises(ValueError, match="sensor_hosts"):
        check_host(host, RULES)


def test_this_machine_may_where_nothing_is_said() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        check_host(host, LOOPBACK)


@pytest.mark.parametrize("rule", ["", "a b", "http://x", "300.1.2.3", "10.0.0.1/99", "*"])
def test_a_rule_that_names_nobody_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        checked_rule(rule)
