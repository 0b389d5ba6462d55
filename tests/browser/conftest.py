"""One Chromium for all tests of the pages, and a server over a seeded database."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.browser.hub import TOKEN, Hub, new_database, serving
from tests.browser.seed import seed

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Site:
    """Where the page is, the hub behind it, and the ids of what was seeded."""

    url: str
    hub: Hub
    ids: dict[str, str]


@dataclass
class Visit:
    """A page that is signed in, and everything it should not have done."""

    page: Page
    site: Site
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def is_clean(self) -> bool:
        """No script of a partner's ran, nothing was logged as an error, nothing was asked of another host."""
        assert self.page.evaluate("window.stolen") is None
        assert self.errors == []
        assert self.elsewhere == []
        return True


def open_site(folder: Path) -> Iterator[Site]:
    database = new_database(folder)
    ids = seed(database)
    hub = Hub(database)
    with serving(hub) as url:
        yield Site(url, hub, ids)
    database.dispose()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Shared by tests that only look."""
    yield from open_site(tmp_path_factory.mktemp("browser"))


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """For a test that changes what is in the database."""
    yield from open_site(tmp_path)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*quiet, "--no-first-run"])
        yield browser
        browser.close()


def open_visit(chromium: Browser, site: Site, *, size: dict[str, int], scheme: str = "light") -> Visit:
    context: BrowserContext = chromium.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    visit = Visit(context.new_page(), site)
    visit.page.set_default_timeout(8000)

    def note(request: Request) -> None:
        if not request.url.startswith(site.url):
            visit.elsewhere.append(request.url)

    visit.page.on("request", note)
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.on("console", lambda said: visit.errors.append(said.text) if said.type in ("error", "warning") else None)
    visit.page.goto(f"{site.url}/?token={TOKEN}")
    visit.page.wait_for_selector("tr[data-id]")
    return visit


@pytest.fixture
def desktop(chromium: Browser, site: Site) -> Iterator[Visit]:
    visit = open_visit(chromium, site, size=DESKTOP)
    yield visit
    visit.page.context.close()


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Visit]:
    visit = open_visit(chromium, site, size=PHONE)
    yield visit
    visit.page.context.close()
