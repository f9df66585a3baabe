"""Users, their rights, signing in, and what administrators keep."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from pytest_django import Settings

from portal import demo
from portal.auth import RoleBackend
from portal.identity import acting_as
from portal.models import AuditEvent, User
from portal.roles import GRANTS, Role, rights_of
from portal.sign_in.passwords import WellKnownPasswordValidator
from tests.cast import PASSWORD
from tracker.models import Patient

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_every_role_has_rights_and_no_unknown_word_has() -> None:
    assert set(GRANTS) == set(Role.values)
    assert rights_of(["superuser"]) == frozenset()


def test_rights_come_from_grants_alone(editor: User) -> None:
    assert editor.has_perm("conditions.change_statement")
    assert not editor.has_perm("conditions.approve_release")
    assert editor.has_perms(["conditions.view_source", "portal.enter_admin"])
    assert editor.has_module_perms("conditions")
    assert not editor.has_module_perms("tracker")
    assert not editor.has_perm("conditions.change_statement", obj=editor)
    assert RoleBackend().get_all_permissions(AnonymousUser()) == set()


def test_who_left_may_nothing(editor: User) -> None:
    editor.is_active = False
    assert not editor.has_perm("conditions.change_statement")


@pytest.mark.parametrize(
    "fields", [{"roles": ["superuser"]}, {"email": "Upper@Case.example"}, {"roles": ["auditor"]}]
)
def test_database_holds_the_rules_of_a_user(fields: dict) -> None:
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        User(**{"email": "new@test.example", "name": "New", **fields}).save()


def test_addresses_are_lower_case_and_found_in_any(db: None) -> None:
    user = User.objects.create_user(" New@Test.Example", PASSWORD, name="New")
    assert user.email == "new@test.example"
    assert User.objects.get_by_natural_key("NEW@test.example") == user
    assert str(User(email="nameless@test.example")) == "nameless@test.example"


def test_signing_in_by_mail(client: Client, editor: User) -> None:
    answer = client.post("/accounts/login/", {"login": editor.email.upper(), "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == "/admin/"


def test_wrong_password_and_unknown_address_read_alike(client: Client, editor: User) -> None:
    pages = [
        client.post("/accounts/login/", {"login": login, "password": "wrong wrong"})
        for login in (editor.email, "unknown@test.example")
    ]
    assert {page.status_code for page in pages} == {200}
    assert all(b"not correct" in page.content for page in pages)


def test_nobody_signs_up(client: Client) -> None:
    page = client.post(
        "/accounts/signup/", {"email": "me@test.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not User.objects.filter(email="me@test.example").exists()
    assert b"invit" in page.content.lower()


def test_demo_password_is_refused_in_production(settings: Settings) -> None:
    validator = WellKnownPasswordValidator()
    validator.validate(demo.PASSWORD)
    settings.PRODUCTION = True
    with pytest.raises(ValidationError):
        validator.validate(demo.PASSWORD)
    assert "demonstration" in validator.get_help_text()


def test_demo_lists_its_accounts(client: Client, settings: Settings) -> None:
    assert demo.PASSWORD.encode() not in client.get("/accounts/login/").content
    settings.DEMO = True
    page = client.get("/accounts/login/").content.decode()
    assert all(account.email in page for account in demo.ACCOUNTS)
    assert demo.PASSWORD in page


def test_admin_has_one_door(client: Client, sign_in: SignIn, clinician: User) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    assert sign_in(clinician).get("/admin/login/").headers["Location"] == "/"
    assert client.get("/admin/login/", {"next": "/admin/x/"}).headers["Location"].endswith("next=/admin/x/")


def test_administrator_changes_people_of_the_clinic(
    sign_in: SignIn, administrator: User, colleague: User, stranger: User
) -> None:
    browser = sign_in(administrator)
    listed = browser.get("/admin/portal/user/").content.decode()
    assert colleague.email in listed
    assert stranger.email not in listed
    address = f"/admin/portal/user/{colleague.pk}/change/"
    browser.post(address, {"name": "New Name", "roles": ["clinician", "reviewer"], "is_active": "on"})
    colleague.refresh_from_db()
    assert (colleague.name, colleague.roles) == ("New Name", ["clinician", "reviewer"])
    assert browser.get(f"/admin/portal/user/{stranger.pk}/change/").status_code == 302


def test_administrator_gives_themselves_nothing(sign_in: SignIn, administrator: User) -> None:
    browser = sign_in(administrator)
    browser.post(f"/admin/portal/user/{administrator.pk}/change/", {"name": "A", "roles": ["auditor"]})
    administrator.refresh_from_db()
    assert administrator.roles == ["administrator"]


def test_administrator_corrects_an_identity(
    sign_in: SignIn, administrator: User, patient: Patient, auditor: User
) -> None:
    browser = sign_in(administrator)
    address = f"/admin/tracker/patient/{patient.pk}/change/"
    browser.post(address, {"name": "Robin Corrected", "birth_date": "2022-05-02", "record_number": "R1"})
    assert "Robin Corrected" in browser.get("/admin/tracker/patient/").content.decode()
    with acting_as(auditor):
        acts = AuditEvent.objects.filter(patient_id=patient.pk, actor_id=administrator.pk)
        assert {"identity viewed", "changed name, birth_date"} <= set(acts.values_list("action", flat=True))
