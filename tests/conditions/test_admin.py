"""The editing area as each role: what is there, what is refused with a sentence, what stays draft."""

import re
from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conditions import publishing
from conditions.models import (
    Approval,
    Citation,
    Code,
    Condition,
    Fact,
    Feature,
    MustSay,
    Organisation,
    Release,
    Section,
    Source,
    Statement,
)
from portal.identity import acting_as
from portal.models import User
from tests.conditions.editors import form_of
from tests.writing_parts import PARTS

Publish = Callable[..., Release]
SignIn = Callable[[User], Client]
LISTS = ["condition", "section", "statement", "source", "release", *PARTS]


def page(word: str, name: str = "changelist", *arguments: object) -> str:
    return reverse(f"admin:conditions_{word}_{name}", args=arguments)


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def as_editor(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


@pytest.fixture
def as_reviewer(sign_in: SignIn, reviewer: User) -> Client:
    return sign_in(reviewer)


@pytest.fixture
def waiting(small: Condition, editor: User) -> Release:
    with acting_as(editor):
        return publishing.submit(editor, small, reason="First release.")


@pytest.mark.parametrize("word", LISTS)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("editor", 200),
        ("reviewer", 200),
        ("administrator", 403),
        ("family", 403),
        ("clinician", 403),
        ("auditor", 403),
    ],
)
def test_who_sees_the_lists(
    sign_in: SignIn, waiting: Release, word: str, role: str, status: int, request: pytest.FixtureRequest
) -> None:
    assert sign_in(request.getfixturevalue(role)).get(page(word)).status_code == status


def test_an_administrator_finds_no_conditions_in_the_index(sign_in: SignIn, administrator: User) -> None:
    assert (
        "conditions/" not in words(sign_in(administrator).get(reverse("admin:index"))).split("site-footer")[0]
    )


@pytest.mark.parametrize("word", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "q=small",
        "q=%00",
        "q=%22",
        "condition=999",
        "condition=x",
        "population=x",
        "p=999",
        "o=9.-9",
        "e=1",
        "condition__id=x",
        "_facets=True",
    ],
)
def test_odd_questions_to_the_lists(as_editor: Client, waiting: Release, word: str, query: str) -> None:
    assert as_editor.get(f"{page(word)}?{query}").status_code in {200, 302, 400}


