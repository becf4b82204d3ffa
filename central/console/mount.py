"""Puts the console on the centre's web application."""

from __future__ import annotations

import logging
from uuid import UUID

from fastapi import FastAPI, Request
from nicegui import ui

from alerts.cases import CaseService
from central.console.case_page import CasePageView
from central.console.cases_page import CasesPage
from central.console.civil import DEFAULT_ZONE, CivilTime
from central.console.feed import Feed
from central.console.frame import Console
from central.console.mutes_page import MutesPage
from central.console.nodes_page import NodesPage
from central.console.queue_page import QueuePage
from ingest.clock import Clock, SystemClock


def mount(app: FastAPI, cases: CaseService, *, zone: str = DEFAULT_ZONE, clock: Clock | None = None) -> None:
    """Serve the console's pages at ``/``, ``/cases``, ``/mutes`` and ``/nodes`` of ``app``.

    Call it once per process and after every other route: NiceGUI keeps its pages in a process-wide application
    that answers whatever ``app`` itself does not. Nothing is written to disk; the operator's name lives in a
    browser cookie, so no storage secret is needed.

    Args:
        app: The centre's application; whatever guards it guards the console too.
        cases: The case database.
        zone: IANA name of the civil time zone shown.
        clock: Injected by tests.

    Raises:
        ValueError: The time zone is unknown.
    """
    ticking = clock or SystemClock()
    _pages(Console(cases, Feed(cases, ticking), CivilTime(zone), ticking))
    # A browser that lost its connection for less than this keeps its page and its selection.
    ui.run_with(
        app, title="Kerbwatch", dark=True, tailwind=False, reconnect_timeout=30.0, show_welcome_message=False
    )
    logging.getLogger("nicegui").setLevel(logging.WARNING)


def _pages(console: Console) -> None:
    @ui.page("/", title="Queue · Kerbwatch")
    def queue(request: Request) -> None:
        QueuePage(console, request.cookies)

    @ui.page("/cases", title="Cases · Kerbwatch")
    async def cases(request: Request, state: str = "", page: int = 1) -> None:
        await CasesPage(console, request.cookies, state, page).build()

    @ui.page("/cases/{case_id}", title="Case · Kerbwatch")
    async def case(request: Request, case_id: UUID) -> None:
        await CasePageView(console, request.cookies, case_id).build()

    @ui.page("/mutes", title="Mutes · Kerbwatch")
    async def mutes(request: Request) -> None:
        await MutesPage(console, request.cookies).build()

    @ui.page("/nodes", title="Nodes · Kerbwatch")
    def nodes(request: Request) -> None:
        NodesPage(console, request.cookies)
