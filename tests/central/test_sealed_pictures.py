"""The centre keeps sealed originals like pictures, hands them out as files, and never as something to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from central.service import CentralService
from ingest.sealed import MEDIA_TYPE, SealedFacts, open_sealed, seal
from tests.central.servers import started
from tests.waiting import HANG_S

KEY = X25519PrivateKey.generate()
FACTS = SealedFacts(incident_id=UUID(int=7), taken_at=datetime(2026, 3, 2, 8, tzinfo=UTC), width=640, height=480)
SEALED = seal(b"\xff\xd8 a number plate \xff\xd9", FACTS, KEY.public_key())


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[CentralService]:
    service = started(tmp_path)
    yield service
    service.stop()


def put(service: CentralService, data: bytes) -> httpx.Response:
    sha256 = hashlib.sha256(data).hexdigest()
    url = f"http://127.0.0.1:{service.config.http.port}/api/v1/pictures/{sha256}"
    return httpx.put(url, content=data, headers={"Content-Type": MEDIA_TYPE}, timeout=HANG_S, trust_env=False)


def test_a_sealed_original_is_stored_and_comes_back_as_a_download_only(centre: CentralService) -> None:
    assert put(centre, SEALED).status_code == 201
    assert put(centre, SEALED).status_code == 200
    answer = httpx.get(str(put(centre, SEALED).request.url), timeout=HANG_S, trust_env=False)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["content-disposition"].startswith("attachment")
    assert open_sealed(answer.content, KEY)[1] == FACTS


@pytest.mark.parametrize(
    "data", [SEALED[:60], b"KWSEAL", b"KWSEAL\x02" + SEALED[7:]], ids=["cut off", "bare", "another version"]
)
def test_what_only_claims_to_be_sealed_is_refused(centre: CentralService, data: bytes) -> None:
    answer = put(centre, data)
    assert answer.status_code == 400
    assert answer.json()["code"] == "not_sealed"
