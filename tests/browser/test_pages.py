"""The pages in a real browser, over a database that partners filled with hostile text."""

import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from hub.store.events import record_event
from hub.store.tables import message
from tests.browser.conftest import DESKTOP, PHONE, Site, Visit, open_visit
from tests.browser.hub import TOKEN
from tests.browser.seed import IMAGE, SCRIPT, Seed

pytestmark = pytest.mark.peer("chromium")

SCREENS = ["/messages", "/messages/{bad}", "/messages/{order_message}", "/messages/{failed}", "/messages/{hostile}"]
SCREENS += [
    "/messages/{json}",
    "/orders",
    "/orders/{order}",
    "/deadlines",
    "/incidents",
    "/connections",
    "/connections/harbor/sftp",
    "/audit",
    "/messages?q=nothing-has-this-key",
]


def settled(page: Page) -> Page:
    """The screen has what it asked the hub for."""
    shown = ".detail details" if "/messages/" in page.url else "tr[data-id], .grid, .state-title"
    expect(page.locator(shown).first).to_be_visible()
    expect(page.locator(".state-title", has_text="Loading")).to_have_count(0)
    return page


def test_the_list_shows_newest_first_with_three_statuses(desktop: Visit) -> None:
    page = desktop.page
    first = page.locator("tr[data-id]").first
    expect(first.locator(".c-reference")).to_have_text("#1043")
    expect(first.locator('[data-field="validation"]')).to_have_attribute("data-value", "pending")
    expect(page.locator("th.c-time")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("caption").first).to_have_text("Messages, newest first")
    ids = page.locator("tr[data-id]").evaluate_all("rows => rows.map(row => row.dataset.id)")
    assert len(ids) == 50
    assert ids == sorted(ids, reverse=True)
    assert page.locator("tr[data-id]:visible").nth(20).bounding_box()["y"] < 900  # type: ignore[index]
    expect(page.locator("#live")).to_have_text("Live")
    assert desktop.is_clean()


def test_older_messages_follow_without_gap_or_repeat(desktop: Visit) -> None:
    page = desktop.page
    with desktop.site.hub.database.read() as conn:
        every = len(conn.execute(message.select()).all())
    while page.locator(".older").is_visible():
        before = page.locator("tr[data-id]").count()
        page.locator(".older").click()
        expect(page.locator("tr[data-id]")).not_to_have_count(before)
    ids = page.locator("tr[data-id]").evaluate_all("rows => rows.map(row => row.dataset.id)")
    assert len(ids) == len(set(ids)) == every


