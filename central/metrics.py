"""``/metrics``: what the centre counts, for Prometheus. One registry per service, read when asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.cases import CaseService
from alerts.inbound import OutcomeKind
from alerts.storage.database import Database
from alerts.storage.tables import IncidentRow, OutboxRow
from ingest.clock import Clock
from ingest.messages import NodeStatus


class Outbox:
    """How many points wait, and for how long."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def depth_and_age(self) -> tuple[int, float]:
        """Waiting points, and the age in seconds of the oldest (0 when none waits)."""
        query = select(func.count(), func.min(OutboxRow.created_at)).where(
            OutboxRow.delivered_at.is_(None), OutboxRow.quarantined_reason.is_(None)
        )
        with self._database.read() as session:
            depth, oldest = session.execute(query).one()
        age = (self._clock.now() - oldest).total_seconds() if oldest is not None else 0.0
        return int(depth), max(0.0, age)


class CentreCollector(Collector):
    """Reads counters of the workers, and counts of the database, at each scrape.

    Args:
        cases: For cases and mutes.
        database: For muted incidents.
        outbox: None when no time-series endpoint is configured.
        outcomes: (outcome kind, reason) -> messages.
        groups: Prefix -> counters of a worker or the link.
        gauges: Name -> value now.
    """

    def __init__(
        self,
        cases: CaseService,
        database: Database,
        outbox: Outbox | None,
        outcomes: Callable[[], Mapping[tuple[str, str], int]],
        groups: Mapping[str, Callable[[], Mapping[str, int]]],
        gauges: Mapping[str, Callable[[], float]],
    ) -> None:
        self._cases = cases
        self._database = database
        self._outbox = outbox
        self._outcomes = outcomes
        self._groups = groups
        self._gauges = gauges

    def describe(self) -> list[Metric]:
        """Nothing: names are known only when read."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric, now."""
        yield from self._messages()
        for prefix, read in self._groups.items():
            family = CounterMetricFamily(f"kerbwatch_{prefix}", f"Counters of the {prefix}.", labels=["event"])
            for name, value in sorted(read().items()):
                family.add_metric([name], value)
            yield family
        for name, value_of in self._gauges.items():
            yield GaugeMetricFamily(f"kerbwatch_{name}", name.replace("_", " "), value=value_of())
        try:
            yield from list(self._from_database())
            reachable = 1.0
        except SQLAlchemyError:
            reachable = 0.0
        yield GaugeMetricFamily("kerbwatch_database_up", "Whether the case database answers.", value=reachable)

    def _nodes(self) -> Iterator[Metric]:
        labels = ["site", "node"]
        online = GaugeMetricFamily("kerbwatch_node_online", "Whether the node says it is online.", labels=labels)
        waiting = GaugeMetricFamily("kerbwatch_node_spool_depth", "Events waiting on the node.", labels=labels)
        for node in self._cases.nodes():
            online.add_metric([node.site, node.node], float(node.state == "online"))
            waiting.add_metric([node.site, node.node], float(node.status.get("spool_depth", 0)))
        yield online
        yield waiting

    def _permitted(self) -> Iterator[Metric]:
        """By camera and category alone: zones and trades are words of a node's file, and are on the Nodes page."""
        family = CounterMetricFamily(
            "kerbwatch_permitted_visits",
            "Visits that a permit or a zone's purpose allowed, since each camera's first start.",
            labels=["site", "node", "camera", "category"],
        )
        unreadable = 0
        for node in self._cases.nodes():
            try:
                told = NodeStatus.model_validate_json(json.dumps(node.status))
            except ValidationError:
                unreadable += 1
                continue
            visits: Counter[tuple[str, str]] = Counter()
            for camera in told.cameras:
                for one in camera.permitted:
                    visits[camera.name, one.category.value] += one.visits
            for (name, category), count in sorted(visits.items()):
                family.add_metric([node.site, node.node, name, category], count)
        yield family
        yield GaugeMetricFamily(
            "kerbwatch_node_status_unreadable", "Nodes whose last status cannot be read here.", value=unreadable
        )

    def _messages(self) -> Iterator[Metric]:
        outcomes = self._outcomes()
        messages = CounterMetricFamily("kerbwatch_messages", "Messages taken in, by outcome.", labels=["outcome"])
        for kind in OutcomeKind:
            messages.add_metric(
                [kind.value], sum(count for (name, _), count in outcomes.items() if name == kind.value)
            )
        yield messages
        dead = CounterMetricFamily("kerbwatch_dead_letters", "Messages refused, by reason.", labels=["reason"])
        for (name, reason), count in sorted(outcomes.items()):
            if name == OutcomeKind.DEAD_LETTER.value:
                dead.add_metric([reason], count)
        yield dead

    def _from_database(self) -> Iterator[Metric]:
        cases = GaugeMetricFamily("kerbwatch_cases", "Cases by state.", labels=["state"])
        for state, count in self._cases.counts().items():
            cases.add_metric([state.value], count)
        yield cases
        yield from self._nodes()
        yield from self._permitted()
        active = len(self._cases.mutes(active_only=True))
        yield GaugeMetricFamily("kerbwatch_mutes_active", "Active mutes.", value=active)
        with self._database.read() as session:
            muted = session.scalar(
                select(func.count()).select_from(IncidentRow).where(IncidentRow.muted_by.is_not(None))
            )
        yield GaugeMetricFamily("kerbwatch_incidents_muted", "Incidents silenced by a mute.", value=muted or 0)
        if self._outbox is not None:
            depth, age = self._outbox.depth_and_age()
            yield GaugeMetricFamily("kerbwatch_outbox_depth", "Points waiting to be written.", value=depth)
            yield GaugeMetricFamily("kerbwatch_outbox_age_seconds", "Age of the oldest of them.", value=age)


def registry_of(collector: Collector) -> CollectorRegistry:
    """A registry of its own, so that several services can live in one process."""
    registry = CollectorRegistry()
    registry.register(collector)
    return registry
