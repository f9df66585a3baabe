"""Each rule of the content model: a sentence in the form, and a refusal of the database beneath it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, IntegrityError, connections, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from conditions.models import (
    Citation,
    Condition,
    Edit,
    Fact,
    MustSay,
    Organisation,
    Saying,
    Section,
    Source,
    Statement,
)
from portal.identity import acting_as
from portal.models import User
from tests.conditions.editors import form_of
from tests.conditions.test_admin import SignIn, page, words

WHOLE = {"decision": "It is newer.", "decided_by": "The board", "decided_on": "2026-02-01"}
ONE_KIND = "Another figure of this kind is displayed"


@pytest.fixture
def as_editor(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


@pytest.mark.parametrize(("months", "sentence"), [("0", "or equal to 1"), ("61", "or equal to 60")])
def test_a_bad_value_on_the_conditions_page(
    as_editor: Client, full: Condition, months: str, sentence: str
) -> None:
    assert_refused(as_editor, full, {"review_months": months}, sentence)


@pytest.mark.parametrize(
    ("model", "key", "changed", "sentence"),
    [
        (Fact, "incidence-here", {"value": "0,18"}, "Write digits with a point"),
        (Fact, "incidence-here", {"value": "-1"}, "Write digits with a point"),
        (Fact, "incidence-here", {"value": "", "low": "", "high": ""}, "Give a figure, or from and to."),
        (Fact, "incidence-here", {"low": "0.3"}, "The lower figure comes first."),
        (Fact, "incidence-here", {"reason": " "}, "This field is required"),
        (Fact, "incidence-here", {"measure": "cost"}, "Select a valid choice"),
        (Fact, "incidence-here", {"population": "pets"}, "Select a valid choice"),
        (Fact, "incidence-here", {"place": "a\0b"}, "Null characters are not allowed"),
        (Fact, "incidence-there", {"key": "adults-well"}, "with this Condition and Key already exists"),
        (Fact, "incidence-there", {"displayed": "on"}, ONE_KIND),
        (Fact, "incidence-here", {"source": "999999"}, "Select a valid choice"),
        (Organisation, "group", {"kind": "shop"}, "Select a valid choice"),
        (Organisation, "group", {"url": "javascript:alert(1)"}, "Enter a valid URL"),
        (Organisation, "group", {"checked_on": "yesterday"}, "Enter a valid date"),
        (Organisation, "group", {"checked_on": "9999-12-31"}, "This day has not come yet"),
        (Organisation, "group", {"key": "centre"}, "with this Condition and Key already exists"),
        (MustSay, "search", {"key": "a b"}, "Enter a valid"),
        (MustSay, "search", {"text": ""}, "This field is required"),
    ],
)
def test_a_bad_value_on_the_page_of_a_part(
    as_editor: Client, full: Condition, model: type[Model], key: str, changed: dict[str, str], sentence: str
) -> None:
    assert_refused(as_editor, model.objects.get(key=key), changed, sentence)


def assert_refused(browser: Client, row: Model, changed: dict[str, str], sentence: str) -> None:
    """The row's page says why, nothing is stored, and the form as it was is right."""
    address = page(row._meta.model_name, "change", row.pk)
    form, edits = form_of(browser.get(address)), Edit.objects.count()
    response = browser.post(address, form | changed)
    assert response.status_code == 200
    assert sentence in words(response)
    assert Edit.objects.count() == edits
    assert browser.post(address, form).status_code == 302, "the form as it was is right"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_displayed_figures_of_a_kind_that_come_in_at_once(
    sign_in: SignIn, full: Condition, editor: User, second_editor: User
) -> None:
    """One of them is stored, and the other editor is told; neither is an error of the server."""
    source = full.sources.first()
    told = {"condition": full.pk, "measure": "other", "about": "Something", "population": "all"}
    told |= {"value": "1", "source": source.pk, "displayed": "on", "reason": "R."}

    def add(browser: Client, key: str) -> HttpResponse:
        try:
            return browser.post(page("fact", "add"), told | {"key": key})
        finally:
            connections.close_all()

    for turn in range(3):
        browsers = [sign_in(editor), sign_in(second_editor)]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(add, browsers, [f"one-{turn}", f"two-{turn}"]))
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        assert ONE_KIND in words(next(answer for answer in answers if answer.status_code == 200))
        Fact.objects.filter(about="Something").delete()


