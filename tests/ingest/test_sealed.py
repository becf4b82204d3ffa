"""A sealed original opens for one key, unchanged, for its own incident; everything else is refused in words."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from ingest.sealed import (
    MAX_SEALED_BYTES,
    SealedFacts,
    SealError,
    is_sealed,
    key_id,
    load_private_key,
    load_public_key,
    open_sealed,
    seal,
    take_apart,
)

KEY = X25519PrivateKey.generate()
PICTURE = b"\xff\xd8 a number plate \xff\xd9"
FACTS = SealedFacts(
    incident_id=UUID(int=7),
    taken_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
    width=640,
    height=480,
    shown_sha256="a" * 64,
)
SEALED = seal(PICTURE, FACTS, KEY.public_key())


def test_what_was_sealed_opens_with_its_facts() -> None:
    assert open_sealed(SEALED, KEY, incident_id=FACTS.incident_id) == (PICTURE, FACTS)
    assert is_sealed(SEALED)
    assert take_apart(SEALED).key_id == key_id(KEY.public_key())


def test_nothing_of_the_picture_is_readable_and_no_two_sealings_are_alike() -> None:
    assert b"number plate" not in SEALED
    again = seal(PICTURE, FACTS, KEY.public_key())
    assert take_apart(again).ephemeral != take_apart(SEALED).ephemeral
    assert take_apart(again).sealed != take_apart(SEALED).sealed


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(position: int, change: int) -> None:
    changed = bytearray(SEALED)
    changed[position] ^= change
    with pytest.raises(SealError):
        open_sealed(bytes(changed), KEY)


@given(st.integers(0, len(SEALED) - 1))
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(SealError):
        open_sealed(SEALED[:length], KEY)


def test_it_cannot_be_moved_to_another_case() -> None:
    other = FACTS.model_copy(update={"incident_id": UUID(int=8)})
    donor = take_apart(seal(PICTURE, other, KEY.public_key()))
    mine = take_apart(SEALED)
    with pytest.raises(SealError, match="changed or cut short"):
        open_sealed(donor.head + mine.sealed, KEY)
    with pytest.raises(SealError, match=r"belongs to incident .*7, not to .*8"):
        open_sealed(SEALED, KEY, incident_id=other.incident_id)


def test_another_key_is_told_which_one_is_needed() -> None:
    with pytest.raises(SealError, match=f"sealed for the key {key_id(KEY.public_key())}"):
        open_sealed(SEALED, X25519PrivateKey.generate())


def test_a_later_version_is_named() -> None:
    with pytest.raises(SealError, match="version 2"):
        open_sealed(SEALED[:6] + b"\x02" + SEALED[7:], KEY)


def test_what_the_centre_would_not_take_is_not_sealed() -> None:
    with pytest.raises(SealError, match="too large to seal"):
        seal(bytes(MAX_SEALED_BYTES), FACTS, KEY.public_key())
    largest = seal(bytes(MAX_SEALED_BYTES - 400), FACTS, KEY.public_key())
    assert len(largest) <= MAX_SEALED_BYTES
    with pytest.raises(SealError, match="at most"):
        take_apart(largest + bytes(500))


def test_pem_files_that_are_no_x25519_key_are_refused_with_the_fix() -> None:
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert key_id(load_public_key(public)) == key_id(load_private_key(private).public_key())
    signing = Ed25519PrivateKey.generate()
    foreign = signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for pem, message in ((private, "never lie on a node"), (b"rubbish", "PEM form"), (foreign, "X25519")):
        with pytest.raises(SealError, match=message):
            load_public_key(pem)
    foreign = signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    for pem, password in ((public, None), (b"rubbish", None), (foreign, None), (locked, None), (locked, b"wrong")):
        with pytest.raises(SealError):
            load_private_key(pem, password)
    assert load_private_key(locked, b"secret").private_bytes_raw() == KEY.private_bytes_raw()


def test_a_key_for_which_every_secret_is_the_same_is_refused_before_it_costs_a_picture() -> None:
    weak = X25519PublicKey.from_public_bytes(bytes(32))
    with pytest.raises(SealError, match="nothing can be sealed"):
        load_public_key(weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_kind_of_key_that_nobody_knows_is_refused_in_words() -> None:
    def renamed(der: bytes, kind: str) -> bytes:
        text = base64.b64encode(der.replace(bytes.fromhex("2b656e"), bytes.fromhex("2b657f")))
        return f"-----BEGIN {kind} KEY-----\n{text.decode()}\n-----END {kind} KEY-----\n".encode()

    public = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(SealError):
        load_public_key(renamed(public, "PUBLIC"))
    with pytest.raises(SealError):
        load_private_key(renamed(KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), "PRIVATE"))
