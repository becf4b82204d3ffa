"""A node's signature on what it says.

MQTT tells a subscriber nothing about the publisher, so every event carries an Ed25519 signature by the node's
key; the centre checks it against the key enrolled for the node that ``source`` names.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pydantic_core import from_json

from ingest.messages import Event


class KeyFileError(Exception):
    """A key file that is missing, unreadable or not an Ed25519 key."""


def signed_bytes(payload: bytes) -> bytes:
    """What is signed: the event's JSON with sorted keys, without its signature.

    Taken from the payload and not from the parsed record, so that fields this version does not know still count.

    Raises:
        ValueError: ``payload`` is not a JSON object.
    """
    attributes = from_json(payload, allow_inf_nan=False)
    if not isinstance(attributes, dict):
        raise ValueError("not a JSON object")
    attributes.pop("signature", None)
    return json.dumps(attributes, sort_keys=True, separators=(",", ":")).encode()


def sign(event: Event, key: Ed25519PrivateKey) -> Event:
    """``event`` with its signature attached."""
    signature = base64.b64encode(key.sign(signed_bytes(event.to_json()))).decode()
    return event.model_copy(update={"signature": signature})


def verify(payload: bytes, signature: str, public_key: str) -> bool:
    """Whether ``payload`` was signed by the key whose raw bytes ``public_key`` holds in base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), signed_bytes(payload))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def public_key_of(key: Ed25519PrivateKey) -> str:
    """The base64 of the raw public key, as the centre's configuration names it."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The node's key; made on first start, readable by its owner only.

    Raises:
        KeyFileError: The file exists but holds no Ed25519 key.
    """
    if path.exists():
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, OSError) as error:
            raise KeyFileError(f"{path}: {error}; remove it to make a new key and enrol the node again") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError(f"{path}: not an Ed25519 key")
        return key
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Whole or not at all: half a key after a power cut would be refused at every start.
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return key
