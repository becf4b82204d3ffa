"""The shipped broker configuration works where its first lines say it goes: below Debian's own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import free_port, listening
from tests.waiting import wait_for

pytestmark = pytest.mark.broker

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DEBIAN = """\
persistence true
persistence_location {folder}/
log_dest file {folder}/mosquitto.log
include_dir {folder}/conf.d
"""
"""``/etc/mosquitto/mosquitto.conf`` of Debian's package, with folders of the test's own."""


def test_the_broker_starts_with_the_shipped_file_below_debians(tmp_path: Path) -> None:
    binary = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if binary is None:
        pytest.skip("mosquitto is not installed; ./run test installs it")
    port = free_port()
    shipped = (DEPLOY / "mosquitto.conf").read_text().replace("/etc/mosquitto/", f"{tmp_path}/")
    # Certificates are the user's; without them the listener is plain, and only on loopback.
    plain = re.sub(r"^(cafile|certfile|keyfile|tls_version) .*\n", "", shipped, flags=re.MULTILINE)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "kerbwatch.conf").write_text(
        plain.replace("listener 8883", f"listener {port} 127.0.0.1")
    )
    (tmp_path / "kerbwatch.acl").write_text((DEPLOY / "kerbwatch.acl").read_text())
    (tmp_path / "kerbwatch.passwords").touch()
    main = tmp_path / "mosquitto.conf"
    main.write_text(DEBIAN.format(folder=tmp_path) + "user root\n")
    broker = subprocess.Popen([binary, "-c", str(main)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: broker.poll() is not None or listening(port), what="the broker listening or gone")
        assert broker.poll() is None, (tmp_path / "mosquitto.log").read_text()
    finally:
        broker.terminate()
        broker.wait(10)
