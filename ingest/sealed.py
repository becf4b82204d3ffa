"""Sealed originals (密封原件): an unblurred picture that only the authority's private key opens.

Enforcement needs the number plate; nobody on the way does. Format, version 1, numbers big-endian::

    "KWSEAL" | version, 1 byte | key id, 16 | ephemeral X25519 public key, 32 | length of facts, 2 | facts | sealed

``facts`` is JSON (:class:`SealedFacts`): which incident, which picture, when. ``sealed`` is the JPEG under
ChaCha20-Poly1305 with everything before it as associated data, so that a picture cannot be moved to another case
and no fact changed. Key and nonce come from HKDF-SHA256 over the X25519 secret, salted with both public keys; each
file has an ephemeral key of its own, thrown away at once: the node itself cannot open what it sealed. The key id is
the first half of the SHA-256 of the authority's raw public key. Both PEM files are as OpenSSL writes them
(``openssl genpkey -algorithm X25519``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.messages import Sha256, Utc

MEDIA_TYPE: Final = "application/vnd.kerbwatch.sealed"
MAX_SEALED_BYTES = 4 * 1024 * 1024
"""What the centre takes."""

_MAGIC = b"KWSEAL"
_VERSION = 1
_ID = 16
_KEY = 32
_TAG = 16
_FACTS_AT = len(_MAGIC) + 1 + _ID + _KEY + 2
_MAX_FACTS = 4096
_INFO = b"kerbwatch sealed original, version 1"


class SealError(ValueError):
    """Something cannot be sealed or opened; the message says what and what to do."""


class SealedFacts(BaseModel):
    """What a sealed original says about itself, readable by everybody and protected against change.

    ``shown_sha256`` is the redacted wide picture of the same look; None where that was withheld. Sides are pixels.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    incident_id: UUID
    taken_at: Utc
    width: Annotated[int, Field(gt=0, le=16384)]
    height: Annotated[int, Field(gt=0, le=16384)]
    shown_sha256: Sha256 | None = None


@dataclass(frozen=True)
class Envelope:
    """A sealed original taken apart, still closed."""

    facts: SealedFacts
    key_id: str
    ephemeral: bytes
    head: bytes
    sealed: bytes


def is_sealed(data: bytes) -> bool:
    """Whether ``data`` claims to be a sealed original."""
    return data.startswith(_MAGIC)


def key_id(key: X25519PublicKey) -> str:
    """Which key, 32 hexadecimal digits."""
    return _raw_id(key).hex()


def load_public_key(pem: bytes) -> X25519PublicKey:
    """The authority's public key. Raises SealError for anything else, a private key above all."""
    if b"PRIVATE KEY" in pem:
        raise SealError("this is a private key, which must never lie on a node; give the public key's PEM file")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SealError("not a public key in PEM form; make one with: openssl pkey -in KEY -pubout") from error
    if not isinstance(key, X25519PublicKey):
        raise SealError("not an X25519 key; make a pair with: openssl genpkey -algorithm X25519")
    try:
        X25519PrivateKey.generate().exchange(key)
    except ValueError as error:  # a point with which every secret is the same
        raise SealError(
            "nothing can be sealed for this key; make a pair with: openssl genpkey -algorithm X25519"
        ) from error
    return key


def load_private_key(pem: bytes, password: bytes | None = None) -> X25519PrivateKey:
    """The authority's private key. Raises SealError for anything else, or a wrong or missing password."""
    try:
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SealError(f"no private key can be read from the PEM file ({error})") from error
    if not isinstance(key, X25519PrivateKey):
        raise SealError("not an X25519 private key; give the one that belongs to the node's sealed_for")
    return key


def seal(picture: bytes, facts: SealedFacts, key: X25519PublicKey) -> bytes:
    """``picture`` (JPEG) for the holder of the private key. Raises SealError where the file would be too large."""
    ephemeral = X25519PrivateKey.generate()
    described = facts.model_dump_json(exclude_none=True).encode()
    public = ephemeral.public_key().public_bytes_raw()
    head = b"".join(
        (_MAGIC, bytes([_VERSION]), _raw_id(key), public, len(described).to_bytes(2, "big"), described)
    )
    if len(head) + len(picture) + _TAG > MAX_SEALED_BYTES:
        raise SealError(
            f"a picture of {len(picture)} bytes is too large to seal; at most {MAX_SEALED_BYTES} in all"
        )
    cipher, nonce = _cipher(ephemeral.exchange(key), public, key)
    return head + cipher.encrypt(nonce, picture, head)


def take_apart(data: bytes) -> Envelope:
    """The envelope, not opened: the facts are unproven until :func:`open_sealed`.

    Raises:
        SealError: Not a sealed original, of a version not known, too large or cut short.
    """
    if not is_sealed(data):
        raise SealError("not a sealed original (it does not start with KWSEAL)")
    if len(data) > MAX_SEALED_BYTES:
        raise SealError(f"{len(data)} bytes; at most {MAX_SEALED_BYTES} are allowed")
    if data[len(_MAGIC) : len(_MAGIC) + 1] not in (b"", bytes([_VERSION])):
        raise SealError(f"sealed in version {data[len(_MAGIC)]}; this program opens version {_VERSION}")
    length = int.from_bytes(data[_FACTS_AT - 2 : _FACTS_AT], "big")
    end = _FACTS_AT + length
    if length > _MAX_FACTS or len(data) <= end + _TAG:
        raise SealError("cut short, or damaged at its start; fetch it again")
    try:
        facts = SealedFacts.model_validate_json(data[_FACTS_AT:end])
    except ValidationError as error:
        raise SealError(f"its facts cannot be read ({error.error_count()} errors); it was damaged") from error
    at = len(_MAGIC) + 1
    return Envelope(facts, data[at : at + _ID].hex(), data[at + _ID : _FACTS_AT - 2], data[:end], data[end:])


def open_sealed(
    data: bytes, key: X25519PrivateKey, *, incident_id: UUID | None = None
) -> tuple[bytes, SealedFacts]:
    """The picture and its facts, proven.

    Raises:
        SealError: Not for this key, changed, cut short, or of another incident than ``incident_id``.
    """
    envelope = take_apart(data)
    mine = key.public_key()
    if envelope.key_id != key_id(mine):
        raise SealError(f"sealed for the key {envelope.key_id}, this one is {key_id(mine)}; give that private key")
    if incident_id is not None and envelope.facts.incident_id != incident_id:
        raise SealError(f"belongs to incident {envelope.facts.incident_id}, not to {incident_id}")
    try:
        secret = key.exchange(X25519PublicKey.from_public_bytes(envelope.ephemeral))
        cipher, nonce = _cipher(secret, envelope.ephemeral, mine)
        return cipher.decrypt(nonce, envelope.sealed, envelope.head), envelope.facts
    except (InvalidTag, ValueError) as error:
        raise SealError("it was changed or cut short since it was sealed, or never sealed for this key") from error


def _cipher(secret: bytes, ephemeral: bytes, authority: X25519PublicKey) -> tuple[ChaCha20Poly1305, bytes]:
    salt = ephemeral + authority.public_bytes_raw()
    material = HKDF(SHA256(), _KEY + 12, salt, _INFO).derive(secret)
    return ChaCha20Poly1305(material[:_KEY]), material[_KEY:]


def _raw_id(key: X25519PublicKey) -> bytes:
    return hashlib.sha256(key.public_bytes_raw()).digest()[:_ID]
