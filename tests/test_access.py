"""Who gets what from every address: a route without a row fails, and so does a leak.

`A`: the page is there. `R`: to another page of ours. `L`: to the sign-in page. `F`: 403, no right.
`N`: 404, not theirs or not there. `M`: 405, another method. `S`: 503, as health pages say it.
Columns: signed out; parent of the patient; another family; clinician of the patient; a colleague and
a stranger (other clinic) without a seat; editor; reviewer; administrator of the clinic; auditor;
a clinician of the clinic who is the patient's parent, for whom the database shows the row and only
`visible_to` keeps the clinic's pages shut.
"""

from collections.abc import Callable, Iterator

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from conditions import publishing
from conditions.models import Citation, Condition, Section, Source, Statement
from portal.identity import acting_as
from portal.models import User
from tests.access_table import ACCESS
from tests.tracker.diary import check_in
from tracker import people
from tracker.models import Seat

pytestmark = pytest.mark.django_db
COLUMNS = [
    "nobody",
    "family",
    "other_family",
    "clinician",
    "colleague",
    "stranger",
    "editor",
    "reviewer",
    "administrator",
    "auditor",
    "doctor_parent",
]
CANARY = "Zebedee Canary"


def routes(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every named pattern, with the names of its arguments."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}", list(pattern.pattern.converters)


@pytest.fixture
def world(
    register: Callable, seat: Callable, family: User, clinician: User, request: pytest.FixtureRequest
) -> dict[str, object]:
    """A patient with a diary, a condition, and what fills the addresses."""
    patient = register(name=CANARY, record_number="CANARY-1")
    seat(patient, family)
    seat(patient, request.getfixturevalue("doctor_parent"))
    with acting_as(family):
        entry = check_in(family, patient, note=CANARY)
    with acting_as(clinician):
        offer = people.invite(
            clinician, patient, name="New", email="new@test.example", basis="parent", ground="responsibility"
        )
        family_seat = Seat.objects.get(user=family)
    rows = published(request.getfixturevalue("editor"), request.getfixturevalue("reviewer"))
    return {
        "key": patient.pk,
        "entry": entry.pk,
        "seat": family_seat.pk,
        "token": people.invitation_token(offer),
        "slug": "access",
        "number": 1,
        "object_id": 1,
        "user_id": clinician.pk,
        **{f"{row._meta.model_name}_id": row.pk for row in rows},
    }


def published(editor: User, reviewer: User) -> list[Model]:
    """A condition with one statement, through every step of its release; a row of each kind."""
    with acting_as(editor):
        condition = Condition.objects.create(slug="access", name="Access", summary="For tests.")
        source = Source.objects.create(condition=condition, key="s", kind="review", title="S", read="part")
        section = Section.objects.create(condition=condition, key="one", title="One")
        statement = Statement.objects.create(section=section, key="first", text="It is so.")
        Citation.objects.create(statement=statement, source=source)
        release = publishing.submit(editor, condition, reason="First")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release))
    return [condition, source, section, statement, release]


def test_every_route_has_a_row() -> None:
    names = {name for name, _ in routes()}
    assert names - set(ACCESS) == set(), "routes without a row"
    assert set(ACCESS) - names == set(), "rows without a route"


@pytest.mark.parametrize("route", sorted(ACCESS))
def test_access(route: str, world: dict, request: pytest.FixtureRequest) -> None:
    """One row: what each identity gets, and that nobody without a seat reads the canary."""
    address = address_of(route, world)
    got = ""
    for word in COLUMNS:
        client = Client(raise_request_exception=True)
        if word != "nobody":
            client.force_login(request.getfixturevalue(word))
        answer = client.get(address)
        got += letter(answer)
        body = b"" if answer.streaming else answer.content
        if word not in SEATED.get(route, ("family", "clinician", "doctor_parent")):
            assert CANARY.encode() not in body, f"{word} reads the canary"
    assert got == ACCESS[route]


# An administrator keeps identities, so the name itself is theirs to see in the admin.
SEATED = {
    f"admin:tracker_patient_{page}": ("administrator",)
    for page in ("changelist", "change", "history", "delete")
}


ADDRESSES = {
    "account_confirm_email": "/accounts/confirm-email/x/",
    "account_reset_password_from_key": "/accounts/password/reset/key/1-x/",
    "admin:(?P<url>.*)$": "/admin/nowhere",
    "admin:<path:object_id>/": "/admin/portal/user/1/",
    "admin:app_list": "/admin/conditions/",
}


ADDRESSES = {
    "account_confirm_email": "/accounts/confirm-email/x/",
    "account_reset_password_from_key": "/accounts/password/reset/key/1-x/",
    "admin:(?P<url>.*)$": "/admin/nowhere",
    "admin:<path:object_id>/": "/admin/portal/user/1/",
    "admin:app_list": "/admin/conditions/",
}


def address_of(route: str, world: dict) -> str:
    """The address of a route in this world; library routes take made-up arguments."""
    wanted = next(arguments for name, arguments in routes() if name == route)
    model = next((word for word in world if word.endswith("_id") and f"_{word[:-3]}_" in route), "object_id")
    row = world["key"] if "tracker_patient" in route else world[model]
    values = {"object_id": row, "pk": row}
    made_up = {"app_label": "conditions", "url": "x", "uidb36": "1", "content_type_id": 1}
    try:
        return reverse(route, kwargs={name: {**made_up, **world, **values}.get(name, 1) for name in wanted})
    except NoReverseMatch:  # patterns without a name, or with arguments of their own form
        return ADDRESSES[route]


def letter(answer: object) -> str:
    """One letter for an answer; anything unforeseen is shown as it is."""
    if answer.status_code == 302:
        signs_in = answer.headers["Location"].startswith(("/accounts/login/", "/admin/login/"))
        return "L" if signs_in else "R"
    known = {200: "A", 301: "R", 403: "F", 404: "N", 405: "M", 503: "S"}
    return known.get(answer.status_code, f"[{answer.status_code}]")
