"""The edge nodes as they last reported (节点状态), refreshed while the page is open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from nicegui import ui
from pydantic import ValidationError

from alerts.views import NodeView
from central.console import words
from central.console.civil import span
from central.console.feed import Snapshot
from central.console.frame import Console, Frame
from central.console.parts import box, empty, status, table, text
from ingest.messages import CameraStatus, NodeStatus, PermittedVisits

PERMITTED_SHOWN = 100
"""Rows of permitted visits shown of one node."""
SILENT_S = 90.0
"""A node that says it is online but was not heard for this long is shown as silent, seconds."""

CAMERA_STATES = {
    "looking": ("visibility", "looking 正常", "live"),
    "starting": ("hourglass_empty", "starting 启动中", "ended"),
    "blind": ("visibility_off", "blind 失明", "warn"),
    "ended": ("stop_circle", "ended 已结束", "ended"),
    "failed": ("error", "failed 故障", "bad"),
}


class NodesPage:
    """One open list of nodes."""

    def __init__(self, console: Console, cookies: Mapping[str, str]) -> None:
        self._console = console
        self._shown: object = None
        self._frame = Frame(console, "/nodes", cookies, self._on_snapshot)
        self._body = box("page")

    async def _on_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.error:
            return
        nodes = await asyncio.to_thread(self._console.cases.nodes)
        now = self._console.clock.now()
        shown = [(node, span(now - node.received_at)) for node in nodes]
        if shown == self._shown:
            return
        self._shown = shown
        self._body.clear()
        with self._body:
            text(f"Nodes 节点 · {len(nodes)}", tag="h1")
            if not nodes:
                empty(
                    "router",
                    "No node has reported yet. 暂无节点",
                    "Start one with: kerbwatch edge --config node.toml",
                )
            for node, age in shown:
                self._card(node, age)

    def _card(self, node: NodeView, age: str) -> None:
        with box("card"):
            with box("row"):
                ui.icon("router").style("font-size: 20px")
                text(f"{node.site} / {node.node}", tag="b")
                self._state(node)
                box("grow")
                last = text(f"last heard {age} ago", "dim")
                last.props["title"] = self._console.civil.full(node.received_at)
            try:
                told = NodeStatus.model_validate_json(_json(node))
            except ValidationError:
                text("Its last status cannot be read by this version of the centre.", "state warn")
                return
            self._told(told)

    def _state(self, node: NodeView) -> None:
        silent = (self._console.clock.now() - node.received_at).total_seconds() > SILENT_S
        if node.state != "online":
            status("cloud_off", "offline 离线", "bad")
        elif silent:
            status("hearing_disabled", "silent 无心跳", "warn")
        else:
            status("cloud_done", "online 在线", "live")

    def _told(self, told: NodeStatus) -> None:
        offset = "unknown" if told.clock_offset_ms is None else f"{told.clock_offset_ms} ms"
        text(
            f"software {told.software} · waiting to be sent {told.spool_depth} events, "
            f"{told.spool_bytes / 1024:.0f} KiB · clock offset {offset}",
            "dim",
        )
        if not told.cameras:
            return
        with table(["Camera 相机", "State 状态", "Last look 最近", "Looks", "Failed", ""]):
            for camera in told.cameras:
                self._camera(camera)
        allowed = [(camera.name, visits) for camera in told.cameras for visits in camera.permitted]
        if allowed:
            self._permitted(allowed)

    def _camera(self, camera: CameraStatus) -> None:
        civil, now = self._console.civil, self._console.clock.now()
        with box(tag="tr"):
            text(camera.name, tag="td")
            with box(tag="td"):
                status(*CAMERA_STATES[camera.state])
            text(civil.moment(camera.last_look, now) if camera.last_look else "never", tag="td")
            text(f"{camera.looks:,}", tag="td")
            text(f"{camera.looks_failed:,}", tag="td")
            text(camera.detail, "dim", "td")

    def _permitted(self, allowed: list[tuple[str, PermittedVisits]]) -> None:
        """What stood where and when it may, so that a permit can be held against what uses it."""
        with table(["Camera 相机", "Zone 区域", "Permitted 许可", "Trade 行业", "Visits 次数"]):
            for camera, one in allowed[:PERMITTED_SHOWN]:
                with box(tag="tr"):
                    text(camera, tag="td")
                    text(one.zone, tag="td")
                    text(words.label(words.CATEGORIES, one.category), tag="td")
                    text(one.trade or "not said", "" if one.trade else "dim", "td")
                    text(f"{one.visits:,}", tag="td")
        if len(allowed) > PERMITTED_SHOWN:
            text(f"and {len(allowed) - PERMITTED_SHOWN} more kinds", "dim")


def _json(node: NodeView) -> str:
    # The stored record holds JSON types; the strict wire model takes those only through its JSON door.
    return json.dumps(node.status)
