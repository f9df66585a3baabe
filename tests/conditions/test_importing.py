"""Sheets go out and come in: tried first, into the draft alone, nothing removed, every mistake a sentence."""

import csv
import io
import re

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from tablib import Dataset

from conditions import importing, loading, sheets, snapshot
from conditions.admin.importing import SALT
from conditions.cells import cited
from conditions.models import Citation, Condition, Source, Statement
from conditions.resources import KINDS
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import oms_pack
from tests.conditions.test_admin import Publish, SignIn, page, said, words

NEW = "key,section,text,citations\nnew,overview,It is new.,one: page 9\n"
PLAN = re.compile(r'name="plan" value="([^"]+)"')


@pytest.fixture
def as_editor(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


def digest(condition: Condition) -> str:
    return snapshot.digest(snapshot.take(condition))


def bring(condition: Condition) -> str:
    return page("condition", "import", condition.pk)


def tried(browser: Client, condition: Condition, text: str, kind: str = "statements") -> str:
    return words(browser.post(bring(condition), {"kind": kind, "text": text}))


def written(browser: Client, condition: Condition, text: str, kind: str = "statements") -> str:
    plan = PLAN.search(tried(browser, condition, text, kind))
    assert plan
    response = browser.post(bring(condition), {"plan": plan[1]})
    assert response["Location"] == page("condition", "change", condition.pk)
    return said(response)


class TestRoundTrip:
    @pytest.mark.parametrize("kind", KINDS)
    def test_what_went_out_comes_in_and_changes_nothing(
        self, as_editor: Client, full: Condition, kind: str
    ) -> None:
        response = as_editor.get(page("condition", kind, full.pk))
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert f"small-syndrome-{kind}.csv" in response["Content-Disposition"]
        text = response.content.decode()
        assert text.startswith("\ufeffkey,")
        shown = tried(as_editor, full, text, kind)
        assert "0 rows are new, 0 in all change the draft" in shown
        assert "Write into the draft" not in shown

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_largest_pack_too(self, db: None, kind: str) -> None:
        loading.load(oms_pack())
        condition = Condition.objects.get()
        trial = importing.try_out(condition, kind, importing.export(condition, kind))
        assert trial.mistakes == trial.changes == []
        assert trial.same > 30

    def test_lines_that_end_otherwise_are_no_change(self, full: Condition, editor: User) -> None:
        with acting_as(editor):
            Statement.objects.filter(key="what").update(text="One\r\n\r\n- two\r\n- three")
        text = importing.export(full, "statements")
        for same in (text, text.replace("\r\n", "\n"), text.replace("\r\n", "\n").replace("\n", "\r\n")):
            assert importing.try_out(full, "statements", same).changes == []

    def test_a_whole_new_condition_is_made_of_two_sheets(self, full: Condition, editor: User) -> None:
        other = Condition.objects.create(slug="other", name="Other", summary="S")
        other.sections.create(key="overview", title="O")
        other.sections.create(key="act", title="A", kind="care", urgency="urgent", position=1)
        with acting_as(editor):
            for kind in ("sources", "statements"):
                text = importing.export(full, kind)
                importing.carry_out(editor, other, kind, text, tried=digest(other))
                assert importing.export(other, kind) == text


@given(
    cells=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20), max_size=6
    )
)
@settings(max_examples=60, deadline=None)
def test_any_cell_comes_back_as_it_went(cells: list[str]) -> None:
    kept = [cell.strip().replace("\ufffd", "") for cell in [*cells, "=1+1", "'=1", "''", "'tis", "-", "@x"]]
    data = Dataset(*([f"k{at}", cell] for at, cell in enumerate(kept)), headers=["key", "text"])
    assert [row["text"] for row in sheets.read(sheets.write(data), ["key", "text"]).dict] == kept


