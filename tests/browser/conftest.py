"""A real Chromium against a live server; every page is watched for errors and foreign requests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from portal.models import User
from tests.conftest import CHROMIUM

# Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser and a database that other threads see."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True, databases=["default", "owner"]))


@pytest.fixture(scope="module")  # its event loop must not run on into other tests
def chromium() -> Iterator[Browser]:
    """One browser for a module.

    While Playwright's loop runs, Django keeps another set of connections in this thread; the one
    from before would be cut off when a test's database is cloned anew, and be found dead later.
    """
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def faults_seen_by_axe(page: Page) -> list[dict]:
    """What axe-core holds against the page as it is now.

    It does not preload style sheets: for that it copies imported ones into the page, which our policy
    refuses. Only its rule on turned screens reads them, and no sheet of ours asks which way one is held.
    """
    return Axe().run(page, options={"preload": False}).response["violations"]


class Visitor:
    """Opens pages as somebody, and collects what a good page never does."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.faults: list[str] = []
        context.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", lambda request: self._same_host(request.url))
        self.page: Page = context.new_page()

    def _same_host(self, url: str) -> None:
        if not url.startswith((self.base, "blob:", "about:")):
            self.faults.append(f"request to {url}")

    def open(self, path: str) -> Page:
        """Go to an address of the live server."""
        self.page.goto(f"{self.base}{path}")
        return self.page


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer, sign_in: Callable) -> Iterator[Callable[..., Visitor]]:
    """visit(user, size=PHONE, scheme="dark"): a browser of one's own, signed in; no fault may remain."""
    visitors: list[Visitor] = []

    def visiting(
        user: User | None = None, *, size: dict = DESK, scheme: str = "light", **more: object
    ) -> Visitor:
        context = chromium.new_context(viewport=size, color_scheme=scheme, locale="en-GB", **more)
        context.set_default_timeout(10_000)
        if user is not None:
            cookie = sign_in(user).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
        visitors.append(Visitor(context, live_server.url))
        return visitors[-1]

    yield visiting
    for visitor in visitors:
        visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []
