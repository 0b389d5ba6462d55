"""What a person does on the page, with a whole hub behind it."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from hub.store.audit import list_audit
from hub.store.tables import incident, lane
from tests.browser.conftest import DESKTOP, PHONE, Site, Visit, open_visit
from tests.browser.hub import TOKEN, serving
from tests.hubs import Bench, order, x12

pytestmark = pytest.mark.peer("chromium")


@pytest.fixture
def real(sqlite_bench: Bench) -> Iterator[tuple[Bench, Site]]:
    """A 940 that waits for its next try, and an order that is held."""
    bench = sqlite_bench
    bench.hub.tokens = {"admin": TOKEN}
    bench.script("harbor", "transient")
    bench.pass_by(x12(order("PO-1"), order("PO-2", ("1", "XX-1", "3", "2.00"))))
    with serving(bench.hub) as url:  # type: ignore[arg-type] # the whole hub in place of the small one
        yield bench, Site(url, bench.hub, {"sent": bench.message("out", type="940")["id"]})  # type: ignore[arg-type]


def opened(visit: Visit, path: str) -> Visit:
    visit.go(path)
    expect(visit.page.locator(".detail .actions, .grid").first).to_be_visible()
    return visit


def test_a_message_is_held_with_a_reason_and_unheld(chromium: Browser, real: tuple[Bench, Site]) -> None:
    bench, site = real
    visit = opened(open_visit(chromium, site, size=DESKTOP), f"/messages/{site.ids['sent']}")
    page = visit.page
    page.get_by_role("button", name="Hold…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".changes li").first).to_have_text("Delivery queued → held")
    assert bench.row_of(site.ids["sent"])["delivery"] == "queued", "the effect was only tried"
    dialog.get_by_role("button", name="Hold", exact=True).click()
    expect(dialog).to_be_visible()  # no reason, no hold
    dialog.get_by_label("Reason").fill("price is wrong")
    assert Axe().run(page).violations_count == 0
    dialog.get_by_role("button", name="Hold", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".detail")).to_contain_text("price is wrong (admin)")
    expect(page.locator('.detail [data-field="delivery"]').first).to_have_attribute("data-value", "held")
    page.get_by_role("button", name="Unhold…").click()
    dialog.get_by_role("button", name="Unhold", exact=True).click()
    expect(page.locator('.detail [data-field="delivery"]').first).to_have_attribute("data-value", "queued")
    with bench.hub.database.read() as conn:
        told = [(entry.action, entry.actor, entry.reason) for entry in list_audit(conn)]
    assert told == [("unhold", "admin", ""), ("hold", "admin", "price is wrong")]
    assert visit.is_clean()
    page.context.close()


def test_a_message_of_which_nothing_came_says_why(chromium: Browser, real: tuple[Bench, Site]) -> None:
    bench, site = real
    bench.pass_by(x12(order("PO-1"), number=2))
    visit = opened(open_visit(chromium, site, size=DESKTOP), f"/messages/{bench.messages()[-1]['id']}")
    expect(visit.page.locator(".stages")).to_contain_text("the same order again: nothing done")
    bench.pass_by(x12(order("PO-9"), number=3, sender="ZZ:STRANGER"))
    visit.go("/messages")
    expect(visit.page.locator("tr[data-id]").first).to_contain_text("unknown")
    assert "" not in visit.page.locator("select[data-filter=partner] option").all_inner_texts()
    assert visit.is_clean()
    visit.page.context.close()


def test_a_held_message_is_corrected_and_goes_on(chromium: Browser, real: tuple[Bench, Site]) -> None:
    bench, site = real
    held = bench.message(number="PO-2")
    visit = opened(open_visit(chromium, site, size=PHONE), f"/messages/{held['id']}")
    page = visit.page
    page.get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".changes")).to_have_text("Nothing is changed yet.")
    segments = dialog.get_by_label("Segments")
    assert "\nPO1*1*3*EA*2.00*PE*VN*XX-1~\n" in segments.input_value()
    segments.fill(segments.input_value().replace("XX-1", "NW-100"))
    expect(dialog.locator(".changes del")).to_have_text("PO1*1*3*EA*2.00*PE*VN*XX-1~")
    expect(dialog.locator(".changes ins")).to_have_text("PO1*1*3*EA*2.00*PE*VN*NW-100~")
    dialog.get_by_role("button", name="Go on with it").click()
    expect(dialog).to_be_visible()  # no reason, no correction
    dialog.get_by_label("Reason").fill("item number by phone")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    dialog.get_by_role("button", name="Go on with it").click()
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(f"{site.url}/messages/{held['id']}")
    bench.run()  # the worker
    fresh = bench.message(edited_from=held["id"])
    assert (fresh["number"], fresh["validation"]) == ("PO-2", "accepted")
    assert page.url.endswith(fresh["id"])
    assert bench.row_of(held["id"])["validation"] == "ignored"
    assert "harbor 940" in bench.sent(order_id=fresh["order_id"])
    assert visit.is_clean()
    page.context.close()


def test_an_incident_is_closed_with_a_reason_on_a_phone(chromium: Browser, real: tuple[Bench, Site]) -> None:
    bench, site = real
    visit = opened(open_visit(chromium, site, size=PHONE), "/incidents")
    page = visit.page
    page.get_by_role("button", name="Close the incident HUB-8007").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("known, rule comes tomorrow")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".grid tbody")).to_contain_text("resolved")
    expect(page.get_by_role("button", name="Close the incident HUB-8007")).to_have_count(0)
    assert bench.row(incident)["resolved_at"] is not None
    assert visit.is_clean()
    page.context.close()


def test_all_that_fit_are_counted_then_held(chromium: Browser, real: tuple[Bench, Site]) -> None:
    bench, site = real
    visit = open_visit(chromium, site, size=DESKTOP)
    page = visit.page
    page.locator("select[data-filter=partner]").select_option("harbor")
    expect(page.locator("tr[data-id]")).to_have_count(1)
    page.get_by_role("button", name="All that fit…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What to do").select_option("hold")
    expect(dialog.locator(".changes")).to_contain_text("1 message. Nothing more is done with it")
    expect(dialog.locator(".changes li")).to_have_text("1 940 to harbor, queued")
    dialog.get_by_label("Reason").fill("stock count")
    assert Axe().run(page).violations_count == 0
    dialog.get_by_role("button", name="Hold 1 message").click()
    expect(dialog.locator(".changes")).to_contain_text("0 of 1 done")
    bench.run()  # the worker
    expect(dialog).to_have_count(0)
    expect(page.locator('tr[data-id] [data-field="delivery"]')).to_have_attribute("data-value", "held")
    assert visit.is_clean()
    page.context.close()


def test_a_lane_is_paused_with_a_reason_and_resumed_and_the_audit_page_tells(
    chromium: Browser, real: tuple[Bench, Site]
) -> None:
    bench, site = real
    visit = opened(open_visit(chromium, site, size=DESKTOP), "/connections/harbor/drop")
    page = visit.page
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_role("status").get_by_text("It works.")).to_be_visible()
    page.get_by_role("button", name="Pause out/harbor/drop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What is to be sent waits here in its order")
    expect(dialog).to_contain_text("1 piece of work waits in it now.")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(dialog).to_be_visible()  # no reason, no pause
    dialog.get_by_label("Reason").fill("stock count")
    assert Axe().run(page).violations_count == 0
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("tr", has_text="out/harbor/drop")).to_contain_text("paused by admin")
    assert bench.row(lane, name="out/harbor/drop")["paused"]
    page.get_by_role("button", name="Resume out/harbor/drop").click()
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("button", name="Drain out/harbor/drop")).to_be_visible()
    page.goto(f"{site.url}/audit")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").last).to_contain_text("stock count")
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_role("status").get_by_text("The log is as it was written")).to_be_visible()
    assert visit.is_clean()
    page.context.close()


def test_a_lane_is_drained_when_its_work_is_done(chromium: Browser, real: tuple[Bench, Site]) -> None:
    bench, site = real
    visit = opened(open_visit(chromium, site, size=PHONE), "/connections/harbor/drop")
    page = visit.page
    page.get_by_role("button", name="Drain out/harbor/drop").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("moving house")
    dialog.get_by_role("button", name="Drain", exact=True).click()
    expect(dialog).to_have_count(0)
    row = page.locator("tr", has_text="out/harbor/drop")
    expect(row).to_contain_text("draining for admin")
    bench.wait(3600)  # the worker, at the next try
    bench.worker.sweep()
    page.reload()
    expect(row).to_contain_text("paused by admin")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert visit.is_clean()
    page.context.close()
