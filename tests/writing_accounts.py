"""Every form by which somebody signs in, proves it again or changes an account, filled in well."""

import time
from collections.abc import Callable

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.test import Client

from portal.identity import acting_as
from portal.models import User
from tests.cast import PASSWORD
from tests.device import Device
from tests.portal.conftest import code_of
from tests.scene import BORN
from tests.writing_offices import Form, Stage
from tracker import people
from tracker.models.seats import Basis, Ground

WHO = "own"  # whose account it is
FRESH = "quite another password"
PASSWORDS = {"password1": FRESH, "password2": FRESH}
SECRET = "JBSWY3DPEHPK3PXP"  # of an authenticator app
PASSKEYS = "/accounts/2fa/webauthn"
SECOND = "second@test.example"


def signed_in(stage: Stage, address: str, **sent: object) -> Form:
    """A form of somebody who proved themselves just now."""
    return Form(stage.browser(WHO), f"/accounts/{address}/", sent)


def half_way(person: User) -> Client:
    """A browser that has told the right password."""
    browser = Client()
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return browser


def login(stage: Stage) -> Form:
    sent: dict[str, object] = {"login": stage.person(WHO).email, "password": PASSWORD}
    return Form(Client(), "/accounts/login/", sent, frozenset({"remember"}))


def logout(stage: Stage) -> Form:
    return signed_in(stage, "logout")


def confirm_by_password(stage: Stage) -> Form:
    return signed_in(stage, "reauthenticate", password=PASSWORD)


def change_password(stage: Stage) -> Form:
    return signed_in(stage, "password/change", oldpassword=PASSWORD, **PASSWORDS)


def set_password(stage: Stage) -> Form:
    person = stage.person(WHO)
    with acting_as(person):
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return signed_in(stage, "password/set", **PASSWORDS)


def ask_for_a_link(stage: Stage) -> Form:
    return Form(Client(), "/accounts/password/reset/", {"email": stage.person(WHO).email})


def choose_by_the_link(stage: Stage) -> Form:
    browser = Client()
    opened = browser.get(people.password_path(stage.person(WHO)))
    return Form(browser, opened.headers["Location"], PASSWORDS)


def address_of(stage: Stage, *, verified: bool) -> EmailAddress:
    """A second address of the account."""
    person = stage.person(WHO)
    with acting_as(person):
        return EmailAddress.objects.create(user=person, email=SECOND, verified=verified, primary=False)


def change_address(act: str, *, verified: bool = True) -> Callable[[Stage], Form]:
    def chosen(stage: Stage) -> Form:
        address_of(stage, verified=verified)
        return signed_in(stage, "email", email=SECOND, **{f"action_{act}": ""})

    return chosen


def add_address(stage: Stage) -> Form:
    return signed_in(stage, "email", email=SECOND, action_add="")


def confirm_address(stage: Stage) -> Form:
    key = EmailConfirmationHMAC(address_of(stage, verified=False)).key
    return signed_in(stage, f"confirm-email/{key}")


def end_a_session(stage: Stage) -> Form:
    person = stage.person(WHO)
    half_way(person)
    half_way(person)
    with acting_as(person):
        row = UserSession.objects.filter(user=person).first()
    return signed_in(stage, "sessions", session=row.pk)


def with_app(stage: Stage) -> User:
    """They have an authenticator app."""
    person = stage.person(WHO)
    with acting_as(person):
        TOTP.activate(person, SECRET)
    return person


def set_up_app(stage: Stage) -> Form:
    browser = stage.browser(WHO)
    browser.get("/accounts/2fa/totp/activate/")
    code = code_of(browser.session["mfa.totp.secret"], time.time())
    return Form(browser, "/accounts/2fa/totp/activate/", {"code": code})


def switch_app_off(stage: Stage) -> Form:
    with_app(stage)
    return signed_in(stage, "2fa/totp/deactivate")


def new_codes(stage: Stage) -> Form:
    with_app(stage)
    return signed_in(stage, "2fa/recovery-codes/generate")


def second_step(stage: Stage) -> Form:
    browser = half_way(with_app(stage))
    return Form(browser, "/accounts/2fa/authenticate/", {"code": code_of(SECRET, time.time())})


def confirm_by_code(stage: Stage) -> Form:
    with_app(stage)
    return signed_in(stage, "2fa/reauthenticate", code=code_of(SECRET, time.time()))


