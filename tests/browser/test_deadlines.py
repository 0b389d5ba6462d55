"""What is owed, on the page of a whole hub: a person closes it with a reason."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from hub.store.audit import list_audit
from hub.store.tables import obligation
from tests.browser.conftest import PHONE, Site, open_visit
from tests.browser.hub import TOKEN, serving
from tests.hubs import Bench, order, x12

pytestmark = pytest.mark.peer("chromium")


@pytest.fixture
def site(sqlite_bench: Bench) -> Iterator[Site]:
    """An order that is held, and its answer owed."""
    bench = sqlite_bench
    bench.hub.tokens = {"admin": TOKEN}
    with (bench.folder / "partners/bluebird/partner.toml").open("a") as file:
        file.write('\n[[obligation]]\nkind = "order_response"\npenalty = "50 USD"\n')
    bench.publish()
    bench.pass_by(x12(order("PO-2", ("1", "XX-1", "3", "2.00"))))
    with serving(bench.hub) as url:  # type: ignore[arg-type] # the whole hub in place of the small one
        yield Site(url, bench.hub, {})  # type: ignore[arg-type]


def test_a_person_closes_an_obligation(chromium: Browser, site: Site, sqlite_bench: Bench) -> None:
    visit = open_visit(chromium, site, size=PHONE)
    page = visit.go("/deadlines")
    page.get_by_role("button", name="Close the order_response of PO-2").click()
    page.get_by_label("Reason").fill("answered by phone")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".state-title")).to_have_text("Nothing is owed.")
    assert sqlite_bench.row(obligation)["state"] == "closed"
    with sqlite_bench.hub.database.read() as conn:
        (entry,) = list_audit(conn)
    assert (entry.action, entry.subject_type, entry.reason) == ("close", "obligation", "answered by phone")
    assert visit.is_clean()
    page.context.close()
