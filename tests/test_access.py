"""Who gets what from every address by every method: a route without a row fails, and so does a leak.

The resolver is walked, so no route is forgotten; the answers are compared with `tests/access_table.py`.
Each route is asked by everybody with every method once, in a transaction that is thrown away.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from portal.sign_in import sessions
from tests import database, identities
from tests.access_table import ACCESS, WITHOUT_TOKEN, row, takes_posts
from tests.identities import IDENTITIES, Child, World
from tests.matrix import METHODS, Asker, Cell, address_of, arguments_of, routes, send, spaced, walk
from tests.portal import trail_rule
from tests.tiers import sample

ROUTES = sorted({name for name, _ in routes()})
SAFE_TO_WRITE = {
    "portal_auditevent",
    "django_session",
    "portal_cache",
    "conditions_keptpage",
    "usersessions_usersession",
}
REACH = {  # whose records somebody reaches in any way; everybody else none
    "own": {"main"},
    "redacted": {"main"},
    "doctor_parent": {"main"},
    "break_glass": {"main"},
    "seated": {"main", "frozen"},
    "no_factor": {"main", "frozen"},
    "administrator": {"main", "frozen"},
    "other": {"away"},
    "outsider": {"away"},
}
AUDITED = {"tracker:emergency", "tracker:trail-patient"}  # tell the auditor who one patient is
CHART = {"treatment", "rating", "episode", "mark", "item", "review"}
KEYS = {"key", "entry", "offer", "seat", "redaction", "object_id", "clinic"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The committed world; afterwards a fresh clone for whoever comes next.

    What is asked is rolled back, the sessions' last use too: on a slow machine they would end by idleness.
    """
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patient:
        patient.setattr(
            "portal.sign_in.sessions.STAFF", sessions.Limits(sessions.HOURS_12, sessions.HOURS_12)
        )
        made = identities.assemble()
        assert set(made.clients) == set(IDENTITIES)
        yield made
        connections.close_all()
    database.clone(database.SERVER)


@pytest.fixture(scope="module", params=sample(ROUTES, 4))
def cells(world: World, request: pytest.FixtureRequest) -> dict[str, list[Cell]]:
    """What everybody got from one route, by method."""
    with transaction.atomic():
        asker = Asker(world)
        told = ACCESS.get(request.param, "")
        walked = {method: walk(asker, request.param, method, told) for method in METHODS}
        transaction.set_rollback(True)
    return walked


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(ACCESS) == set(ROUTES)


def test_access(cells: dict[str, list[Cell]]) -> None:
    """Every cell as declared. A route without a row shows here what to declare, once somebody looked."""
    route = cells["GET"][0].route
    answers = spaced([cell.letter for cell in cells["GET"]])
    assert route in ACCESS, f'no row; it answers\n    "{route}": "{answers}",'
    seen = {method: {cell.word: cell.letter for cell in cells[method]} for method in METHODS}
    due = {
        method: dict(zip(IDENTITIES, row(route, method).replace(" ", ""), strict=True)) for method in METHODS
    }
    assert seen == {method: {word: due[method][word] for word in seen[method]} for method in METHODS}


def test_reading_changes_nothing(cells: dict[str, list[Cell]]) -> None:
    """GET and HEAD try to write no row but the trail's and the session's, nor one taken back at once."""
    changed = {
        str(cell): dict(cell.written)
        for cell in cells["GET"] + cells["HEAD"]
        if set(cell.written) - SAFE_TO_WRITE
    }
    assert changed == {}


def test_only_those_with_a_seat_read_the_names(world: World, cells: dict[str, list[Cell]]) -> None:
    """Each record carries a word that stands nowhere else."""
    leaks = [
        f"{cell} reads {child}"
        for row_of in cells.values()
        for cell in row_of
        for child, canary in canaries(world).items()
        if canary.encode() in cell.body and not may_read(cell, child)
    ]
    assert leaks == []


def canaries(world: World) -> dict[str, str]:
    """What gives a record away; `redacted` is the entry hidden from its own author."""
    names = {child: world.children[child].patient.name for child in ("main", "frozen", "away")}
    return {**names, "redacted": identities.HIDDEN}


def may_read(cell: Cell, child: str) -> bool:
    """Whether somebody may be told this canary there."""
    if cell.word == "auditor":
        return cell.route in AUDITED and child == "main"
    if child == "redacted":
        return cell.word in ("own", "seated", "break_glass", "doctor_parent")
    return child in REACH.get(cell.word, set()) and cell.word != "no_factor"


