"""The command that makes the first people."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.models import User
from tracker.models import ClinicStaff

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def appoint(*arguments: str) -> str:
    output = io.StringIO()
    call_command("appoint", *arguments, stdout=output)
    return output.getvalue()


def test_first_administrator_sets_a_password_by_the_link(client: Client) -> None:
    arguments = (
        "First@Clinic.example",
        "--name",
        "First",
        "--role",
        "administrator",
        "--clinic",
        "East Clinic",
    )
    said = appoint(*arguments)
    assert "first@clinic.example: Administrator." in said
    path = said.split("https://localhost")[1].strip()
    page = client.get(path, follow=True)
    assert b"password" in page.content.lower()
    client.post(
        page.redirect_chain[-1][0], {"password1": "quiet green harbour", "password2": "quiet green harbour"}
    )
    assert User.objects.get(email="first@clinic.example").check_password("quiet green harbour")


def test_second_time_adds_a_role() -> None:
    appoint("a@b.example", "--name", "A", "--role", "clinician", "--clinic", "North Clinic")
    appoint("a@b.example", "--name", "A", "--role", "reviewer", "--clinic", "North Clinic")
    assert User.objects.get(email="a@b.example").roles == ["clinician", "reviewer"]
    assert ClinicStaff.objects.filter(user__email="a@b.example").count() == 1


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(CommandError, match="not an e-mail address"):
        appoint("nobody", "--name", "N", "--role", "editor")
