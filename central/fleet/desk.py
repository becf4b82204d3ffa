"""The fleet desk (节点管理台): writes down what nodes are to be and to do, and reads what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from alerts.storage.database import Database
from alerts.storage.fleet_tables import CommandRow, DesiredRow, ReportedRow
from alerts.storage.tables import NodeRow
from central.fleet.model_files import ModelFiles
from ingest.clock import Clock, uuid7
from ingest.fleet import CanaryBounds, CommandKind, ConfigDesired, ModelDesired, NodeCommand
from ingest.messages import MAX_MESSAGE_BYTES, explain

MOST_VALID_S = 7 * 86400.0
LOST_AFTER = timedelta(days=1)
"""A command whose result has not come so long after its time was over is written down as lost."""
_ENVELOPE_BYTES = 4096
"""Room for the envelope of an order."""

Desired = TypeVar("Desired", ConfigDesired, ModelDesired)


class FleetError(Exception):
    """What cannot be done. ``code`` is machine-readable; ``status`` the HTTP status it stands for."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class StateView:
    """One kind of state of a node: what was desired last (with when and by whom), and what was reported last."""

    desired: dict[str, Any] | None
    reported: dict[str, Any] | None
    reported_at: datetime | None


@dataclass(frozen=True)
class CommandView:
    """A command and what it came to."""

    id: UUID
    site: str
    node: str
    kind: str
    camera: str | None
    issued_by: str
    issued_at: datetime
    not_after: datetime
    outcome: str
    result: dict[str, Any] | None
    result_at: datetime | None


