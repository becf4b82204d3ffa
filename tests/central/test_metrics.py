"""What ``/metrics`` says of permitted visits: by camera and category alone, whatever words a node's file holds."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import generate_latest

from alerts.cases import CaseService
from alerts.intake import Intake
from alerts.storage.database import Database
from central.metrics import CentreCollector, registry_of
from ingest.clock import ManualClock
from ingest.messages import CameraStatus, NodeStatus, PermittedVisits
from ingest.taxonomy import Category
from ingest.topics import Channel
from tests.alerts.reports import START, Node


def scraped(database: Database) -> str:
    cases = CaseService(database, ManualClock(START))
    collector = CentreCollector(cases, database, None, dict, {}, {})
    return generate_latest(registry_of(collector)).decode()


def test_permitted_visits_are_summed_over_zones_and_trades(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'centre.db'}")
    node = Node()
    visits = [("fair", "snacks", 3), ("fair", 'x"\n', 4), ("kerb", "", 5)]
    permitted = [
        PermittedVisits(zone=zone, category=Category.STREET_VENDOR, trade=trade, visits=count)
        for zone, trade, count in visits
    ]
    camera = CameraStatus(name="north", state="looking", permitted=tuple(permitted))
    status = NodeStatus(state="online", software="kerbwatch", cameras=(camera,))
    event = node.event(status, START, spooled=False)
    Intake(database).process([node.received(event, Channel.STATUS)])
    text = scraped(database)
    database.close()
    (line,) = [line for line in text.splitlines() if line.startswith("kerbwatch_permitted_visits_total{")]
    assert line.endswith(" 12.0")
    assert 'category="street_vendor"' in line
    assert "snacks" not in text
    assert "kerbwatch_node_status_unreadable 0.0" in text
