"""Each rule of the content model: a sentence in the form, and a refusal of the database beneath it."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conditions.models import (
    Citation,
    Condition,
    Edit,
    Fact,
    MustSay,
    Organisation,
    Saying,
    Section,
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


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"review_months": "0"}, "greater than or equal to 1"),
        ({"review_months": "61"}, "less than or equal to 60"),
        ({"facts-0-value": "0,18"}, "Write digits with a point"),
        ({"facts-0-value": "-1"}, "Write digits with a point"),
        ({"facts-0-value": "", "facts-0-low": "", "facts-0-high": ""}, "Give a figure, or from and to."),
        ({"facts-1-low": "0.3"}, "The lower figure comes first."),
        ({"facts-0-reason": " "}, "This field is required"),
        ({"facts-0-measure": "cost"}, "Select a valid choice"),
        ({"facts-0-population": "pets"}, "Select a valid choice"),
        ({"facts-0-place": "a\0b"}, "Null characters are not allowed"),
        ({"facts-1-key": "adults-well"}, "Please correct the duplicate"),
        ({"organisations-0-kind": "shop"}, "Select a valid choice"),
        ({"organisations-0-url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"organisations-0-checked_on": "yesterday"}, "Enter a valid date"),
        ({"organisations-1-key": "centre"}, "Please correct the duplicate"),
        ({"must_says-0-key": "a b"}, "Enter a valid"),
        ({"must_says-0-text": ""}, "This field is required"),
    ],
)
def test_a_bad_value_on_the_conditions_page(
    as_editor: Client, full: Condition, changed: dict[str, str], sentence: str
) -> None:
    address = page("condition", "change", full.pk)
    form = form_of(as_editor.get(address))
    edits = Edit.objects.count()
    response = as_editor.post(address, form | changed)
    assert response.status_code == 200
    assert sentence in words(response)
    assert Edit.objects.count() == edits
    assert as_editor.post(address, form).status_code == 302, "the form as it was is right"


def test_the_conditions_page_asks_for_its_sources_once_an_inline(as_editor: Client, full: Condition) -> None:
    address = page("condition", "change", full.pk)
    as_editor.get(address)
    counts = []
    for more in (0, 30):
        source = full.sources.first()
        Fact.objects.bulk_create(
            Fact(
                condition=full,
                key=f"f{n}",
                measure="other",
                about=f"A{n}",
                value="1",
                reason="R",
                source=source,
            )
            for n in range(more)
        )
        with CaptureQueriesContext(connection) as queries:
            assert as_editor.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_two_displayed_figures_of_a_kind(as_editor: Client, full: Condition) -> None:
    address = page("condition", "change", full.pk)
    form = form_of(as_editor.get(address))
    (other,) = [name.removesuffix("-key") for name, value in form.items() if value == "incidence-there"]
    assert ONE_KIND in words(as_editor.post(address, form | {f"{other}-displayed": "on"}))
    both = {"facts-TOTAL_FORMS": "5"}
    for number in (3, 4):
        fresh = {name: form[f"{other}-{name}"] for name in ("measure", "about", "value", "population")}
        fresh |= {
            "key": f"new-{number}",
            "source": form[f"{other}-source"],
            "reason": "R.",
            "displayed": "on",
        }
        both |= {f"facts-{number}-{name}": value for name, value in fresh.items()}
        both[f"facts-{number}-about"] = "Something else"
    assert ONE_KIND in words(as_editor.post(address, form | both))
    assert Fact.objects.count() == 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"citations-0-stance": "denies"}, "Select a valid choice"),
        (
            {"citations-0-checked": "", "citations-0-checked_on": "2026-01-31"},
            "belongs to a citation that was",
        ),
        ({"citations-0-checked_on": "31/31/2026"}, "Enter a valid date"),
        ({"professional": "x" * 2001}, "at most 2000 characters"),
        ({"dissent": "x" * 401}, "at most 400 characters"),
        ({"dissent": "a\0b"}, "Null characters are not allowed"),
        ({"decision": "It is newer."}, "A decision needs its reason, who decided and the day"),
        (WHOLE | {"decision": " "}, "A decision needs its reason"),
        (WHOLE | {"decided_by": ""}, "A decision needs its reason"),
        (WHOLE | {"decided_on": ""}, "A decision needs its reason"),
        (WHOLE | {"decided_on": "31/31/2026"}, "Enter a valid date"),
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
    (Statement, {"decision": "Because."}),
    (Statement, WHOLE | {"decision": " "}),
    (Statement, WHOLE | {"decided_by": ""}),
    (Statement, WHOLE | {"decided_on": None}),
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