def challenge_of(browser: Client) -> str:
    """What the device is asked to sign."""
    return str(browser.session["mfa.webauthn.state"]["challenge"])


def passkey(stage: Stage) -> Form:
    device, browser = Device(user_pk_to_url_str(stage.person(WHO))), stage.browser(WHO)
    browser.get(f"{PASSKEYS}/add/")
    sent = {"name": "My phone", "passwordless": "on", "credential": device.registered(challenge_of(browser))}
    return Form(browser, f"{PASSKEYS}/add/", sent)


def with_passkey(stage: Stage) -> tuple[Device, Authenticator]:
    """They have a passkey, which was added by its page."""
    person = stage.person(WHO)
    device, browser = Device(user_pk_to_url_str(person)), stage.browser(WHO)
    browser.get(f"{PASSKEYS}/add/")
    sent = {"name": "My phone", "credential": device.registered(challenge_of(browser))}
    assert browser.post(f"{PASSKEYS}/add/", sent).status_code == 302
    return device, Authenticator.objects.get(user=person, type="webauthn")


def rename_passkey(stage: Stage) -> Form:
    key = with_passkey(stage)[1].pk
    return signed_in(stage, f"2fa/webauthn/keys/{key}/edit", name="My other phone")


def remove_passkey(stage: Stage) -> Form:
    return signed_in(stage, f"2fa/webauthn/keys/{with_passkey(stage)[1].pk}/remove")


def sign_in_by_passkey(stage: Stage) -> Form:
    (device, _), browser = with_passkey(stage), Client()
    browser.get(f"{PASSKEYS}/login/", headers={"x-requested-with": "XMLHttpRequest"})
    answer = device.confirmed(challenge_of(browser))
    return Form(browser, f"{PASSKEYS}/login/", {"credential": answer}, frozenset({"remember"}))


def confirm_by_passkey(stage: Stage) -> Form:
    (device, _), browser = with_passkey(stage), stage.browser(WHO)
    browser.get(f"{PASSKEYS}/reauthenticate/")
    return Form(
        browser, f"{PASSKEYS}/reauthenticate/", {"credential": device.confirmed(challenge_of(browser))}
    )


def accept(stage: Stage) -> Form:
    """A newcomer's invitation."""
    doctor, facts = stage.person("seated"), {"basis": Basis.GUARDIAN, "ground": Ground.COURT}
    with acting_as(doctor):
        offer = people.invite(doctor, stage.scene.child, name="New", email=SECOND, **facts)
    sent: dict[str, object] = {"name": "Newcomer", "password": FRESH, "again": FRESH}
    return Form(Client(), f"/invitation/{people.invitation_token(offer)}/", sent)


def merge(stage: Stage) -> Form:
    """A record that was begun twice."""
    doctor, child = stage.person("seated"), stage.scene.child
    with acting_as(doctor):
        facts = {"name": "Twice", "birth_date": BORN, "record_number": "T-2"}
        twin = people.register(doctor, child.clinic, **facts)
    return Form(stage.browser("seated"), f"/patients/{twin.pk}/merge/", {"other": child.pk})


# By route; a second word tells apart what one address does.
ACCOUNTS: dict[str, Callable[[Stage], Form]] = {
    "account_login": login,
    "account_logout": logout,
    "account_reauthenticate": confirm_by_password,
    "account_change_password": change_password,
    "account_set_password": set_password,
    "account_reset_password": ask_for_a_link,
    "account_reset_password_from_key": choose_by_the_link,
    "account_email add": add_address,
    "account_email primary": change_address("primary"),
    "account_email remove": change_address("remove"),
    "account_email send": change_address("send", verified=False),
    "account_confirm_email": confirm_address,
    "usersessions_list": end_a_session,
    "mfa_activate_totp": set_up_app,
    "mfa_deactivate_totp": switch_app_off,
    "mfa_generate_recovery_codes": new_codes,
    "mfa_authenticate": second_step,
    "mfa_reauthenticate": confirm_by_code,
    "mfa_add_webauthn": passkey,
    "mfa_edit_webauthn": rename_passkey,
    "mfa_remove_webauthn": remove_passkey,
    "mfa_login_webauthn": sign_in_by_passkey,
    "mfa_reauthenticate_webauthn": confirm_by_passkey,
    "tracker:invitation": accept,
    "tracker:merge": merge,
}