def test_formulas_stay_text(as_editor: Client, small: Condition, editor: User) -> None:
    written(as_editor, small, 'key,text\nwhat,"=HYPERLINK(""https://x.example"")"\nadults,-1+1\n')
    assert Statement.objects.get(key="what").text == '=HYPERLINK("https://x.example")'
    out = as_editor.get(page("condition", "statements", small.pk)).content.decode()
    cells = [cell for row in csv.reader(io.StringIO(out.lstrip("\ufeff"), newline="")) for cell in row]
    assert '\'=HYPERLINK("https://x.example")' in cells
    assert "'-1+1" in cells
    assert not [cell for cell in cells if cell.startswith(sheets.STARTS)]
    assert importing.try_out(small, "statements", out).changes == []


class TestWriting:
    def test_tried_first_then_written_to_the_draft_alone(
        self, as_editor: Client, small: Condition, publish: Publish, client: Client, sign_in: SignIn,
        auditor: User,
    ) -> None:  # fmt: skip
        publish(small)
        before = digest(small)
        text = "key\ttext\tcitations\nwhat\tIt is *very* rare.\ttwo contradicts unchecked: table 3\n"
        shown = tried(as_editor, small, text)
        assert "<ins>*very* rare.</ins>" in shown or "<ins>*very* </ins>" in shown
        assert digest(small) == before, "a trial writes nothing"
        told = written(as_editor, small, text)
        assert "0 rows are new, 1 changed, 0 were the same." in told
        assert "readers still see release 1" in told
        assert Statement.objects.get(key="what").text == "It is *very* rare."
        cites = dict(Citation.objects.filter(statement__key="what").values_list("source__key", "stance"))
        assert cites == {"one": "supports", "two": "contradicts"}, "what the sheet leaves out stays"
        assert "It is <em>rare</em>." in words(client.get("/conditions/small-syndrome/"))
        trail = words(sign_in(auditor).get("/trail/"))
        assert trail.count("statements.imported") == 1
        assert "statement.changed" not in trail

    def test_new_rows(self, as_editor: Client, small: Condition) -> None:
        sources = "key,kind,title,read\nthree,trial,Third work,whole\n"
        assert "1 row is new" in written(as_editor, small, sources, "sources")
        assert not Source.objects.get(key="three").checked, "nobody has, unless the sheet says so"
        assert "1 row is new" in written(as_editor, small, NEW.replace("one: page 9", "three: page 9"))
        made = Statement.objects.get(key="new")
        assert (made.position, made.population) == (4, "all"), "last, about everyone"
        citation = made.citations.get()
        assert (citation.source.key, citation.locator, citation.checked) == ("three", "page 9", False)

    def test_nothing_is_removed(self, as_editor: Client, small: Condition) -> None:
        written(as_editor, small, NEW)
        assert set(Statement.objects.values_list("key", flat=True)) == {"what", "children", "adults", "new"}
        assert Statement.objects.get(key="children").citations.count() == 2

    @pytest.mark.parametrize(
        ("line", "left"),
        [
            ("one", "one supports checked: page 1"),
            ("one mentions", "one mentions checked: page 1"),
            ("one 2026-11-28", "one supports 2026-11-28: page 1"),
            ("one unchecked", "one supports unchecked: page 1"),
            ("one:", "one supports checked"),
            ("one contradicts unchecked: page 2: table", "one contradicts unchecked: page 2: table"),
        ],
    )
    def test_a_citation_keeps_what_its_line_leaves_out(
        self, small: Condition, editor: User, line: str, left: str
    ) -> None:
        with acting_as(editor):
            text = f"key,citations\nwhat,{line}\n"
            importing.carry_out(editor, small, "statements", text, tried=digest(small))
        assert str(cited(Citation.objects.get(statement__key="what"))) == left

    def test_what_says_the_same_is_not_touched(self, small: Condition, editor: User) -> None:
        text = importing.export(small, "statements").replace("Adults tremble", "Adults shiver")
        with acting_as(editor), CaptureQueriesContext(connection) as queries:
            importing.carry_out(editor, small, "statements", text, tried=digest(small))
        writes = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
        assert len([sql for sql in writes if "conditions_" in sql]) == 1
        assert not [query for query in queries if query["sql"].startswith("DELETE")]

    def test_a_draft_that_moved_is_shown_anew(
        self, as_editor: Client, small: Condition, second_editor: User
    ) -> None:
        plan = PLAN.search(tried(as_editor, small, "key,text\nwhat,From the sheet.\n"))
        assert plan
        with acting_as(second_editor):
            Statement.objects.filter(key="what").update(text="Somebody else's words.")
        response = as_editor.post(bring(small), {"plan": plan[1]})
        assert "Somebody changed the draft meanwhile" in words(response)
        assert "Somebody" in "".join(re.findall("<del>[^<]*</del>", words(response)))
        assert Statement.objects.get(key="what").text == "Somebody else's words."
        again = PLAN.search(words(response))
        assert again
        as_editor.post(bring(small), {"plan": again[1]})
        assert Statement.objects.get(key="what").text == "From the sheet."

    def test_two_rows_may_not_be_written_in_part(self, small: Condition, editor: User) -> None:
        before = digest(small)
        text = "key,text\nwhat,Good words.\nchildren,\n"
        with acting_as(editor):
            trial = importing.carry_out(editor, small, "statements", text, tried=before)
        assert trial.mistakes == ["Row 3, text: This field cannot be blank."]
        assert digest(small) == before

    def test_a_plan_with_a_mistake_shows_it(self, as_editor: Client, small: Condition, editor: User) -> None:
        """As after an update that refuses what the trial took."""
        before = digest(small)
        signed = [editor.pk, small.pk, "statements", before, "key,text\nwhat,Good.\nchildren,\n"]
        plan = signing.dumps(signed, salt=SALT, compress=True)
        assert "Row 3, text" in words(as_editor.post(bring(small), {"plan": plan}))
        assert digest(small) == before

    @pytest.mark.parametrize("plan", ["", "x", "a:b:c", "é\0"])
    def test_a_made_up_plan(self, as_editor: Client, small: Condition, plan: str) -> None:
        before = digest(small)
        response = as_editor.post(bring(small), {"plan": plan})
        assert response.status_code in {200, 400}
        assert digest(small) == before

    def test_another_persons_plan(
        self, as_editor: Client, small: Condition, sign_in: SignIn, second_editor: User
    ) -> None:
        plan = PLAN.search(tried(as_editor, small, NEW))
        assert plan
        response = sign_in(second_editor).post(bring(small), {"plan": plan[1]})
        assert "over an hour old or another person" in words(response)
        assert not Statement.objects.filter(key="new").exists()

    def test_a_plan_of_another_condition(self, as_editor: Client, small: Condition) -> None:
        other = Condition.objects.create(slug="other", name="Other", summary="S")
        plan = PLAN.search(tried(as_editor, small, NEW))
        assert plan
        assert "over an hour old" in words(as_editor.post(bring(other), {"plan": plan[1]}))


