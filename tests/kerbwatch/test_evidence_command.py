"""`kerbwatch evidence open`: the authority gets its picture, anyone else a clear refusal and no file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ingest.sealed import SealedFacts, seal
from kerbwatch.commands.evidence import evidence

PICTURE = b"\xff\xd8 a number plate \xff\xd9"
INCIDENT = UUID(int=7)


def pem(key: X25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    key = X25519PrivateKey.generate()
    (tmp_path / "private.pem").write_bytes(pem(key))
    (tmp_path / "other.pem").write_bytes(pem(X25519PrivateKey.generate()))
    facts = SealedFacts(incident_id=INCIDENT, taken_at=datetime(2026, 3, 2, 8, tzinfo=UTC), width=64, height=48)
    (tmp_path / "a.sealed").write_bytes(seal(PICTURE, facts, key.public_key()))
    return tmp_path


def opened(folder: Path, *more: str, key: str = "private.pem", file: str = "a.sealed") -> Result:
    return CliRunner().invoke(evidence, ["open", "--key", str(folder / key), str(folder / file), *more])


def test_the_picture_comes_out_readable_by_its_owner_only(folder: Path) -> None:
    result = opened(folder, "--incident", str(INCIDENT))
    assert result.exit_code == 0, result.output
    assert str(INCIDENT) in result.output
    assert (folder / "a.jpg").read_bytes() == PICTURE
    assert (folder / "a.jpg").stat().st_mode & 0o077 == 0


def test_refusals_say_why_and_leave_no_file(folder: Path) -> None:
    (folder / "cut.sealed").write_bytes((folder / "a.sealed").read_bytes()[:-1])
    (folder / "bad.pem").write_text("no key", encoding="ascii")
    for result, why in (
        (opened(folder, key="other.pem"), "sealed for the key"),
        (opened(folder, file="cut.sealed"), "changed or cut short"),
        (opened(folder, key="bad.pem"), "PEM"),
        (opened(folder, file="private.pem"), "not a sealed original"),
        (opened(folder, "--incident", str(UUID(int=8))), "belongs to incident"),
    ):
        assert result.exit_code == 1
        assert why in result.output
        assert "Traceback" not in result.output
    assert not list(folder.glob("*.jpg"))


def test_an_existing_picture_is_never_replaced(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"mine")
    result = opened(folder)
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert (folder / "a.jpg").read_bytes() == b"mine"
