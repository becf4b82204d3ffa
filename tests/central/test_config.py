"""A wrong configuration is refused with the field, the value and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from central.config import CentralConfig
from central.service import CentralService, StartError
from ingest.config import ConfigError, parse_config
from tests.central.servers import config_in

CENTRE = '[centre]\ndata_dir = "data"\n'
EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "central.example.toml"


def parsed(text: str, base: Path) -> CentralConfig:
    return parse_config(text, CentralConfig, source="central.toml", base_dir=base)


def test_the_shipped_example_is_right(tmp_path: Path) -> None:
    config = parsed(EXAMPLE.read_text(), tmp_path)
    assert config.centre.database_url() == f"sqlite:///{tmp_path / 'centre-data' / 'centre.db'}"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_neither_tls_nor_token(tmp_path: Path, host: str) -> None:
    assert parsed(f'{CENTRE}[http]\nhost = "{host}"\n', tmp_path).http.loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "centre.example", "127.0.0.1.example"])
def test_any_other_address_needs_both(tmp_path: Path, host: str) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    (tmp_path / "token").write_text("a-long-enough-secret\n")
    tls = 'tls = { cert_file = "cert.pem", key_file = "key.pem" }\n'
    token = 'access_token_file = "token"\n'
    head = f'{CENTRE}[http]\nhost = "{host}"\n'
    for incomplete, missing in ((head, "tls"), (head + token, "tls"), (head + tls, "access_token_file")):
        with pytest.raises(ConfigError, match=rf"add {missing}"):
            parsed(incomplete, tmp_path)
    assert not parsed(head + tls + token, tmp_path).http.loopback


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CENTRE + "colour = 1\n", ["centre.colour", "unknown key"]),
        ("[centre]\n", ["centre.data_dir", "missing"]),
        (CENTRE + 'database = "mysql://x"\n', ["centre.database", "mysql", "postgresql"]),
        (CENTRE + 'time_zone = "Mars/Base"\n', ["centre.time_zone", "Mars/Base", "IANA"]),
        (CENTRE + '[http]\naccess_token_file = "nowhere"\n', ["http", "nowhere", "no such file"]),
        (CENTRE + '[time_series]\nurl = "ftp://x"\n', ["time_series.url", "ftp://x"]),
        (CENTRE + '[[node]]\nsite = "s"\nname = "n"\npublic_key = "?"\n', ["node[0].public_key", "base64"]),
        (CENTRE + '[[node]]\nsite = "s"\nname = "n"\npublic_key = "AAAA"\n', ["node[0].public_key", "32 bytes"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text, tmp_path)
    for word in words:
        assert word in str(caught.value)


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("short\n")
    with pytest.raises(ConfigError, match="16 characters"):
        parsed(CENTRE + '[http]\naccess_token_file = "token"\n', tmp_path)


def test_a_certificate_that_cannot_be_used_is_named_and_not_the_port(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("no certificate\n")
    config = config_in(tmp_path, extra='tls = { cert_file = "cert.pem", key_file = "key.pem" }\n')
    service = CentralService(config)
    with pytest.raises(StartError, match=r"look at \[http\] tls"):
        service.start()
    service.stop()