def test_the_lists_filter(as_editor: Client, small: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    Statement.objects.create(
        section=Section.objects.create(condition=other, key="s", title="S"),
        key="elsewhere",
        text="x" * 100 + " end",
    )
    everything = words(as_editor.get(page("statement")))
    assert "elsewhere" in everything
    assert "none yet" in everything
    assert "elsewhere" not in words(as_editor.get(f"{page('statement')}?condition={small.pk}"))
    adults = words(as_editor.get(f"{page('statement')}?population=adult"))
    assert "Adults tremble." in adults
    assert "Children wobble." not in adults
    assert "cited 2 times" in words(as_editor.get(f"{page('source')}?condition={small.pk}"))


def test_a_change_is_a_draft_and_says_so(
    as_editor: Client, client: Client, small: Condition, publish: Publish, auditor: User, sign_in: SignIn
) -> None:
    publish(small)
    address = page("statement", "change", Statement.objects.get(key="what").pk)
    posted = form_of(as_editor.get(address)) | {"text": "Changed by the editor."}
    response = as_editor.post(address, posted)
    assert response.status_code == 302, words(response)
    assert "readers still see release 1" in said(response)
    assert Statement.objects.get(key="what").text == "Changed by the editor."
    assert "Changed by the editor" not in words(client.get("/conditions/small-syndrome/"))
    assert "statement.changed" in words(sign_in(auditor).get("/trail/"))


def test_a_statement_needs_a_citation(as_editor: Client, small: Condition) -> None:
    address = page("statement", "change", Statement.objects.get(key="what").pk)
    posted = form_of(as_editor.get(address)) | {"citations-0-DELETE": "on"}
    assert "Every statement needs a source" in words(as_editor.post(address, posted))
    assert Citation.objects.filter(statement__key="what").exists()


def test_a_key_stands_once_in_the_condition(as_editor: Client, small: Condition) -> None:
    other = Section.objects.create(condition=small, key="other", title="Other")
    posted = {
        "section": str(other.pk),
        "key": "what",
        "position": "1",
        "population": "all",
        "text": "T",
        "citations-TOTAL_FORMS": "1",
        "citations-INITIAL_FORMS": "0",
        "citations-0-source": str(small.sources.first().pk),
        "citations-0-stance": "supports",
        "citations-0-checked": "on",
        "sayings-TOTAL_FORMS": "0",
        "sayings-INITIAL_FORMS": "0",
    }
    assert "Another statement of this condition has this key" in words(
        as_editor.post(page("statement", "add"), posted)
    )
    response = as_editor.post(page("statement", "add"), posted | {"key": "new"})
    assert "readers still see nothing of it yet" in said(response)
    assert Statement.objects.get(key="new").citations.count() == 1


def test_a_new_citation_is_not_compared_yet(as_editor: Client, small: Condition) -> None:
    asked = form_of(as_editor.get(page("statement", "add")))
    assert "citations-0-stance" in asked
    assert "citations-0-checked" not in asked


def test_another_conditions_source_is_refused(as_editor: Client, small: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    foreign = Source.objects.create(condition=other, key="f", kind="review", title="F", read="whole")
    section = Section.objects.get(condition=small)
    posted = {
        "section": str(section.pk),
        "key": "new",
        "position": "1",
        "population": "all",
        "text": "T",
        "citations-TOTAL_FORMS": "1",
        "citations-INITIAL_FORMS": "0",
        "citations-0-source": str(foreign.pk),
        "citations-0-stance": "supports",
        "sayings-TOTAL_FORMS": "0",
        "sayings-INITIAL_FORMS": "0",
    }
    assert "belongs to another condition" in words(as_editor.post(page("statement", "add"), posted))
    address = page("statement", "change", Statement.objects.get(key="what").pk)
    assert f'value="{foreign.pk}">f: F' not in words(as_editor.get(address))


@pytest.mark.parametrize("word", ["section", "source"])
def test_what_is_cited_stays_in_its_condition(as_editor: Client, small: Condition, word: str) -> None:
    """Moved away it would leave citations of what is not there, which no page could show."""
    other = Condition.objects.create(slug="other", name="Other", summary="Another one.")
    row = getattr(small, f"{word}s").order_by("pk")[0]
    address = page(word, "change", row.pk)
    sent = form_of(as_editor.get(address)) | {"condition": str(other.pk), "title": "Another title"}
    assert as_editor.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.condition, row.title) == (small, "Another title")


def test_a_statement_stays_in_its_condition(as_editor: Client, small: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="Another one.")
    theirs = Section.objects.create(condition=other, key="s", title="S")
    row = Statement.objects.get(key="what")
    sent = form_of(as_editor.get(page("statement", "change", row.pk))) | {"section": str(theirs.pk)}
    shown = as_editor.post(page("statement", "change", row.pk), sent).content.decode()
    assert "Select a valid choice" in shown
    assert "Other: S" in as_editor.get(page("statement", "add")).content.decode()


@pytest.mark.parametrize("word", ["source", "code", "fact"])
def test_nobody_has_checked_a_new_row(as_editor: Client, small: Condition, word: str) -> None:
    shown = as_editor.get(page(word, "add")).content.decode()
    (box,) = re.findall(r'<input[^>]*name="checked"[^>]*>', shown)
    assert " checked" not in box


def test_bad_values_get_a_sentence(as_editor: Client, small: Condition) -> None:
    address = page("condition", "change", small.pk)
    form = form_of(as_editor.get(address))
    assert "Ensure this value has at most 600 characters" in words(
        as_editor.post(address, form | {"summary": "x" * 601})
    )
    assert "Null characters are not allowed" in words(as_editor.post(address, form | {"name": "a\0b"}))
    code, feature = (
        page("code", "change", small.codes.first().pk),
        page("feature", "change", small.features.get().pk),
    )
    coded = form_of(as_editor.get(code)) | {"relation": "none"}
    assert "Give a code, or the relation" in words(as_editor.post(code, coded))
    seen = form_of(as_editor.get(feature)) | {"hpo": "1336"}
    assert "Write HP: and seven digits" in words(as_editor.post(feature, seen))
    assert as_editor.post(address, form | {"names-0-text": "Teeny eyes"}).status_code == 302
    assert small.names.get().text == "Teeny eyes"


def test_a_new_condition(as_editor: Client, db: None) -> None:
    form = form_of(as_editor.get(page("condition", "add"))) | {"slug": "new", "name": "New", "summary": "S"}
    form["review_months"] = "12"
    assert as_editor.post(page("condition", "add"), form).status_code == 302
    assert Condition.objects.get(slug="new")


def test_an_address_stays_and_a_condition_is_not_deleted(as_editor: Client, small: Condition) -> None:
    address = page("condition", "change", small.pk)
    as_editor.post(address, form_of(as_editor.get(address)) | {"slug": "other"})
    small.refresh_from_db()
    assert small.slug == "small-syndrome"
    assert as_editor.post(page("condition", "delete", small.pk), {"post": "yes"}).status_code == 403


def test_deleting_is_in_the_trail(
    as_editor: Client, small: Condition, sign_in: SignIn, auditor: User
) -> None:
    one, two = Statement.objects.filter(key__in=["what", "adults"])
    assert as_editor.post(page("statement", "delete", one.pk), {"post": "yes"}).status_code == 302
    several = {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"}
    assert as_editor.post(page("statement"), several).status_code == 302
    assert set(Statement.objects.values_list("key", flat=True)) == {"children"}
    assert words(sign_in(auditor).get("/trail/")).count("statement.deleted") == 2


def test_a_cited_source_is_not_deleted(as_editor: Client, small: Condition) -> None:
    source = small.sources.get(key="one")
    assert as_editor.post(page("source", "delete", source.pk), {"post": "yes"}).status_code == 200
    assert small.sources.filter(key="one").exists()


def test_a_reviewer_reads_and_does_not_write(as_reviewer: Client, small: Condition) -> None:
    address = page("statement", "change", Statement.objects.get(key="what").pk)
    assert as_reviewer.get(address).status_code == 200
    assert as_reviewer.post(address, {"text": "x"}).status_code == 403
    assert as_reviewer.get(page("condition", "change", small.pk)).status_code == 200
    assert as_reviewer.get(page("condition", "submit", small.pk)).status_code == 404


class TestSteps:
    def test_the_whole_way(
        self, as_editor: Client, as_reviewer: Client, client: Client, small: Condition
    ) -> None:
        submit = page("condition", "submit", small.pk)
        assert submit in words(as_editor.get(page("condition", "change", small.pk)))
        assert "Submit Small syndrome for review" in words(as_editor.get(submit))
        response = as_editor.post(submit, {"words": "First release."})
        release = Release.objects.get()
        assert response["Location"] == page("release", "change", release.pk)
        assert "Submitted" in said(response)
        shown = words(as_reviewer.get(page("release", "change", release.pk)))
        assert "All of it is new" in shown
        assert release.digest in shown
        assert page("release", "approve", release.pk) in shown
        assert client.get("/conditions/small-syndrome/").status_code == 404
        approve = page("release", "approve", release.pk)
        assert "Say which interests you have" in words(as_reviewer.post(approve, {"words": ""}))
        assert "Approved" in said(as_reviewer.post(approve, {"words": "", "interests": "None."}))
        assert "Waiting: Approved" in words(as_editor.get(page("condition", "change", small.pk)))
        assert "Published" in said(as_editor.post(page("release", "publish", release.pk)))
        assert client.get("/conditions/small-syndrome/").status_code == 200
        assert "Readers see release 1" in words(as_editor.get(page("condition", "change", small.pk)))
        assert "/conditions/small-syndrome/releases/1/" in words(
            as_editor.get(page("release", "change", release.pk))
        )
        assert "Withdrawn" in said(
            as_reviewer.post(page("release", "withdraw", release.pk), {"words": "Wrong."})
        )
        assert client.get("/conditions/small-syndrome/").status_code == 410
        assert "Withdrawn by Reviewer" in words(as_reviewer.get(page("release", "change", release.pk)))

    def test_the_difference_against_what_readers_see(
        self, as_reviewer: Client, editor: User, small: Condition, publish: Publish
    ) -> None:
        publish(small)
        with acting_as(editor):
            Statement.objects.filter(key="what").update(text="It is *very* rare.")
            release = publishing.submit(editor, small, reason="More.")
        shown = words(as_reviewer.get(page("release", "change", release.pk)))
        assert "1 change against release 1" in shown
        assert "<del>*rare*.</del><ins>*very* rare.</ins>" in shown

    def test_returned(self, as_reviewer: Client, waiting: Release) -> None:
        address = page("release", "return", waiting.pk)
        assert "Write a sentence" in words(as_reviewer.post(address, {"words": " "}))
        assert "Returned" in said(as_reviewer.post(address, {"words": "Cite the trial."}))
        assert Approval.objects.get().note == "Cite the trial."

    def test_who_edited_is_told_why_not(self, sign_in: SignIn, waiting: Release, second_editor: User) -> None:
        with acting_as(second_editor):
            Statement.objects.filter(key="what").update(text="Mine.")
        client = sign_in(second_editor)
        shown = words(client.get(page("release", "change", waiting.pk)))
        assert "Nobody approves what they edited" in shown
        assert page("release", "approve", waiting.pk) not in shown
        refused = client.post(
            page("release", "approve", waiting.pk), {"words": "typed text", "interests": "i"}
        )
        assert "Nobody approves what they edited" in words(refused)
        assert "typed text" in words(refused), "what was typed is kept"
        waiting.refresh_from_db()
        assert waiting.state == "submitted"

    @pytest.mark.parametrize("step", ["approve", "return", "withdraw", "archive", "reaffirm", "confirm"])
    def test_an_editor_has_no_reviewers_steps(self, as_editor: Client, waiting: Release, step: str) -> None:
        assert page("release", step, waiting.pk) not in words(
            as_editor.get(page("release", "change", waiting.pk))
        )
        assert as_editor.get(page("release", step, waiting.pk)).status_code == 404
        tried = as_editor.post(page("release", step, waiting.pk), {"words": "x", "interests": "i"})
        assert "Only a clinical reviewer" in words(tried)

    def test_an_editor_cannot_publish_unapproved(self, as_editor: Client, waiting: Release) -> None:
        assert "only one that is approved" in words(as_editor.post(page("release", "publish", waiting.pk)))

    def test_an_administrator_has_no_step(
        self, sign_in: SignIn, administrator: User, waiting: Release
    ) -> None:
        client = sign_in(administrator)
        for step in ("approve", "return", "publish", "withdraw", "reaffirm", "confirm"):
            assert client.post(page("release", step, waiting.pk), {"words": "x"}).status_code == 404
        assert client.get(page("release", "change", waiting.pk)).status_code == 403

    def test_nobody_adds_changes_or_deletes_a_release(self, as_editor: Client, waiting: Release) -> None:
        assert as_editor.get(page("release", "add")).status_code == 403
        assert as_editor.post(page("release", "change", waiting.pk), {"reason": "x"}).status_code == 403
        assert as_editor.post(page("release", "delete", waiting.pk), {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("number", [0, 99999999999999999999])
    def test_what_is_not_there(self, as_reviewer: Client, as_editor: Client, db: None, number: int) -> None:
        assert as_reviewer.get(page("release", "approve", number)).status_code == 404
        assert as_editor.get(page("condition", "submit", number)).status_code == 404
        for word in ("release", "condition"):
            assert as_editor.get(page(word, "change", number)).status_code in {302, 404}
            assert as_editor.get(page(word, "change", "x")).status_code in {302, 404}

    def test_a_step_needs_its_token(self, waiting: Release, reviewer: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(reviewer)
        assert client.post(page("release", "approve", waiting.pk), {"words": ""}).status_code == 403


def parts_of(conditions: list[Condition]) -> None:
    """A row of each kind that has a list of its own, for each of them."""
    sources = {each.condition_id: each for each in Source.objects.all()}
    told = {"value": "1", "reason": "R."}
    for about in conditions:
        one, cited = {"condition": about}, {"condition": about, "source": sources[about.pk]}
        Code.objects.create(**cited, system="S", code="1", relation="exact")
        Feature.objects.create(**cited, hpo="HP:0000001", name="N", lay="L")
        Fact.objects.create(**cited, **told, key="k", measure="other", about="A")
        MustSay.objects.create(**one, key="k", text="T")
        Organisation.objects.create(**one, key="k", kind="centre", name="N", country="C")


@pytest.mark.parametrize("word", LISTS)
def test_the_lists_cost_the_same_for_many_rows(as_editor: Client, small: Condition, word: str) -> None:
    counts = []
    for total in (10, 200):
        have = Condition.objects.count()
        made = Condition.objects.bulk_create(
            Condition(slug=f"made-{number}", name=f"Made {number}", summary="S")
            for number in range(have, total)
        )
        sections = Section.objects.bulk_create(Section(condition=each, key="s", title="S") for each in made)
        Statement.objects.bulk_create(Statement(section=each, key="k", text="T") for each in sections)
        Source.objects.bulk_create(
            Source(condition=each, key="s", kind="review", title="T", read="whole") for each in made
        )
        Release.objects.bulk_create(Release(condition=each, snapshot={}, digest="0" * 64) for each in made)
        parts_of(made)
        with CaptureQueriesContext(connection) as queries:
            assert as_editor.get(page(word)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
