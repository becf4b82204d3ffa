"""The original goes along only sealed, and only where an authority is named; nothing of it fails the event."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import edge.evidence
from detectors.incidents import Opened, OpenReason
from edge.evidence import EvidenceMaker, Gathered
from edge.pictures import PictureStore
from edge.privacy_section import PrivacySection
from ingest.messages import Evidence, EvidenceRole
from ingest.sealed import MEDIA_TYPE, SealError, open_sealed
from tests.edge.doubles import START, FakeDetector, open_spool, standing
from tests.edge.test_evidence import SeesOnePerson, street

AT = START + timedelta(seconds=21)
KEY = X25519PrivateKey.generate()
OPENED = Opened(AT, standing("east", AT), OpenReason.DWELL_EXCEEDED)


def maker_in(tmp_path: Path, detector: FakeDetector) -> tuple[EvidenceMaker, PictureStore]:
    database, _ = open_spool(tmp_path)
    store = PictureStore(database, tmp_path / "evidence")
    return EvidenceMaker(detector, store, KEY.public_key()), store


def gathered(maker: EvidenceMaker) -> Gathered:
    frame = street()
    return maker.gather(OPENED, maker.cover(frame), None, frame)


def test_the_sealed_original_shows_the_authority_what_the_crop_hides(tmp_path: Path) -> None:
    maker, store = maker_in(tmp_path, SeesOnePerson())
    pictures = {picture.role: picture for picture in gathered(maker).evidence.pictures}
    sealed = pictures[EvidenceRole.SEALED]
    assert sealed.media_type == MEDIA_TYPE
    assert store.path(sealed.sha256).suffix == ".sealed"
    content, facts = open_sealed(
        store.path(sealed.sha256).read_bytes(), KEY, incident_id=OPENED.standing.incident_id
    )
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape[:2] == (facts.height, facts.width) == (sealed.height, sealed.width)
    assert facts.shown_sha256 == pictures[EvidenceRole.WIDE].sha256
    assert facts.taken_at == AT


def test_no_plain_byte_of_the_original_touches_the_disk(tmp_path: Path) -> None:
    maker, store = maker_in(tmp_path, FakeDetector())
    evidence = gathered(maker).evidence
    named = {picture.sha256 for picture in evidence.pictures}
    assert {path.stem for path in store.path("x").parent.iterdir()} == named
    sealed = next(picture for picture in evidence.pictures if picture.role is EvidenceRole.SEALED)
    assert b"\xff\xd8\xff" not in store.path(sealed.sha256).read_bytes()[:1000]


def test_a_withheld_picture_still_has_its_sealed_original(tmp_path: Path) -> None:
    detector = FakeDetector()
    detector.broken = True
    maker, _ = maker_in(tmp_path, detector)
    evidence = gathered(maker).evidence
    assert evidence.withheld == "detector_failed"
    assert [picture.role for picture in evidence.pictures] == [EvidenceRole.SEALED]
    assert maker.counters == {"pictures_withheld_detector_failed": 1}


def test_without_an_authority_nothing_is_sealed(tmp_path: Path) -> None:
    database, _ = open_spool(tmp_path)
    maker = EvidenceMaker(FakeDetector(), PictureStore(database, tmp_path / "evidence"))
    assert EvidenceRole.SEALED not in [picture.role for picture in gathered(maker).evidence.pictures]


def test_what_cannot_be_sealed_leaves_the_event_its_other_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> bytes:
        raise SealError("too large to seal")

    monkeypatch.setattr(edge.evidence, "seal", too_large)
    maker, _ = maker_in(tmp_path, FakeDetector())
    roles = [picture.role for picture in gathered(maker).evidence.pictures]
    assert roles == [EvidenceRole.WIDE, EvidenceRole.CROP]
    assert maker.counters == {"originals_not_sealed_too_large": 1}


@pytest.mark.parametrize("error", [MemoryError("frame"), cv2.error("resize"), ValueError("shape")])
def test_whatever_breaks_while_cutting_or_coding_withholds_the_picture_not_the_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaking(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(edge.evidence, "encode_jpeg", breaking)
    maker, _ = maker_in(tmp_path, FakeDetector())
    assert gathered(maker) == Gathered(Evidence(withheld="redaction_failed"), ())
    assert maker.counters == {"pictures_withheld_redaction_failed": 1}


def test_sealed_files_are_queued_found_and_swept_like_pictures(tmp_path: Path) -> None:
    database, _ = open_spool(tmp_path)
    store = PictureStore(database, tmp_path / "evidence")
    maker = EvidenceMaker(FakeDetector(), store, KEY.public_key())
    with database.transaction() as connection:
        store.enqueue(connection, gathered(maker).stored)
    orphan = store.write(b"KWSEAL nobody names this")
    assert store.sweep() == 1
    assert not store.path(orphan.sha256).exists()
    assert store.queued() == 3


def test_the_nodes_file_takes_the_public_key_and_refuses_the_private_one(tmp_path: Path) -> None:
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    public.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    private.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = PrivacySection(sealed_for=public).authority_key()
    assert key is not None
    assert key.public_bytes_raw() == KEY.public_key().public_bytes_raw()
    assert PrivacySection().authority_key() is None
    with pytest.raises(ValueError, match="never lie on a node"):
        PrivacySection(sealed_for=private)
