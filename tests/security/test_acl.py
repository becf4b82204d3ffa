"""The shipped ACL: a node speaks below its own prefix and nowhere else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.config import MqttSettings
from ingest.link import MqttLink
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = pytest.mark.broker

ACL = Path(__file__).resolve().parents[2] / "deploy" / "kerbwatch.acl"
USERS = ("centre", "j17", "j18")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker with the shipped ACL, the site named "xuhui"."""
    if shutil.which("mosquitto_passwd") is None:
        pytest.skip("mosquitto_passwd is not installed; ./run test installs it")
    acl = tmp_path / "acl"
    acl.write_text(ACL.read_text().replace("/site/", "/xuhui/"))
    passwords = tmp_path / "passwords"
    passwords.touch()
    for user in USERS:
        subprocess.run(["mosquitto_passwd", "-b", passwords, user, f"{user}-secret"], check=True)
        (tmp_path / f"{user}.secret").write_text(f"{user}-secret\n")
    for file in (acl, passwords):
        file.chmod(0o700)
    broker = Mosquitto(tmp_path / "broker", f"allow_anonymous false\npassword_file {passwords}\nacl_file {acl}\n")
    yield broker.start()
    broker.stop()


def link(broker: Mosquitto, secrets: Path, user: str, *topics: str) -> MqttLink:
    settings = MqttSettings(
        host="127.0.0.1", port=broker.port, username=user, password_file=secrets / f"{user}.secret"
    )
    linked = MqttLink(settings, client_id=user, subscriptions=topics)
    linked.start()
    wait_for(lambda: linked.connected, what=f"{user} connected")
    return linked


def test_a_node_writes_its_own_topics_and_no_others(guarded: Mosquitto, tmp_path: Path) -> None:
    centre = link(guarded, tmp_path, "centre", "kerbwatch/v1/+/+/event")
    node = link(guarded, tmp_path, "j17")
    node.publish("kerbwatch/v1/xuhui/j18/event", b"as my neighbour")
    node.publish("kerbwatch/v1/elsewhere/j17/event", b"at another site")
    node.publish("kerbwatch/v1/xuhui/j17/ack", b"as the centre")
    node.publish("kerbwatch/v1/xuhui/j17/event", b"as myself")
    delivery = wait_for(lambda: centre.receive(0.2), what="the one allowed message")
    assert delivery.payload == b"as myself"
    wait_for(lambda: node.counters.get("puback_not_authorized", 0) == 3, what="three refusals")
    assert centre.receive(0) is None
    for linked in (centre, node):
        linked.stop()


def test_a_node_reads_its_own_acknowledgements_only(guarded: Mosquitto, tmp_path: Path) -> None:
    centre = link(guarded, tmp_path, "centre")
    mine, all_events = "kerbwatch/v1/xuhui/j17/ack", "kerbwatch/v1/#"
    node = link(guarded, tmp_path, "j17", mine, all_events)
    other = link(guarded, tmp_path, "j18")
    other.publish("kerbwatch/v1/xuhui/j18/event", b"not for j17")
    centre.publish("kerbwatch/v1/xuhui/j18/ack", b"not for j17 either")
    centre.publish(mine, b"for j17")
    delivery = wait_for(lambda: node.receive(0.2), what="the acknowledgement")
    assert delivery.topic == mine
    for linked in (centre, node, other):
        linked.stop()


def test_orders_come_from_the_centre_and_reports_from_the_node(guarded: Mosquitto, tmp_path: Path) -> None:
    prefix = "kerbwatch/v1/xuhui/j17"
    node = link(guarded, tmp_path, "j17", f"{prefix}/config/desired", f"{prefix}/command")
    neighbour = link(guarded, tmp_path, "j18")
    centre = link(guarded, tmp_path, "centre", "kerbwatch/v1/+/+/config/reported")
    for channel in ("config/desired", "model/desired", "command"):
        neighbour.publish(f"{prefix}/{channel}", b"from my neighbour")
        node.publish(f"{prefix}/{channel}", b"from myself")
    neighbour.publish(f"{prefix}/config/reported", b"as my neighbour")
    wait_for(lambda: neighbour.counters.get("puback_not_authorized", 0) == 4, what="the neighbour refused")
    wait_for(lambda: node.counters.get("puback_not_authorized", 0) == 3, what="the node refused")
    centre.publish(f"{prefix}/config/desired", b"from the centre", retain=True)
    node.publish(f"{prefix}/config/reported", b"done")
    assert wait_for(lambda: node.receive(0.2), what="the order").payload == b"from the centre"
    assert wait_for(lambda: centre.receive(0.2), what="the report").payload == b"done"
    for linked in (centre, node, neighbour):
        linked.stop()