def test_orders_are_found_by_key_partner_and_how_far_they_are(desktop: Visit) -> None:
    page = desktop.go("/orders")
    page.keyboard.press("/")
    page.keyboard.type("1Z999")
    page.keyboard.press("Enter")
    row = page.locator(".grid tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("partly shipped")
    expect(page.get_by_label("Order number, or any key")).to_be_focused()
    page.get_by_label("How far").select_option("open")
    expect(page).to_have_url(re.compile(r"/orders\?q=1Z999&state=open$"))
    expect(row).to_have_count(1)
    page.get_by_label("How far").select_option("cancelled")
    expect(page.locator(".state")).to_contain_text("No order is like that.")
    expect(page.get_by_role("link", name="Search the messages for 1Z999")).to_be_visible()
    page.get_by_role("link", name="Show all", exact=True).click()
    page.get_by_role("link", name="4500012874").click()
    expect(page.locator("h1")).to_have_text("Order 4500012874")
    assert desktop.is_clean()


def test_search_finds_a_business_key_by_its_beginning(desktop: Visit) -> None:
    page = desktop.page
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("00012345678")
    expect(page.locator("tr[data-id]")).to_have_count(1)
    expect(page.locator("tr[data-id] .c-message")).to_contain_text("856")
    assert "q=00012345678" in page.url
    page.locator("#search").fill("nothing-has-this-key")
    expect(page.locator(".state")).to_contain_text("No message fits.")
    page.get_by_role("button", name="Show all messages").click()
    expect(page.locator("tr[data-id]")).to_have_count(50)
    assert desktop.is_clean()


def test_filters_stay_in_the_address(desktop: Visit) -> None:
    page = desktop.page
    page.get_by_role("button", name=re.compile("^Need a person")).click()
    expect(page.locator("tr.problem")).to_have_count(4)
    expect(page.locator("tr[data-id]")).to_have_count(4)
    page.locator("select[data-filter=partner]").select_option("harbor")
    expect(page.locator("tr[data-id]")).to_have_count(1)
    page.reload()
    expect(page.locator("tr[data-id]")).to_have_count(1)
    expect(page.locator("button[data-status=problem]")).to_have_attribute("aria-pressed", "true")


def test_a_finding_stands_at_the_very_element(desktop: Visit) -> None:
    page = settled(desktop.go(f"/messages/{desktop.site.ids['bad']}"))
    marks = page.locator(".raw mark")
    expect(marks).to_have_text(["20261324", "XX", ""])
    expect(marks.last).to_have_class(re.compile("missing"))
    wrong = page.locator(".raw li", has=page.locator("mark", has_text="XX"))
    expect(wrong).to_have_attribute("value", "5")
    expect(page.locator(".raw-note").nth(1)).to_contain_text("PO103 of line 1 is XX")
    expect(page.locator(".findings")).to_contain_text("CA, EA or PK")
    expect(page.locator(".alert").first).to_contain_text("Validation rejected")
    assert desktop.is_clean()


def test_a_message_shows_what_came_of_it_and_links_to_its_order(desktop: Visit) -> None:
    page = settled(desktop.go(f"/messages/{desktop.site.ids['order_message']}"))
    expect(page.locator("#section-produced")).to_contain_text("940")
    expect(page.locator("#section-acknowledgements")).to_contain_text("997")
    expect(page.locator("#section-related li")).to_have_count(4)
    expect(page.locator(".json")).to_contain_text('"document": "Order"')
    page.locator("#section-related a", has_text="810").click()
    expect(page.locator(".detail h1")).to_have_text("INV-90441")
    expect(page.locator("#section-cause, #section-deliveries").first).to_be_visible()
    page.get_by_role("link", name="Open the order").click()
    expect(page.locator("h1")).to_have_text("Order 4500012874")
    assert desktop.is_clean()


def test_a_message_scrolls_in_its_own_box(desktop: Visit) -> None:
    page = desktop.page
    page.goto(f"{desktop.site.url}/messages/{desktop.site.ids['order_message']}")
    settled(page)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_attempts_say_what_the_other_side_said(desktop: Visit) -> None:
    page = settled(desktop.go(f"/messages/{desktop.site.ids['failed']}"))
    rows = page.locator("#section-deliveries tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("permanent")
    expect(rows.last).to_contain_text("refused the key of northwind")


def test_resend_asks_first_and_says_why_not(desktop: Visit) -> None:
    page, asked = desktop.page, desktop.site.hub.operations.asked
    failed, bad = desktop.site.ids["failed"], desktop.site.ids["bad"]
    settled(desktop.go(f"/messages/{failed}"))
    before = len(asked)
    page.get_by_role("button", name="Resend…").click()
    expect(page.locator("dialog")).to_contain_text("The same bytes go out again")
    expect(page.locator("dialog .changes li")).to_have_text("Delivery failed → queued")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("dialog")).to_have_count(0)
    assert len(asked) == before
    page.keyboard.press("r")
    page.get_by_role("button", name="Resend", exact=True).click()
    expect(page.locator("dialog")).to_have_count(0)
    assert asked[before:] == [("resend", failed, "admin")]
    settled(desktop.go(f"/messages/{bad}"))
    page.get_by_role("button", name="Replay…").click()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.locator("dialog .changes .alert")).to_contain_text("has been erased")
    expect(page.locator("dialog [role=alert]")).to_contain_text("has been erased")


def test_the_order_grid_marks_what_is_short(desktop: Visit) -> None:
    page = settled(desktop.go(f"/orders/{desktop.site.ids['order']}"))
    heads = page.locator(".grid thead th").all_inner_texts()
    assert heads == ["Line", "Item", "ordered", "accepted", "released", "shipped", "invoiced"]
    first = page.locator(".grid tbody tr").first
    expect(first.locator("td").nth(1)).to_have_text("48 EA")
    expect(first.locator("td.short").first).to_contain_text("46")
    expect(first.locator("td.short").first).to_contain_text("2 less than wanted")
    expect(page.locator(".timeline li")).to_have_count(8)
    expect(page.locator(".page-head")).to_contain_text("partly shipped")
    expect(page.locator(".plain-list").first).to_contain_text("harbor")
    assert desktop.is_clean()


