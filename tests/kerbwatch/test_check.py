"""``kerbwatch check`` over a real centre's database and a real node's spool."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.inbound import Received
from alerts.intake import Intake
from alerts.storage.database import Database
from edge.database import open_database
from ingest.topics import Channel, Topic
from kerbwatch.cli import cli
from tests.alerts.reports import START, Node, Problem

CONFIG = '[centre]\ndata_dir = "data"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "central.toml"
    path.write_text(CONFIG)
    return path


def check(config: Path, *spools: Path) -> tuple[int, str]:
    arguments = [part for spool in spools for part in ("--spool", str(spool))]
    answer = CliRunner().invoke(cli, ["check", "--config", str(config), *arguments])
    return answer.exit_code, answer.output


def test_a_centre_that_never_ran_is_not_called_well(config: Path) -> None:
    (config.parent / "data").mkdir()
    code, said = check(config)
    assert code == 1
    assert "no such database" in said
    assert not (config.parent / "data" / "centre.db").exists()


def test_an_event_that_left_the_spool_but_never_arrived_is_found(config: Path) -> None:
    (config.parent / "data").mkdir()
    database = Database(f"sqlite:///{config.parent / 'data' / 'centre.db'}")
    node = Node()
    arrived, lost = Problem(node, "arrived").opened(), Problem(node, "lost", place="b").opened()
    Intake(database).process(
        [Received(str(Topic(node.site, node.name, Channel.EVENT)), arrived.to_json(), 1, START)]
    )
    database.close()
    spool = config.parent / "node.db"
    edge = open_database(spool, now=START)
    with edge.transaction() as connection:
        for seq, event in enumerate((arrived, lost), start=1):
            connection.execute("INSERT INTO raised VALUES (?, ?, ?)", (seq, event.source, str(event.id)))
    edge.close()
    code, said = check(config, spool)
    assert code == 1
    assert "I2" in said
    assert str(lost.id) in said
    assert check(config) == (0, "all invariants hold (0 spool(s) looked at)\n")
