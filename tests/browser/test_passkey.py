"""A passkey in a real browser, with a device that Chromium plays: set up, then signed in with alone."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from portal.models import User
from tests.cast import PASSWORD

Visit = Callable[..., object]


def give_device(page: Page) -> None:
    """A phone's own lock, which always finds its owner."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in_by_password(page: Page, user: User) -> None:
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator(".menu-account summary").click()
    page.locator(".menu-account").get_by_role("button", name="Sign out").click()


@pytest.mark.parametrize("word", ["clinician", "family"])
def test_a_passkey_is_set_up_and_signs_in_alone(
    word: str, visit: Visit, settings: Settings, request: pytest.FixtureRequest
) -> None:
    """Staff are led there by themselves; later no password is typed, and guesses at it shut nobody out."""
    settings.SECOND_FACTOR_DEMANDED = True
    user = request.getfixturevalue(word)
    visitor = visit()
    visitor.base = visitor.base.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    page = visitor.open("/accounts/login/")
    give_device(page)
    sign_in_by_password(page, user)
    if word == "family":
        page.goto(f"{visitor.base}/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("A name for it").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{visitor.base}/accounts/2fa/webauthn/")
    expect(page.get_by_role("row", name="My phone")).to_be_visible()

    sign_out(page)
    somebody = Client(REMOTE_ADDR="10.0.0.9")
    for number in range(8):  # so many that the password itself is not looked at for a while
        somebody.post("/accounts/login/", {"login": user.email, "password": f"wrong guess {number}"})
    refused = somebody.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert refused.status_code == 200
    page.goto(f"{visitor.base}/accounts/login/?next=/accounts/sessions/")
    page.get_by_label("Keep me signed in").check()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    cookie = next(each for each in page.context.cookies() if each["name"] == "sessionid")
    assert cookie["expires"] > 0  # the box was ticked, so the cookie stays
    # A sign-in with the passkey is a fresh proof: no question on the way to the codes.
    page.goto(f"{visitor.base}/accounts/2fa/recovery-codes/")
    expect(page.get_by_text("10 of 10 are left")).to_be_visible()


def test_a_passkey_is_the_second_step_and_a_proof(visit: Visit, clinician: User) -> None:
    visitor = visit()
    visitor.base = visitor.base.replace("127.0.0.1", "localhost")
    page = visitor.open("/accounts/login/")
    give_device(page)
    sign_in_by_password(page, clinician)
    page.goto(f"{visitor.base}/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    page.goto(f"{visitor.base}/accounts/login/")
    sign_in_by_password(page, clinician)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".menu-account")).to_be_visible()
    page.goto(f"{visitor.base}/accounts/2fa/webauthn/reauthenticate/?next=/accounts/sessions/")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()


def test_without_a_device_the_page_says_so(visit: Visit, clinician: User) -> None:
    visitor = visit()
    visitor.base = visitor.base.replace("127.0.0.1", "localhost")
    page = visitor.open("/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no device')) }")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That did not work")).to_be_visible()