BROKEN = [
    ("", "Paste the cells"),
    ("\n\n", "must name the columns"),
    ("text\nx\n", "“key” among them"),
    ("key,txet\nwhat,x\n", "The column “txet” is unknown; is it misspelt?"),
    ("key,text,text\nwhat,x,y\n", "Two columns are called “text”"),
    ("key,text\nwhat,x\nchildren,y\nwhat,z\n", "Row 4: the key “what” stands in row 2 already."),
    ("key,text\nwhat\n", "Row 2 has 1 cells and the first row has 2."),
    ("key,text\nwhat,x,y\n", "Row 2 has 3 cells and the first row has 2."),
    ("key,text\n,x\n", "Row 2 has no key."),
    ('key,text\nwhat,"x\n', "quotation marks of a cell do not close"),
    ('key,text\nwhat,"x" y\n', "quotation marks of a cell do not close"),
    ("key,text\nwhat,caf\ufffd\n", "Line 2 has letters that cannot be read"),
    ("PK\x03\x04\x14", "This is a workbook. Save the sheet as CSV in UTF-8"),
    ("key,text\nwhat,a\x0bb\n", "Line 2 holds a character that cannot be stored"),
    ("key,text\nwhat,\n", "Row 2, text: This field cannot be blank."),
    (f"key,text\nwhat,{'x' * 2001}\n", "Row 2, text: This has 2,001 characters; 2,000 is the most."),
    (f"key,question\nwhat,{'x' * 201}\n", "Row 2, question: Ensure this value has at most 200 characters"),
    ("key,population\nwhat,kids\n", "Write one of: all, child, adult."),
    ("key,section\nwhat,nowhere\n", "Row 2, section: The section “nowhere” is not in this condition"),
    ("key,section,text\nnew,overview,x\n", "Row 2, citations: Every statement needs a source."),
    ("key,text,citations\nnew,x,one\n", "Row 2, section: Name the section by its key."),
    ("key,section,text,citations\nnew key,overview,x,one\n", "Row 2, key: Enter a valid “slug”"),
    ("key,citations\nwhat,three\n", "Row 2, citations: The source “three” is not in this condition"),
    ("key,citations\nwhat,one loves\n", "“one loves” cannot be read. Write a source&#x27;s key"),
    ("key,citations\nwhat,one 2026-02-31\n", "“one 2026-02-31” cannot be read"),
    ("key,citations\nwhat,one 9000-01-01\n", "Row 2, citations: This day has not come yet."),
    ('key,citations\nwhat,"one\none"\n', "The source “one” stands there twice"),
    (f"key,citations\nwhat,one: {'x' * 121}\n", "Row 2, citations: Ensure this value has at most 120"),
    ("key,decision\nwhat,Newer\n", "Row 2, decision: A decision needs its reason, who decided and the day"),
    ("key,decided_on\nwhat,soon\n", "Row 2, decided_on: Write a day like 2026-11-28."),
    (
        "key,decision,decided_by,decided_on\nwhat,Newer,The board,9000-01-01\n",
        "Row 2, decided_on: This day has not come yet.",
    ),
    ("key,position\nwhat,first\n", "Row 2, position: Write a whole number in digits."),
    ("key,position\nwhat,-1\n", "Row 2, position: Write a whole number in digits."),
    ("key,position\nwhat,99999999\n", "Row 2, position: Ensure this value is less than or equal to 32767."),
    ("key,text\n" + "".join(f"k{n},x\n" for n in range(5000)), "has 5,000 rows and 1,000 are the most"),
]
BROKEN_SOURCES = [
    ("key,year\none,1066\n", "Row 2, year: Ensure this value is greater than or equal to 1900."),
    ("key,year\none,２０２０\n", "Row 2, year: Write a whole number in digits."),
    ("key,checked\none,maybe\n", "Row 2, checked: Write yes or no."),
    ("key,kind\none,blog\n", "Row 2, kind: Value &#x27;blog&#x27; is not a valid choice. Write one of:"),
    ("key,url\none,javascript:alert(1)\n", "Row 2, url: Enter a valid URL."),
    ("key,url\none,\"data:text/html,x\"\n", "Row 2, url: Enter a valid URL."),
    ("key,title\nthree,Third\n", "Row 2, kind: This field cannot be blank."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [("statements", *each) for each in BROKEN] + [("sources", *each) for each in BROKEN_SOURCES],
)
def test_a_broken_sheet_gets_a_sentence_and_stays_in_the_field(
    as_editor: Client, small: Condition, kind: str, text: str, sentence: str
) -> None:
    before = digest(small)
    shown = tried(as_editor, small, text, kind)
    assert sentence in shown, re.findall(r"errorlist.*?</ul>", shown)
    assert 'name="plan"' not in shown
    assert digest(small) == before
    assert " ".join(text.split()[:1]) in shown


def test_many_mistakes_are_counted(as_editor: Client, small: Condition) -> None:
    text = "key,text\n" + "".join(f"k{number},\n" for number in range(100))
    shown = tried(as_editor, small, text)
    assert "Row 2, " in shown
    assert re.search(r"And \d+ more mistakes", shown)


def test_a_key_of_two_rows_of_the_draft(as_editor: Client, small: Condition, editor: User) -> None:
    with acting_as(editor):
        other = small.sections.create(key="other", title="Other")
        Statement.objects.create(section=other, key="what", text="Twice")
    assert "Two rows of the draft have this key" in tried(as_editor, small, "key,text\nwhat,x\n")


def many(number: int) -> str:
    rows = [f"k{at},overview,Words.,one\n" for at in range(number)]
    return "key,section,text,citations\n" + "".join(rows)


def test_as_many_rows_as_may_be(small: Condition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST", 20)
    assert importing.try_out(small, "statements", many(20)).new == 20
    assert importing.try_out(small, "statements", many(21)).mistakes == [
        "This sheet has 21 rows and 20 are the most. Split it."
    ]


def test_a_row_costs_a_handful_of_questions(small: Condition) -> None:
    counts = []
    for number in (10, 110):
        with CaptureQueriesContext(connection) as queries:
            importing.try_out(small, "statements", many(number))
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 100 * 5, "two savepoints' words, a statement, a citation"


HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "</ins><svg/onload=alert(1)>",
    "> " * 50 + "deep",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_shown_as_words(as_editor: Client, small: Condition, text: str) -> None:
    sheet = sheets.write(Dataset(["what", text], headers=["key", "text"]))
    shown = tried(as_editor, small, sheet)
    for live in ("<script>alert", "<img src=x", "<svg/", 'href="javascript'):
        assert live not in shown
    written(as_editor, small, sheet)
    assert Statement.objects.get(key="what").text == text.strip()
    change = words(as_editor.get(page("statement", "change", Statement.objects.get(key="what").pk)))
    assert "<script>alert" not in change


class TestWho:
    @pytest.mark.parametrize(
        ("role", "status"),
        [("reviewer", 404), ("administrator", 404), ("family", 403), ("clinician", 403), ("auditor", 403)],
    )
    def test_only_an_editor(
        self, sign_in: SignIn, small: Condition, role: str, status: int, request: pytest.FixtureRequest
    ) -> None:
        browser = sign_in(request.getfixturevalue(role))
        before = digest(small)
        assert browser.get(bring(small)).status_code == status
        assert browser.post(bring(small), {"kind": "statements", "text": NEW}).status_code == status
        for kind in KINDS:
            assert browser.get(page("condition", kind, small.pk)).status_code == status
        assert digest(small) == before

    def test_a_reviewer_with_an_editors_plan(
        self, as_editor: Client, small: Condition, sign_in: SignIn, reviewer: User
    ) -> None:
        plan = PLAN.search(tried(as_editor, small, NEW))
        assert plan
        assert sign_in(reviewer).post(bring(small), {"plan": plan[1]}).status_code == 404
        with acting_as(reviewer), pytest.raises(PermissionDenied):
            importing.carry_out(reviewer, small, "statements", NEW, tried=digest(small))

    def test_the_condition_links_there(
        self, as_editor: Client, small: Condition, sign_in: SignIn, reviewer: User
    ) -> None:
        address = page("condition", "change", small.pk)
        assert bring(small) in words(as_editor.get(address))
        assert bring(small) not in words(sign_in(reviewer).get(address))
        assert "Copy the cells out of your spreadsheet" in words(as_editor.get(bring(small)))

    @pytest.mark.parametrize("number", [0, 99999999999999999999])
    def test_what_is_not_there(self, as_editor: Client, db: None, number: int) -> None:
        for word in ("import", "statements", "sources"):
            assert as_editor.get(page("condition", word, number)).status_code == 404

    def test_reading_out_writes_nothing(self, as_editor: Client, small: Condition) -> None:
        with CaptureQueriesContext(connection) as queries:
            as_editor.get(page("condition", "statements", small.pk))
        assert not [query for query in queries if "conditions_" in query["sql"].split("WHERE")[0]
                    and not query["sql"].startswith("SELECT")]  # fmt: skip
