"""A node obeys the centre whose key it pinned, what is addressed to it, and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.fleet.orders import OrderRefused, read_order
from edge.fleet.section import read_keys
from ingest.fleet import CommandKind
from ingest.signing import public_key_of
from ingest.topics import Channel
from tests.edge.doubles import BOOT, START
from tests.edge.fleet.bench import CENTRE_KEY, STRANGER, command, desired, interval, signed, time_answer

KEYS = (public_key_of(CENTRE_KEY),)


def reason(payload: bytes, channel: Channel = Channel.CONFIG_DESIRED, keys: tuple[str, ...] = KEYS) -> str:
    try:
        read_order(payload, channel, keys=keys, site="xuhui", node="j17")
    except OrderRefused as refused:
        return refused.reason
    return ""


def test_the_centres_order_is_obeyed_and_every_other_refused_with_its_reason() -> None:
    good = desired(1, interval(2.0))
    assert reason(signed(good)) == ""
    assert reason(signed(good, STRANGER)) == "bad_signature"
    assert reason(signed(good).replace(b"2.0", b"9.0")) == "bad_signature"
    assert reason(signed(desired(1, {}, node="j18"))) == "another_node"
    assert reason(signed(desired(1, {}, site="elsewhere"))) == "another_node"
    assert reason(signed(good, source="/xuhui/j18")) == "another_source"
    assert reason(signed(good), keys=()) == "no_centre_key"
    assert reason(signed(good), Channel.COMMAND) == "wrong_channel"
    assert reason(b"{") == "invalid_json"
    assert reason(b"[]") == "not_an_object"


def test_a_second_key_bridges_a_change_of_the_centres_key() -> None:
    order = signed(command(CommandKind.LOOK_AGAIN), STRANGER)
    assert reason(order, Channel.COMMAND) == "bad_signature"
    assert reason(order, Channel.COMMAND, (*KEYS, public_key_of(STRANGER))) == ""


def test_without_a_pinned_key_only_the_time_is_believed() -> None:
    assert reason(time_answer(BOOT, START), Channel.ACK, ()) == ""
    assert reason(time_answer(BOOT, START, key=STRANGER), Channel.ACK) == "bad_signature"
    assert reason(signed(command(CommandKind.SNAPSHOT)), Channel.COMMAND, ()) == "no_centre_key"


@pytest.mark.parametrize("text", ["", "# nothing\n", "not base64!\n", "AAAA\n", f"{KEYS[0]}\n" * 9])
def test_a_key_file_that_cannot_be_right_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(ValueError, match="key"):
        read_keys(tmp_path / "keys")
