"""The wire contract: round trips, schemas, and every way a payload can be wrong."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ingest.messages import (
    MAX_MESSAGE_BYTES,
    MODELS,
    ContractError,
    Data,
    parse_event,
    spool_position,
)
from ingest.schemas import schema_files
from ingest.signing import KeyFileError, load_or_create_key, public_key_of, sign, verify
from tests.ingest.samples import SPOOL, event, every_record, opened

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("record", every_record(), ids=lambda record: record.TYPE)
def test_what_is_written_is_what_is_read(record: Data) -> None:
    original = event(record)
    parsed = parse_event(original.to_json())
    assert parsed == original
    assert type(parsed.data) is type(record)


def test_there_is_a_sample_of_every_type() -> None:
    assert {type(record) for record in every_record()} == set(MODELS)


@pytest.mark.parametrize("record", every_record(), ids=lambda record: record.TYPE)
def test_real_messages_satisfy_the_published_schema(record: Data) -> None:
    schema = json.loads((SCHEMAS / f"{record.TYPE}.json").read_text())
    jsonschema.validate(json.loads(event(record).to_json()), schema)


def test_the_published_schemas_are_those_of_the_models() -> None:
    published = {path.name: path.read_text() for path in SCHEMAS.glob("*.json")}
    assert published == schema_files(), "run: kerbwatch schema --out docs/schemas"


def test_the_schema_refuses_what_the_parser_refuses() -> None:
    raw = json.loads(event(opened()).to_json())
    raw["data"]["score"] = 2
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(raw, json.loads((SCHEMAS / "kerbwatch.incident.opened.json").read_text()))


def changed(**changes: Any) -> bytes:
    raw = json.loads(event(opened()).to_json())
    for path, value in changes.items():
        target = raw
        *parents, last = path.split("__")
        for part in parents:
            target = target[part]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "invalid_json"),
        (b"\xff\xfe", "invalid_utf8"),
        (b"{" * 50_000, "invalid_json"),
        (b'{"a":NaN}', "invalid_json"),
        (b'{"a":"\\ud800"}', "invalid_json"),
        (b"[1]", "not_an_object"),
        (b"{}", "unknown_type"),
        (b'{"type": ["x"]}', "unknown_type"),
        (b" " * (MAX_MESSAGE_BYTES + 1), "too_large"),
        (changed(type="kerbwatch.incident.exploded"), "unknown_type"),
        (changed(dataschema="urn:kerbwatch:schema:kerbwatch.incident.opened:2"), "unknown_schema_version"),
        (changed(dataschema=None), "unknown_schema_version"),
        (changed(seq=None), "missing_spool_position"),
        (changed(seq="1"), "invalid_fields"),
        (changed(seq=0), "invalid_fields"),
        (changed(data=None), "invalid_fields"),
        (changed(data__box=[0, 0, 2, 1]), "invalid_fields"),
        (changed(data__camera="../../etc"), "invalid_fields"),
        (changed(data__first_seen="2026-01-31T08:00:00"), "invalid_fields"),
        (changed(data__first_seen=12), "invalid_fields"),
        (changed(time="0001-01-01T00:00:00+10:00"), "invalid_fields"),
        (changed(data__last_seen="9999-12-31T23:59:59-10:00"), "invalid_fields"),
        (changed(data__category="unicorn"), "invalid_fields"),
        (changed(data__dwell__observed_s=-1), "invalid_fields"),
        (changed(source="/../x"), "invalid_fields"),
        (changed(specversion="2.0"), "invalid_fields"),
    ],
)
def test_a_payload_that_breaks_the_contract_is_refused_with_its_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_event(payload)
    assert caught.value.reason == reason
    assert len(str(caught.value)) < 1500


def test_fields_of_a_newer_sender_are_ignored() -> None:
    parsed = parse_event(changed(novelty=1, data__novelty={"x": 1}))
    assert parsed.data == opened()


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_never_crash(payload: bytes) -> None:
    with pytest.raises(ContractError):
        parse_event(payload)
    spool_position(payload)


@given(st.data())
def test_a_valid_message_with_any_value_replaced_is_read_or_refused(data: st.DataObject) -> None:
    raw = json.loads(event(opened()).to_json())
    target = data.draw(st.sampled_from([raw, raw["data"], raw["data"]["dwell"]]))
    key = data.draw(st.sampled_from(sorted(target)))
    target[key] = data.draw(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=6,
        )
    )
    with contextlib.suppress(ContractError):
        assert parse_event(json.dumps(raw).encode()).type == raw["type"]


def test_the_sender_of_an_invalid_event_can_still_be_told_to_let_go() -> None:
    assert spool_position(changed(data__box=1, seq=7)) == (SPOOL, 7)
    assert spool_position(b"{") is None


def test_a_signature_covers_every_byte_that_matters() -> None:
    key = Ed25519PrivateKey.generate()
    signed = sign(event(opened()), key)
    assert signed.signature is not None
    payload = signed.to_json()
    assert verify(payload, signed.signature, public_key_of(key))
    assert not verify(payload.replace(b'"seq":1', b'"seq":2'), signed.signature, public_key_of(key))
    assert not verify(payload, signed.signature, public_key_of(Ed25519PrivateKey.generate()))
    assert not verify(payload, "not base64 !", public_key_of(key))
    assert not verify(b"[]", signed.signature, public_key_of(key))


def test_a_signature_holds_when_a_newer_sender_adds_fields() -> None:
    key = Ed25519PrivateKey.generate()
    raw = json.loads(event(opened()).to_json())
    raw["novelty"] = 1.5
    parsed = event(opened())
    signature = sign(parsed, key).signature
    assert signature is not None
    assert not verify(json.dumps(raw).encode(), signature, public_key_of(key))


def test_the_node_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    first = public_key_of(load_or_create_key(path))
    assert public_key_of(load_or_create_key(path)) == first
    assert path.stat().st_mode & 0o077 == 0


def test_a_power_cut_while_the_key_is_written_leaves_no_half_key(tmp_path: Path) -> None:
    (tmp_path / "node.key.part").write_bytes(b"-----BEGIN PRIV")
    load_or_create_key(tmp_path / "node.key")
    assert [path.name for path in tmp_path.iterdir()] == ["node.key"]


def test_a_broken_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    path.write_bytes(b"garbage")
    with pytest.raises(KeyFileError, match=r"node\.key"):
        load_or_create_key(path)
    assert path.read_bytes() == b"garbage"