class FleetDesk:
    """All of fleet management but sending. Thread-safe."""

    def __init__(self, database: Database, clock: Clock, models: ModelFiles) -> None:
        self._database = database
        self._clock = clock
        self._models = models

    def desire_config(
        self, site: str, node: str, document: dict[str, Any], by: str, expected_revision: int | None = None
    ) -> int:
        """Write down a desired configuration; returns its revision.

        Raises:
            FleetError: ``unknown_node``, ``conflict`` (somebody else was faster) or ``too_large``.
        """
        if len(repr(document)) > MAX_MESSAGE_BYTES - _ENVELOPE_BYTES:
            raise FleetError(
                413, "too_large", f"a document of more than {MAX_MESSAGE_BYTES} bytes does not travel"
            )

        def order(revision: int, now: datetime) -> ConfigDesired:
            return ConfigDesired(
                site=site, node=node, issued_at=now, issued_by=by, revision=revision, document=document
            )

        return self._desire("config", site, node, order, expected_revision)

    def desire_model(
        self,
        site: str,
        node: str,
        card_sha256: str | None,
        weights_sha256: str | None,
        by: str,
        canary: CanaryBounds | None = None,
        expected_revision: int | None = None,
    ) -> int:
        """Write down a desired model, or, without hashes, the return to the model of the node's own file.

        Raises:
            FleetError: ``unknown_node``, ``conflict``, ``no_such_file`` or ``half_a_model``.
        """
        if (card_sha256 is None) != (weights_sha256 is None):
            raise FleetError(422, "half_a_model", "card and weights belong together; give both or neither")
        card_bytes = 0 if card_sha256 is None else self._size(card_sha256)
        weights_bytes = 0 if weights_sha256 is None else self._size(weights_sha256)

        def order(revision: int, now: datetime) -> ModelDesired:
            return ModelDesired(
                site=site,
                node=node,
                issued_at=now,
                issued_by=by,
                revision=revision,
                card_sha256=card_sha256,
                card_bytes=card_bytes,
                weights_sha256=weights_sha256,
                weights_bytes=weights_bytes,
                canary=canary or CanaryBounds(),
            )

        return self._desire("model", site, node, order, expected_revision)

    def command(
        self,
        site: str,
        node: str,
        kind: CommandKind,
        by: str,
        *,
        camera: str | None = None,
        valid_s: float = 600.0,
    ) -> CommandView:
        """Write down a command that is to be carried out within ``valid_s`` seconds.

        Raises:
            FleetError: ``unknown_node`` or ``invalid``.
        """
        if not 0 < valid_s <= MOST_VALID_S:
            raise FleetError(422, "invalid", f"valid_s: give more than 0 and at most {MOST_VALID_S:.0f} s")
        now = self._clock.now()
        with self._database.write() as session:
            _check_node(session, site, node)
            row = CommandRow(
                id=uuid7(now),
                site=site,
                node=node,
                kind=kind.value,
                camera=camera,
                issued_by=by,
                issued_at=now,
                not_after=now + timedelta(seconds=valid_s),
                outcome="waiting",
                result=None,
                result_at=None,
            )
            _checked(lambda: _order_of(row))
            session.add(row)
        return _command_view(row)

    def get_command(self, command_id: UUID) -> CommandView:
        """One command. Raises FleetError ``not_found``."""
        with self._database.read() as session:
            row = session.get(CommandRow, command_id)
            if row is None:
                raise FleetError(404, "not_found", f"no command {command_id}")
            return _command_view(row)

    def commands(self, site: str, node: str, limit: int = 50) -> list[CommandView]:
        """A node's commands, newest first."""
        query = (
            select(CommandRow)
            .where(CommandRow.site == site, CommandRow.node == node)
            .order_by(CommandRow.issued_at.desc(), CommandRow.id.desc())
            .limit(limit)
        )
        with self._database.read() as session:
            return [_command_view(row) for row in session.scalars(query)]

    def state(self, kind: str, site: str, node: str) -> StateView:
        """Desired and reported state of one kind (``config`` or ``model``). Raises FleetError ``unknown_node``."""
        with self._database.read() as session:
            _check_node(session, site, node)
            desired = session.scalars(
                select(DesiredRow)
                .where(DesiredRow.site == site, DesiredRow.node == node, DesiredRow.kind == kind)
                .order_by(DesiredRow.revision.desc())
                .limit(1)
            ).first()
            reported = session.get(ReportedRow, (site, node, kind))
            return StateView(
                desired=None if desired is None else desired.order,
                reported=None if reported is None else reported.report,
                reported_at=None if reported is None else reported.received_at,
            )

    # -- for the sender ---------------------------------------------------------------------------

    def desired(self) -> list[ConfigDesired | ModelDesired]:
        """The newest desired state of every node and kind."""
        newest = (
            select(
                DesiredRow.site, DesiredRow.node, DesiredRow.kind, func.max(DesiredRow.revision).label("revision")
            )
            .group_by(DesiredRow.site, DesiredRow.node, DesiredRow.kind)
            .subquery()
        )
        query = select(DesiredRow).join(
            newest,
            (DesiredRow.site == newest.c.site)
            & (DesiredRow.node == newest.c.node)
            & (DesiredRow.kind == newest.c.kind)
            & (DesiredRow.revision == newest.c.revision),
        )
        with self._database.read() as session:
            return [_desired_of(row) for row in session.scalars(query)]

    def waiting(self) -> list[NodeCommand]:
        """Commands without a result whose time is not over."""
        query = (
            select(CommandRow)
            .where(CommandRow.outcome == "waiting", CommandRow.not_after >= self._clock.now())
            .order_by(CommandRow.issued_at)
            .limit(500)
        )
        with self._database.read() as session:
            return [_order_of(row) for row in session.scalars(query)]

    def write_off(self) -> int:
        """Write down as lost what no result has come of; how many. A result that comes later still counts."""
        before = self._clock.now() - LOST_AFTER
        statement = (
            update(CommandRow)
            .where(CommandRow.outcome == "waiting", CommandRow.not_after < before)
            .values(outcome="lost")
            .returning(CommandRow.id)
        )
        with self._database.write() as session:
            return len(list(session.execute(statement)))

    # ---------------------------------------------------------------------------------------------

    def _desire(self, kind: str, site: str, node: str, make: Any, expected: int | None) -> int:
        now = self._clock.now()
        with self._database.write() as session:
            _check_node(session, site, node)
            query = select(func.max(DesiredRow.revision)).where(
                DesiredRow.site == site, DesiredRow.node == node, DesiredRow.kind == kind
            )
            newest = int(session.scalar(query) or 0)
            if expected is not None and expected != newest:
                raise FleetError(409, "conflict", f"the newest revision is {newest}, not {expected}; look again")
            order = _checked(lambda: make(newest + 1, now))
            session.add(
                DesiredRow(
                    site=site,
                    node=node,
                    kind=kind,
                    revision=order.revision,
                    order=order.model_dump(mode="json"),
                    issued_by=order.issued_by,
                    issued_at=now,
                )
            )
            return int(order.revision)

    def _size(self, sha256: str) -> int:
        size = self._models.size(sha256)
        if size is None:
            raise FleetError(
                422, "no_such_file", f"{sha256}: not in the model store; add it with node-command model-add"
            )
        return size


def _checked(make: Any) -> Any:
    try:
        return make()
    except ValidationError as error:
        raise FleetError(422, "invalid", explain(error)) from error


def _check_node(session: Session, site: str, node: str) -> None:
    if session.get(NodeRow, (site, node)) is None:
        raise FleetError(
            404, "unknown_node", f"{site}/{node} has never reported; start it first, or correct the name"
        )


def _order_of(row: CommandRow) -> NodeCommand:
    return NodeCommand(
        site=row.site,
        node=row.node,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        command_id=row.id,
        kind=CommandKind(row.kind),
        camera=row.camera,
        not_after=row.not_after,
    )


def _desired_of(row: DesiredRow) -> ConfigDesired | ModelDesired:
    record: Mapping[str, Any] = {**row.order, "issued_at": row.issued_at}
    if row.kind == "config":
        return ConfigDesired.model_validate(record)
    return ModelDesired.model_validate(record)


def _command_view(row: CommandRow) -> CommandView:
    return CommandView(**{name: getattr(row, name) for name in CommandView.__dataclass_fields__})
