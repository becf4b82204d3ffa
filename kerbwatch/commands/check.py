"""``kerbwatch check``: check the invariants over a centre's database and nodes' spools."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from alerts.invariants import SpoolAccount, check_invariants
from alerts.storage.database import Database
from central.config import load_central_config
from ingest.messages import Eviction, parse_event


@click.command()
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, help="The centre's TOML file."
)
@click.option(
    "--spool",
    "spools",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A node's database; repeat for several. Stop the nodes first, or let them come to rest.",
)
def check(config_file: Path, spools: tuple[Path, ...]) -> None:
    """Check that nothing was lost, doubled or made up; exit 1 and say what if so.

    \b
    Examples:
      kerbwatch check --config central.toml
      kerbwatch check --config central.toml --spool junction-17-data/node.db
    """
    config = load_central_config(config_file)
    url = make_url(config.centre.database_url())
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise click.ClickException(
            f"{url.database}: no such database; did this centre ever run? see centre.data_dir"
        )
    try:
        accounts = [_account(path) for path in spools]
        database = Database(config.centre.database_url())
        violations = check_invariants(database, accounts)
        database.close()
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error
    for violation in violations:
        click.echo(str(violation))
    if violations:
        raise click.exceptions.Exit(1)
    click.echo(f"all invariants hold ({len(accounts)} spool(s) looked at)")


def _account(path: Path) -> SpoolAccount:
    """What a node's database says of its spool; opened read-only."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as node:
        spool_id = node.execute("SELECT value FROM meta WHERE key = 'spool_id'").fetchone()[0]
        raised = node.execute("SELECT source, event_id FROM raised").fetchall()
        pending = node.execute("SELECT source, event_id, payload FROM spool").fetchall()
        counted = node.execute("SELECT coalesce(sum(count), 0) FROM evicted").fetchone()[0]
    reports = [parse_event(payload).data for _, _, payload in pending]
    reported = sum(report.count for report in reports if isinstance(report, Eviction))
    return SpoolAccount(
        spool_id=UUID(spool_id),
        raised=[(str(source), str(event_id)) for source, event_id in raised],
        pending=[(str(source), str(event_id)) for source, event_id, _ in pending],
        evicted=int(counted) + reported,
    )
