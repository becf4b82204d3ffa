"""The review queue as an operator meets it: real browser, real console, real case database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.lifecycle import CaseState, DismissalReason
from central.console.feed import QUEUE_LIMIT
from ingest.messages import CameraStatus, NodeStatus, PermittedVisits
from ingest.taxonomy import Category
from tests.central.console.conftest import Centre
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SitDown = Callable[[str], Page]
MARKUP = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>&lt;b&gt;'


def selected(page: Page) -> str | None:
    """The number of the selected case."""
    return page.locator(".item.selected").get_attribute("data-case")


def settled(page: Page) -> None:
    """Wait until the page takes a confirm for the case in front."""
    expect(page.locator(".decide .confirm:not(.settling)")).to_be_visible()


def press_twice(page: Page, key: str) -> None:
    """Both presses reach the page in the same moment, however busy the machine is."""
    page.evaluate(
        """key => {
            for (const type of ["keydown", "keyup", "keydown", "keyup"])
                document.dispatchEvent(new KeyboardEvent(type, {key, code: `Key${key.toUpperCase()}`}));
        }""",
        key,
    )


def test_a_case_shows_its_picture_with_zone_and_box_over_it(centre: Centre, sit_down: SitDown) -> None:
    number = centre.report("van", pictures=(centre.picture(),))
    page = sit_down("Li Wei")
    expect(page.locator(".item.selected")).to_have_attribute("data-case", str(number))
    page.wait_for_function("document.querySelector('.stage img')?.naturalWidth === 640")
    expect(page.locator(".stage svg polygon").last).to_have_attribute(
        "points", "64.0,48.0 576.0,48.0 576.0,432.0 64.0,432.0"
    )
    expect(page.locator(".stage svg rect").last).to_have_attribute("x", "32.0")
    expect(page.locator(".facts")).to_contain_text("stood 20 s in no-stopping")
    expect(page.locator(".facts")).to_contain_text("xuhui / junction-17 / north")
    expect(page.locator(".operator")).to_contain_text("Li Wei")


def test_a_picture_that_has_not_arrived_is_said_to_be_on_its_way_and_then_shown(
    centre: Centre, sit_down: SitDown
) -> None:
    centre.report("van", pictures=(centre.picture(arrived=False),))
    page = sit_down("Li Wei")
    expect(page.locator(".stage .veil")).to_contain_text("on its way")
    centre.picture()
    page.wait_for_function("document.querySelector('.stage img')?.naturalWidth === 640")
    expect(page.locator(".stage")).not_to_contain_text("on its way")


def test_f_files_the_case_in_front_and_moves_to_the_next(centre: Centre, sit_down: SitDown) -> None:
    numbers = {str(centre.report(name)) for name in ("one", "two", "three")}
    page = sit_down("Li Wei")
    expect(page.locator(".item")).to_have_count(3)
    filed = selected(page)
    assert filed in numbers
    settled(page)
    page.keyboard.press("f")
    expect(page.locator(".item")).to_have_count(2)
    expect(page.locator(".said")).to_contain_text(f"#{filed} filed")
    assert selected(page) in numbers - {filed}
    case = centre.cases.list_cases(states=[CaseState.FILED]).cases[0]
    assert (str(case.number), case.decision and case.decision.operator) == (filed, "Li Wei")


def test_a_key_pressed_twice_files_only_the_case_that_was_seen(centre: Centre, sit_down: SitDown) -> None:
    for name in ("one", "two", "three"):
        centre.report(name)
    page = sit_down("Li Wei")
    expect(page.locator(".item")).to_have_count(3)
    settled(page)
    press_twice(page, "f")
    expect(page.locator(".item")).to_have_count(2)
    # Whatever the second key did, it has been handled once a later one shows its effect.
    page.keyboard.press("d")
    expect(page.locator(".reasons")).to_be_visible()
    assert centre.cases.counts()[CaseState.FILED] == 1


def test_the_confirm_button_is_dimmed_while_a_confirm_would_not_be_taken(
    centre: Centre, sit_down: SitDown
) -> None:
    for name in ("one", "two"):
        centre.report(name)
    page = sit_down("Li Wei")
    settled(page)
    page.evaluate(
        """() => new MutationObserver(() => {
            window.dimmed ||= document.querySelector(".decide .confirm.settling[aria-disabled=true]") !== null;
        }).observe(document.querySelector(".decide"), {attributes: true, subtree: true})"""
    )
    page.keyboard.press("f")
    page.wait_for_function("window.dimmed")
    expect(page.locator(".item")).to_have_count(1)  # on a busy machine the decided case stays for a while
    settled(page)
    page.keyboard.press("f")
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    assert centre.cases.counts()[CaseState.FILED] == 2


def test_enter_on_a_focused_button_or_link_never_confirms_the_case(centre: Centre, sit_down: SitDown) -> None:
    centre.report("one")
    page = sit_down("Li Wei")
    expect(page.locator(".item.selected")).to_have_count(1)
    settled(page)
    page.locator(".tab").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/nodes")
    page.goto(centre.url)
    expect(page.locator(".item.selected")).to_have_count(1)
    settled(page)
    page.locator(".act.dismiss").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".reasons")).to_be_visible()
    assert centre.cases.counts()[CaseState.PENDING_REVIEW] == 1


def test_d_then_4_dismisses_as_false_detection_and_the_mute_can_be_revoked(
    centre: Centre, sit_down: SitDown
) -> None:
    number = centre.report("shadow")
    page = sit_down("Li Wei")
    expect(page.locator(".item")).to_have_count(1)
    page.keyboard.press("4")
    page.keyboard.press("d")
    expect(page.get_by_text("mutes this spot for 30 days")).to_be_visible()
    page.keyboard.press("4")
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    decision = centre.cases.list_cases(states=[CaseState.VOIDED]).cases[0].decision
    assert decision is not None
    assert decision.reason is DismissalReason.FALSE_DETECTION
    page.goto(centre.url + "/mutes")
    row = page.locator("tbody tr")
    expect(row).to_contain_text(f"#{number}")
    expect(row).to_contain_text("active")
    row.get_by_text("Revoke").click()
    expect(row).to_contain_text("revoked by Li Wei")
    assert not any(mute.active for mute in centre.cases.mutes())


def test_the_slower_of_two_operators_is_told_who_won_and_moved_on(centre: Centre, sit_down: SitDown) -> None:
    centre.report("one")
    number = centre.report("two")
    first, second = sit_down("Li Wei"), sit_down("王芳")
    for page in (first, second):
        expect(page.locator(".item.selected")).to_have_attribute("data-case", str(number))
        settled(page)
    first.keyboard.press("f")
    wait_for(lambda: centre.cases.counts()[CaseState.FILED], what="the first decision")
    second.keyboard.press("f")
    expect(first.locator(".said")).to_contain_text(f"#{number} filed")
    expect(second.locator(".said")).to_contain_text(f"#{number}: Li Wei was first: filed")
    expect(second.locator(".item")).to_have_count(1)
    decisions = [line.actor for case in centre.cases.list_cases().cases for line in centre.cases.history(case.id)]
    assert "王芳" not in decisions


def test_a_new_case_appears_without_reload_and_takes_no_selection_away(centre: Centre, sit_down: SitDown) -> None:
    centre.report("one")
    centre.report("two")
    page = sit_down("Li Wei")
    expect(page.locator(".item")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator(".item").last).to_have_class("item selected")
    before = selected(page)
    number = centre.report("three")
    expect(page.locator(f".item[data-case='{number}']")).to_be_visible()
    assert selected(page) == before
    expect(page.locator(".tab .count")).to_have_text("3")


def test_a_long_queue_says_how_many_follow_and_a_live_case_comes_in_at_its_place(
    centre: Centre, sit_down: SitDown
) -> None:
    for number in range(QUEUE_LIMIT + 3):
        centre.report(f"case-{number}")
    page = sit_down("Li Wei")
    expect(page.locator(".item")).to_have_count(QUEUE_LIMIT)
    expect(page.locator(".more")).to_have_text("and 3 more, which move up as you decide")
    newest = str(centre.report("newest"))
    expect(page.locator(".item").first).to_have_attribute("data-case", newest)
    order = [str(case.number) for case in centre.cases.queue(QUEUE_LIMIT)]
    expect(page.locator(".item")).to_have_count(QUEUE_LIMIT)
    assert page.locator(".item").evaluate_all("items => items.map(item => item.dataset.case)") == order


def test_the_nodes_page_shows_what_a_node_last_said(centre: Centre, sit_down: SitDown) -> None:
    fair = PermittedVisits(zone="fair", category=Category.STREET_VENDOR, trade="<b>snacks</b>", visits=1204)
    blind = CameraStatus(
        name="lane-2", state="blind", looks=51, looks_failed=9, detail="lens blocked", permitted=(fair,)
    )
    centre.status(NodeStatus(state="online", software="kerbwatch 0.1.0", cameras=(blind,), spool_depth=7))
    page = sit_down("Li Wei")
    page.goto(centre.url + "/nodes")
    card = page.locator(".card")
    expect(card).to_contain_text("xuhui / junction-17")
    expect(card).to_contain_text("online")
    expect(card).to_contain_text("waiting to be sent 7 events")
    expect(card).to_contain_text("lens blocked")
    expect(card).to_contain_text("Street vendor 占道经营")
    expect(card).to_contain_text("<b>snacks</b>")
    expect(card).to_contain_text("1,204")
    centre.status(NodeStatus(state="offline", software="kerbwatch 0.1.0"))
    expect(card).to_contain_text("offline")


def test_markup_from_outside_stays_text_everywhere(centre: Centre, sit_down: SitDown) -> None:
    centre.report("hostile", why=MARKUP)
    page = sit_down("<i onclick=1>Eve")
    expect(page.locator(".why")).to_have_text(MARKUP)
    expect(page.locator(".operator")).to_contain_text("<i onclick=1>Eve")
    page.keyboard.press("d")
    page.keyboard.press("1")
    wait_for(lambda: centre.cases.counts()[CaseState.VOIDED], what="dismissal")
    for path in ("/cases", f"/cases/{centre.cases.list_cases().cases[0].id}"):
        page.goto(centre.url + path)
        expect(page.locator(".page, .case")).to_contain_text("<i onclick=1>Eve")
        assert page.locator("img[src='x'], i[onclick]").count() == 0
    assert page.evaluate("window.pwned") is None


def test_the_console_asks_no_other_host_and_writes_nothing_of_its_own(centre: Centre, sit_down: SitDown) -> None:
    centre.report("one")
    page = sit_down("Li Wei")
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    for path in ("/", "/cases", "/mutes", "/nodes"):
        page.goto(centre.url + path)
        expect(page.locator(".feed")).to_contain_text("live")
    assert hosts - {None} == {"127.0.0.1"}
    written = {path.name.split("-")[0] for path in centre.folder.iterdir()}
    assert written <= {"centre.db", "centre.key", "pictures", "central.toml", "log.txt"}


def test_an_unknown_case_is_said_to_be_unknown(centre: Centre, sit_down: SitDown) -> None:
    page = sit_down("Li Wei")
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    page.goto(centre.url + "/cases/00000000-0000-7000-8000-000000000000")
    expect(page.locator(".page, .case")).to_contain_text("No such case")


def test_behind_a_token_every_page_leads_to_the_login_and_works_after_it(tmp_path: Path, browser: Browser) -> None:
    token = "correct-horse-battery-staple"
    locked = Centre(tmp_path, token)
    try:
        page = browser.new_page()
        for path in ("/", "/cases", "/mutes", "/nodes"):
            page.goto(locked.url + path)
            assert urlsplit(page.url).path == "/login"
        page.fill("#token", token)
        page.keyboard.press("Enter")
        page.fill(".sheet input", "Li Wei")
        page.keyboard.press("Enter")
        expect(page.locator(".feed")).to_contain_text("live")
        page.get_by_label("Log out").click()
        page.wait_for_url("**/login")
        page.close()
    finally:
        locked.stop()
