"""Orders are written down in turn, sent until they are answered, and asked for only with the token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from alerts.storage.tables import NodeRow
from central.config import load_central_config
from central.fleet.desk import FleetDesk, FleetError
from central.fleet.model_files import ModelFiles
from central.fleet.sender import AGAIN_S, OrderSender
from central.service import CentralService
from ingest.clock import ManualClock
from ingest.fleet import CommandKind, NodeCommand
from ingest.messages import parse_event
from ingest.signing import load_or_create_key, public_key_of, verify
from kerbwatch.commands.central import central
from tests.alerts.reports import START
from tests.central.servers import TOKEN, started

NODE = "/api/v1/fleet/nodes/xuhui/j17"


class FakeLink:
    """Takes what is published while ``connected``."""

    def __init__(self) -> None:
        self.connected, self.epoch = True, 1
        self.published: list[tuple[str, bytes, bool]] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        self.published.append((topic, payload, retain))
        return True

    def topics(self) -> list[str]:
        sent = [topic for topic, _, _ in self.published]
        self.published.clear()
        return sent


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CentralService]:
    service = started(tmp_path, token=True)
    with service.database.write() as session:
        session.add(
            NodeRow(site="xuhui", node="j17", state="online", status_at=START, received_at=START, status={})
        )
    yield service
    service.stop()


def desk_of(service: CentralService, clock: ManualClock) -> FleetDesk:
    return FleetDesk(service.database, clock, ModelFiles(service.config.centre.data_dir / "models"))


def test_every_way_to_an_order_asks_for_the_token(service: CentralService) -> None:
    with httpx.Client(base_url=service.url) as stranger:
        body = {"operator": "x", "kind": "look_again", "document": {}}
        asked = [
            stranger.put(f"{NODE}/config", json=body),
            stranger.put(f"{NODE}/model", json=body),
            stranger.post(f"{NODE}/commands", json=body),
            stranger.get(f"{NODE}/config"),
            stranger.get(f"/api/v1/models/{'a' * 64}"),
        ]
        assert {answer.status_code for answer in asked} == {401}
        foreign = {"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}
        assert stranger.post(f"{NODE}/commands", json=body, headers=foreign).status_code == 403


def test_desired_states_count_up_and_a_slower_hand_is_told(service: CentralService) -> None:
    desk = desk_of(service, ManualClock(START))
    assert [desk.desire_config("xuhui", "j17", {}, "Li Na") for _ in range(3)] == [1, 2, 3]
    with pytest.raises(FleetError, match="newest revision is 3"):
        desk.desire_config("xuhui", "j17", {}, "Wang Wei", expected_revision=2)
    with pytest.raises(FleetError, match="never reported"):
        desk.desire_config("xuhui", "nowhere", {}, "Li Na")
    with pytest.raises(FleetError, match="not in the model store"):
        desk.desire_model("xuhui", "j17", "a" * 64, "b" * 64, "Li Na")
    with pytest.raises(FleetError, match="belong together"):
        desk.desire_model("xuhui", "j17", "a" * 64, None, "Li Na")
    with pytest.raises(FleetError, match="does not travel"):
        desk.desire_config("xuhui", "j17", {"camera": "x" * 300_000}, "Li Na")


def test_orders_go_out_signed_once_again_after_a_while_and_over_every_new_connection(
    service: CentralService, tmp_path: Path
) -> None:
    clock, link = ManualClock(START), FakeLink()
    desk = desk_of(service, clock)
    key = load_or_create_key(tmp_path / "key")
    sender = OrderSender(desk, link, key, clock)
    desk.desire_config("xuhui", "j17", {"a": 1}, "Li Na")
    desk.desire_config("xuhui", "j17", {"a": 2}, "Li Na")
    order = desk.command("xuhui", "j17", CommandKind.LOOK_AGAIN, "Li Na", valid_s=100)
    sender.step()
    for topic, payload, retain in link.published:
        event = parse_event(payload)
        assert verify(payload, event.signature or "", public_key_of(key))
        assert retain is not isinstance(event.data, NodeCommand), topic
    config, command = "kerbwatch/v1/xuhui/j17/config/desired", "kerbwatch/v1/xuhui/j17/command"
    assert link.topics() == [config, command], "only the newest configuration travels"
    sender.step()
    assert link.topics() == []
    clock.advance(AGAIN_S)
    sender.step()
    assert link.topics() == [command]
    link.epoch = 2
    sender.step()
    assert link.topics() == [config, command]
    clock.advance(100)
    sender.step()
    assert link.topics() == [], "nobody is told what is too late"
    clock.advance(2 * 86400)
    sender.step()
    assert desk.get_command(order.id).outcome == "lost"


def test_the_command_line_speaks_to_a_running_centre(service: CentralService, tmp_path: Path) -> None:
    file = tmp_path / "central.toml"
    port = service.config.http.port
    file.write_text(
        f'[centre]\ndata_dir = "data"\n[http]\nport = {port}\nconsole = false\naccess_token_file = "token"\n'
    )
    assert load_central_config(file).http.port == port
    zones = tmp_path / "zones.toml"
    zones.write_text("[camera.north]\nlook_interval_s = 2.0\n")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(central, ["--config", str(file), "node-command", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert run("key").strip() == service.public_key
    run("configure", "xuhui/j17", str(zones), "--by", "Li Na")
    told = json.loads(run("look-again", "xuhui/j17", "--by", "Li Na", "--wait", "0"))
    assert (told["outcome"], told["issued_by"]) == ("waiting", "Li Na")
    shown = json.loads(run("show", "xuhui/j17"))
    assert shown["config"]["desired"]["document"] == {"camera": {"north": {"look_interval_s": 2.0}}}
    assert [item["id"] for item in shown["commands"]] == [told["id"]]
    unknown = CliRunner().invoke(
        central, ["--config", str(file), "node-command", "snapshot", "xuhui/nowhere", "--by", "Li Na"]
    )
    assert unknown.exit_code == 1
    assert "unknown_node" in unknown.output