def test_the_keyboard_moves_opens_and_closes(desktop: Visit) -> None:
    page = desktop.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = page.locator("tr[aria-current]")
    second = page.locator("tr[data-id]").nth(1).get_attribute("data-id")
    expect(chosen).to_have_attribute("data-id", second or "")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{second}")
    expect(page.locator(".detail h1")).to_have_text("#1042")
    page.keyboard.press("j")
    expect(page.locator(".detail h1")).to_have_text(SCRIPT)
    page.keyboard.press("Escape")
    expect(page.locator(".detail")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next, previous message")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.locator("h1")).to_have_text("Incidents")
    page.go_back()
    expect(page.locator("tr[data-id]").first).to_be_visible()
    assert desktop.is_clean()


def test_new_messages_wait_and_changed_ones_change_in_place(chromium: Browser, own_site: Site) -> None:
    visit = open_visit(chromium, own_site, size=DESKTOP)
    page, database = visit.page, own_site.hub.database
    expect(page.locator("#live")).to_have_text("Live")
    top = page.locator("tr[data-id]").first.get_attribute("data-id") or ""
    page.wait_for_timeout(1200)  # the stream notes where it stands at its first look
    now = datetime.now(UTC)
    with database.begin() as conn:
        sent = Seed(conn, now).send(0, "in", "bluebird", "850", f"NEW-{now.timestamp()}", kind="Order")
        conn.execute(message.update().where(message.c.id == top).values(validation="accepted"))
        record_event(conn, now, "message", top, "checked")
    expect(page.locator(".news")).to_have_text("1 new")
    expect(page.locator(f'tr[data-id="{top}"] [data-field="validation"]')).to_have_attribute("data-value", "accepted")
    expect(page.locator("tr[data-id]").first).to_have_attribute("data-id", top)
    page.locator(".news").click()
    expect(page.locator("tr[data-id]").first).to_have_attribute("data-id", sent["message"])
    assert visit.is_clean()
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_is_accessible_clean_and_fits(
    chromium: Browser, site: Site, size: dict[str, int], scheme: str
) -> None:
    visit = open_visit(chromium, site, size=size, scheme=scheme)
    for screen in SCREENS:
        page = settled(visit.go(screen.format(**site.ids)))
        found = Axe().run(page)
        assert found.violations_count == 0, f"{screen}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, screen
        assert visit.is_clean()
    visit.page.context.close()


def test_hostile_text_is_shown_and_nothing_else(desktop: Visit) -> None:
    page = settled(desktop.go(f"/messages/{desktop.site.ids['hostile']}"))
    expect(page.locator(".detail h1")).to_have_text(SCRIPT)
    expect(page.locator(".raw mark")).to_contain_text(SCRIPT)
    expect(page.locator(".findings")).to_contain_text(IMAGE)
    assert page.locator("img").count() == 1  # ours, in the bar
    assert page.locator("body script").count() == 0
    assert desktop.is_clean()


def test_the_theme_follows_the_system_and_can_be_chosen(chromium: Browser, site: Site) -> None:
    visit = open_visit(chromium, site, size=DESKTOP, scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = visit.page.evaluate(ground)
    visit.page.get_by_role("button", name="Light or dark").click()
    light = visit.page.evaluate(ground)
    assert (dark, light) == ("rgb(16, 18, 22)", "rgb(246, 247, 249)")
    visit.page.reload()
    assert visit.page.evaluate(ground) == light
    visit.page.context.close()


def test_times_switch_between_utc_and_local(desktop: Visit) -> None:
    page = desktop.page
    cell = page.locator("tr[data-id] hub-time").first
    expect(cell).to_have_attribute("title", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$"))
    page.locator("#zone").click()
    expect(cell).to_have_attribute("title", re.compile("local$"))


def test_the_phone_shows_cards_and_a_message_instead_of_the_list(phone: Visit) -> None:
    page = phone.page
    row = page.locator("tr[data-id]").first
    assert row.bounding_box()["width"] <= 390  # type: ignore[index]
    targets = page.locator("button:visible, select:visible, input:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 36).map(one => one.outerHTML)"
    )
    assert targets == []
    row.click()
    expect(page.locator(".detail h1")).to_have_text("#1043")
    expect(row).to_be_hidden()
    page.get_by_role("link", name="Close the message").click()
    expect(row).to_be_visible()
    assert phone.is_clean()


def test_without_a_session_the_page_asks_for_the_token(chromium: Browser, site: Site) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{site.url}/messages")
    field = page.get_by_label("Token")
    field.fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The token is not one of this hub's.")
    field.fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("tr[data-id]").first).to_be_visible()
    page.context.close()


def test_an_error_says_what_to_do(desktop: Visit) -> None:
    page = desktop.page
    page.route("**/api/messages?*", lambda route: route.abort())
    page.get_by_role("button", name=re.compile("^Done")).click()
    expect(page.locator(".state")).to_contain_text("The hub does not answer.")
    page.unroute("**/api/messages?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("tr[data-id]").first).to_be_visible()


def test_a_message_that_does_not_exist_is_said_to_be_none(desktop: Visit) -> None:
    desktop.go("/messages/none")
    expect(desktop.page.locator("hub-message .state")).to_contain_text("There is no message none.")


def test_deadlines_rank_by_the_money_at_risk(desktop: Visit) -> None:
    page = settled(desktop.go("/deadlines"))
    rows = page.locator("table").first.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("400 USD")
    expect(rows.first).to_contain_text("due soon")
    expect(rows.last).to_contain_text("missed")
    expect(page.locator("table").last).to_contain_text("silent")
    assert desktop.is_clean()