def test_another_conditions_source_is_refused_for_a_part(as_editor: Client, full: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    foreign = Source.objects.create(condition=other, key="f", kind="review", title="F", read="whole")
    code = full.codes.first()
    address = page("code", "change", code.pk)
    opened = as_editor.get(address)
    assert f'<option value="{foreign.pk}"' not in words(opened)
    refused = as_editor.post(address, form_of(opened) | {"source": str(foreign.pk)})
    assert "Select a valid choice" in words(refused)
    fresh = {"condition": full.pk, "system": "X", "code": "1", "relation": "exact", "source": foreign.pk}
    assert "belongs to another condition" in words(as_editor.post(page("code", "add"), fresh))
    assert not full.codes.filter(source=foreign).exists()


def test_a_part_stays_with_its_condition(as_editor: Client, full: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    group = Organisation.objects.get(key="group")
    address = page("organisation", "change", group.pk)
    form = form_of(as_editor.get(address)) | {"condition": str(other.pk), "note": "New."}
    assert as_editor.post(address, form).status_code == 302
    group.refresh_from_db()
    assert (group.condition, group.note) == (full, "New.")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"citations-0-stance": "denies"}, "Select a valid choice"),
        (
            {"citations-0-checked": "", "citations-0-checked_on": "2026-01-31"},
            "belongs to a citation that was",
        ),
        ({"citations-0-checked_on": "31/31/2026"}, "Enter a valid date"),
        ({"citations-0-checked_on": "9999-12-31"}, "This day has not come yet"),
        ({"professional": "x" * 2001}, "at most 2000 characters"),
        ({"dissent": "x" * 401}, "at most 400 characters"),
        ({"dissent": "a\0b"}, "Null characters are not allowed"),
        ({"decision": "It is newer."}, "A decision needs its reason, who decided and the day"),
        (WHOLE | {"decision": " "}, "A decision needs its reason"),
        (WHOLE | {"decided_by": ""}, "A decision needs its reason"),
        (WHOLE | {"decided_on": ""}, "A decision needs its reason"),
        (WHOLE | {"decided_on": "31/31/2026"}, "Enter a valid date"),
        (WHOLE | {"decided_on": "9000-01-01"}, "This day has not come yet"),
        (WHOLE | {"decision": "x" * 401}, "at most 400 characters"),
        (WHOLE | {"decided_by": "x" * 121}, "at most 120 characters"),
        (WHOLE | {"decided_by": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_a_bad_value_on_a_statements_page(
    as_editor: Client, full: Condition, changed: dict[str, str], sentence: str
) -> None:
    address = page("statement", "change", Statement.objects.get(key="what").pk)
    form = form_of(as_editor.get(address))
    assert sentence in words(as_editor.post(address, form | changed))
    assert as_editor.post(address, form).status_code == 302, "the form as it was is right"


@pytest.mark.parametrize(
    "changed", [{"kind": "care"}, {"urgency": "urgent"}, {"kind": "care", "urgency": ""}]
)
def test_a_care_card_has_an_urgency_and_nothing_else_has(
    as_editor: Client, full: Condition, changed: dict[str, str]
) -> None:
    address = page("section", "change", Section.objects.get(key="overview").pk)
    form = form_of(as_editor.get(address))
    assert "A care card needs an urgency" in words(as_editor.post(address, form | changed))


def test_another_conditions_must_say_is_refused(as_editor: Client, full: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    foreign = MustSay.objects.create(condition=other, key="m", text="Elsewhere.")
    statement = Statement.objects.get(key="adults")
    address = page("statement", "change", statement.pk)
    form = form_of(as_editor.get(address))
    chosen = {"sayings-TOTAL_FORMS": "1", "sayings-0-statement": str(statement.pk)}
    refused = as_editor.post(address, form | chosen | {"sayings-0-must_say": str(foreign.pk)})
    assert "Select a valid choice" in words(refused)
    own = {"sayings-0-must_say": str(MustSay.objects.get(condition=full).pk)}
    assert as_editor.post(address, form | chosen | own).status_code == 302
    assert statement.sayings.count() == 1


def test_a_new_statement_says_no_other_conditions_must_say(as_editor: Client, full: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    foreign = MustSay.objects.create(condition=other, key="m", text="Elsewhere.")
    form = form_of(as_editor.get(page("statement", "add"))) | {
        "section": str(Section.objects.get(key="overview").pk),
        "key": "new",
        "text": "T",
        "citations-0-source": str(full.sources.first().pk),
        "citations-0-stance": "supports",
        "sayings-TOTAL_FORMS": "1",
        "sayings-0-must_say": str(foreign.pk),
    }
    assert "This belongs to another condition" in words(as_editor.post(page("statement", "add"), form))
    assert not Statement.objects.filter(key="new").exists()


RULES = [
    (Condition, {"review_months": 0}),
    (Condition, {"review_months": 61}),
    (Section, {"kind": "care"}),
    (Section, {"urgency": "urgent"}),
    (Section, {"kind": "banner"}),
    (Citation, {"stance": "denies"}),
    (Citation, {"checked": False, "checked_on": "2026-01-31"}),
    (Citation, {"checked_on": "9000-01-31"}),
    (Organisation, {"checked_on": "9000-01-31"}),
    (Statement, {"decision": "Because."}),
    (Statement, WHOLE | {"decision": " "}),
    (Statement, WHOLE | {"decided_by": ""}),
    (Statement, WHOLE | {"decided_on": None}),
    (Statement, WHOLE | {"decided_on": "9000-01-01"}),
    (Fact, {"value": "1e3"}),
    (Fact, {"value": "", "low": "", "high": ""}),
    (Fact, {"low": "9", "high": "8"}),
    (Fact, {"reason": ""}),
    (Fact, {"population": "pets"}),
    (Fact, {"displayed": True, "measure": "incidence", "about": "New", "population": "all"}),
    (Fact, {"key": "same"}),
    (Organisation, {"kind": "shop"}),
    (Organisation, {"key": "same"}),
]


@pytest.mark.parametrize(("model", "bad"), RULES)
def test_the_database_refuses_it_too(full: Condition, model: type, bad: dict[str, object]) -> None:
    rows = Section.objects.filter(key="overview") if model is Section else model.objects.all()
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        rows.update(**bad)


def test_a_must_say_key_stands_once(full: Condition) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MustSay.objects.create(condition=full, key="search", text="Again.")


def test_who_changes_a_figure_or_a_must_say_is_an_editor_of_the_condition(
    full: Condition, editor: User
) -> None:
    with acting_as(editor):
        Fact.objects.update(place="There")
        MustSay.objects.update(text="Everyone is searched.")
        Organisation.objects.update(note="N")
        Saying.objects.all().delete()
    tables = set(Edit.objects.filter(editor_id=editor.pk, condition=full).values_list("table", flat=True))
    assert tables == {f"conditions_{word}" for word in ("fact", "mustsay", "organisation", "saying")}


def test_what_a_row_was_is_kept(full: Condition, editor: User) -> None:
    fact = Fact.objects.get(key="incidence-here")
    with acting_as(editor):
        Fact.objects.filter(pk=fact.pk).update(value="0.19")
    assert list(fact.past.order_by("pgh_id").values_list("pgh_label", "value", "by")) == [
        ("insert", "0.18", None),
        ("update", "0.19", editor.pk),
    ]