def test_the_trail_agrees(world: World, cells: dict[str, list[Cell]]) -> None:
    """Request by request: refusals, what was shown of whom, and what was changed."""
    wrong = [
        f"{cell}: {complaint}"
        for row_of in cells.values()
        for cell in row_of
        if (complaint := disagreement(world, cell))
    ]
    assert wrong == []


def disagreement(world: World, cell: Cell) -> str:
    """How the trail of one request differs from the rule; '' when it does not."""
    refused = sum(act.action == "refused" for act in cell.acts)
    if refused != (cell.status in (403, 404) and cell.word != "nobody"):
        return f"{refused} refusals are on the trail"
    due = trail_rule.expected(cell.route, cell.status, cell.word)
    if cell.method in ("GET", "HEAD") and len(cell.acts) != due:
        return f"{[act.action for act in cell.acts]} on the trail, {int(due)} due"
    told = frozenset().union(*(act.patients for act in cell.acts))
    for name in ("main", "frozen", "away"):
        patient = world.children[name].patient
        if patient.name.encode() in cell.body and patient.pk not in told:
            return f"shows {name}, and no act on the trail names that patient"
    if cell.status < 400 and set(cell.written) - SAFE_TO_WRITE and not cell.acts:
        return f"wrote {dict(cell.written)}, and nothing is on the trail"
    return ""


KEYED = [route for route in ROUTES if KEYS & set(arguments_of(route)) and not route.startswith("admin:cond")]


@pytest.mark.parametrize("route", sample(KEYED, 3))
def test_foreign_and_made_up_keys_answer_alike(world: World, route: str) -> None:
    """Same status and same length, so that nobody learns which records exist."""
    differ = []
    methods = ("GET", "POST") if takes_posts(route) else ("GET",)
    with transaction.atomic():
        asker = Asker(world)
        for word in IDENTITIES:
            for name, foreign, made_up in pairs(world, route, word):
                for method in methods:
                    real, none = (seen(asker, route, method, word, values) for values in (foreign, made_up))
                    if real != none:
                        differ.append(f"{word} {method} {name}: {real}, made up {none}")
        transaction.set_rollback(True)
    assert differ == []


def pairs(world: World, route: str, word: str) -> Iterator[tuple[str, dict, dict]]:
    """Addresses with one key of a record out of reach, each with the one that has a made-up key there."""
    if word == "auditor" and route in AUDITED:
        return
    own, child = world.values(word), out_of_reach(world, word)
    named = set(arguments_of(route)) & {"key", "entry", "offer", "seat", *CHART}
    for name in sorted(named | ({"key"} if patient_admin(route) else set())):
        value = child.values()[name]
        yield name, {**own, name: value}, {**own, name: made_up_like(value)}
    if "clinic" in arguments_of(route):
        foreign = world.children["main" if word == "outsider" else "away"].patient.clinic_id
        yield "clinic", {**own, "clinic": foreign}, {**own, "clinic": made_up_like(foreign)}


def out_of_reach(world: World, word: str) -> Child:
    """A patient whom this identity does not reach: the one they ask for, if possible."""
    asked = world.child_of(word)
    others = (world.children[name] for name in ("main", "away"))
    reached = {world.children[name].patient for name in REACH.get(word, set())}
    return next(child for child in (asked, *others) if child.patient not in reached)


def patient_admin(route: str) -> bool:
    """Whether `object_id` is a patient's key."""
    return "tracker_patient" in route and "object_id" in arguments_of(route)


def made_up_like(value: object) -> object:
    """A key of the same form that nothing has."""
    return int("9" * len(str(value))) if isinstance(value, int) else uuid4()


def seen(asker: Asker, route: str, method: str, word: str, values: dict) -> tuple[int, int]:
    """Status and length of an answer, without the address that it may repeat."""
    cell = asker.ask(route, method, word, values)
    return cell.status, len(cell.body.replace(address_of(route, values).encode(), b""))


@pytest.mark.parametrize("route", [route for route in ROUTES if takes_posts(route)])
def test_no_token_no_change(world: World, route: str) -> None:
    """POST without the form's token is 403 for those whom the table lets in, and writes nothing."""
    letters = row(route, "POST").replace(" ", "")[:-1] + "-"  # who lacks a factor is sent on in any case
    admitted = [word for word, told in zip(IDENTITIES, letters, strict=True) if told in "ART"]
    assert admitted
    with transaction.atomic():
        for word in admitted:
            address = address_of(route, world.values(word))
            answer = send(world.clients[word], "POST", address, wants_token=True)
            assert (answer.status_code == 403) is (route not in WITHOUT_TOKEN), word
        transaction.set_rollback(True)
