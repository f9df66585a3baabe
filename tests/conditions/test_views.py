"""What readers see: releases only, by group, cached with care, never a 500."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from conditions import handouts, loading, pages, publishing, reading, shelf, snapshot, standing
from conditions.due import months_after
from conditions.models import Approval, Condition, Release, Statement
from conditions.standing import Standing
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import OMS, oms_pack

Publish = Callable[..., Release]
DECIDED = "Decided by The board of Erewhon on 1 February 2026. Why: The first work counted more people."
URL = "/conditions/small-syndrome/"
PAGES = [URL, f"{URL}releases/1/", f"{URL}changes/", f"{URL}data.json", f"{URL}handout.pdf"]
PAGES += [f"{URL}changes.atom", f"{URL}?for=child"]
PAGES += [f"{URL}releases/1/data.json", f"{URL}releases/1/handout.pdf"]


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("url", PAGES)
def test_a_draft_is_not_there(client: Client, small: Condition, url: str) -> None:
    assert client.get(url).status_code == 404
    publishing.submit(None, small, reason="Waiting.")
    assert client.get(url).status_code == 404


def test_a_draft_is_neither_listed_nor_found(client: Client, small: Condition) -> None:
    assert "No condition is published yet" in text(client, "/conditions/")
    assert "Nothing found" in text(client, "/conditions/?q=small")
    unknown = client.get("/lookup/?system=ORPHA&code=9999")
    assert unknown.status_code == 404
    assert "No condition here carries ORPHA 9999" in unknown.content.decode()


def test_a_later_draft_never_leaks(client: Client, small: Condition, publish: Publish, editor: User) -> None:
    publish(small)
    before = {url: client.get(url).content for url in PAGES}
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="A secret draft.")
        Condition.objects.update(name="Secret name", summary="Secret summary.")
        small.names.create(text="Hidden name", kind="lay")
        small.codes.create(system="GARD", code="77", relation="exact", source=small.sources.first())
        publishing.submit(editor, small, reason="Waiting.")
    assert {url: client.get(url).content for url in PAGES} == before
    assert "Nothing found" in text(client, "/conditions/?q=Hidden")
    assert "Secret" not in text(client, "/conditions/")
    assert "Nothing found" in text(client, "/conditions/?q=secret")
    assert client.get("/lookup/?system=GARD&code=77").status_code == 404


def test_the_page_changes_with_publication(
    client: Client, small: Condition, publish: Publish, editor: User
) -> None:
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="It is **very** rare.")
    publish(small, reason="Stronger.", note="Read with care.")
    page = text(client, URL)
    assert "<p>It is <strong>very</strong> rare. <span" in page
    assert "Release 2" in page
    assert "The reviewer’s note: Read with care." in page
    old = text(client, f"{URL}releases/1/")
    assert "<em>rare</em>" in old
    assert "Read release 2" in old
    changes = text(client, f"{URL}changes/")
    assert "<del>*rare*.</del><ins>**very** rare.</ins>" in changes
    assert "Stronger." in changes


def test_an_old_release_is_printed_and_given_to_machines_as_it_was(
    client: Client, small: Condition, publish: Publish, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Zebras have it.")
    publish(small, reason="Stronger.")
    old = text(client, f"{URL}releases/1/")
    assert f'href="{URL}releases/1/handout.pdf"' in old
    assert old.count(f'href="{URL}releases/1/data.json"') == 2  # in the head, too
    data = client.get(f"{URL}releases/1/data.json").json()
    assert (data["release"]["number"], data["release"]["replaced_by"]) == (1, 2)
    assert "Zebras" not in json.dumps(data)
    assert client.get(f"{URL}releases/2/data.json").json()["release"]["replaced_by"] is None
    printed: list[dict] = []
    monkeypatch.setattr(handouts, "_compile", lambda data, *_: printed.append(json.loads(data)) or b"%PDF")
    answer = client.get(f"{URL}releases/1/handout.pdf")
    assert answer["Content-Disposition"] == 'inline; filename="small-syndrome-release-1.pdf"'
    assert "Release 2 has replaced this one." in printed[0]["told"]
    assert "Zebras" not in json.dumps(printed)
    assert client.get(f"{URL}releases/3/handout.pdf").status_code == 404


def test_withdrawn_is_gone_and_the_one_before_is_back(
    client: Client, small: Condition, publish: Publish, editor: User, reviewer: User
) -> None:
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Wrong.")
    wrong = publish(small, reason="Mistake.")
    with acting_as(reviewer):
        publishing.withdraw(reviewer, wrong, reason="A figure was wrong.")
    assert "<em>rare</em>" in text(client, URL)
    assert client.get(f"{URL}releases/2/").status_code == 410
    assert "Release 2 was withdrawn" in text(client, f"{URL}changes/")


def test_statements_sources_codes(client: Client, small: Condition, publish: Publish) -> None:
    publish(small)
    page = text(client, URL)
    assert 'href="#source-one"' in page
    assert 'id="source-one" value="1"' in page
    assert 'href="#statement-what"' in page
    assert "Confirmed none" in page
    assert "HP:0001336" in page
    assert "approved by a clinical reviewer on" in page
    assert "Not clinically approved" not in page
    assert page.count("Source to be verified") == 2  # two statements cite the unchecked source
    assert "reviewer@" not in page
    assert "Reviewer" not in page, "a person's name does not belong in a shared cache"


@pytest.mark.parametrize(
    ("whom", "shown"),
    [
        ("", {"what", "children", "adults"}),
        ("?for=child", {"what", "children"}),
        ("?for=adult", {"what", "adults"}),
        ("?for=", {"what", "children", "adults"}),
        ("?for=<b>", {"what", "children", "adults"}),
        ("?for=all", {"what", "children", "adults"}),
    ],
)
def test_the_switch(client: Client, small: Condition, publish: Publish, whom: str, shown: set[str]) -> None:
    publish(small)
    page = text(client, URL + whom)
    assert set(re.findall(r'id="statement-([a-z]+)"', page)) == shown
    assert ("HP:0001336" in page) == ("children" in shown)


def test_nobody_meets_what_is_about_adults_by_accident(
    client: Client, full: Condition, publish: Publish
) -> None:
    """On the page for everyone it is there and folded; who asked for adults reads it at once."""
    publish(full)
    everyone = text(client, URL)
    folded = re.findall(r'<details class="of-adults">.*?</details>\s*</div>\s*</details>', everyone, re.S)
    assert any("Adults tremble." in each for each in folded)
    assert everyone.count('<details class="of-adults">') == 2
    assert 'class="of-adults"' not in text(client, f"{URL}?for=adult")


def test_the_group_is_kept_on_every_way_on(client: Client, small: Condition, publish: Publish) -> None:
    publish(small)
    publish_again(small, publish)
    page = text(client, f"{URL}releases/1/?for=child")
    for way in (
        f"{URL}?for=child",
        f"{URL}releases/1/?for=child",
        f"{URL}feedback/?kind=error&amp;for=child",
    ):
        assert f'href="{way}"' in page
    there = f"{URL}feedback/?kind=helpful&for=child"
    assert f'href="{URL}?for=child"' in text(client, there)
    sent = client.post(there, {"kind": "helpful"})
    assert sent["Location"] == f"{URL}feedback/?sent=helpful&for=child"
    assert f'href="{URL}?for=child"' in text(client, sent["Location"])


def publish_again(condition: Condition, publish: Publish) -> None:
    Statement.objects.filter(key="what").update(text="It is *very* rare.")
    publish(condition, reason="More.")


def test_numbers_of_sources_do_not_depend_on_the_group(small: Condition) -> None:
    content = snapshot.take(small)
    everyone, adults = reading.edition(content), reading.edition(content, "adult")
    numbers = {source.entry["key"]: source.number for source in everyone.sources}
    assert all(numbers[source.entry["key"]] == source.number for source in adults.sources)


def test_a_group_that_nothing_is_said_about(client: Client, small: Condition, publish: Publish) -> None:
    Statement.objects.update(population="child")
    publish(small)
    assert "Nothing here for this group" in text(client, f"{URL}?for=adult")


class TestContent:
    """What a release may hold beyond lay sentences."""

    @pytest.fixture
    def page(self, client: Client, full: Condition, publish: Publish) -> Callable[[str], str]:
        publish(full)
        return lambda tail="": text(client, URL + tail)

    def test_a_care_card_says_how_soon(self, page: Callable[[str], str]) -> None:
        shown = page("")
        assert 'class="care-card care-card-urgent"' in shown
        assert "Emergency advice:" in shown
        assert 'href="#section-act"' in shown

    def test_the_support_of_a_statement_is_one_tap_away(self, page: Callable[[str], str]) -> None:
        support = page("").split('id="statement-fits"')[1].split("</details>")[0]
        assert "Support: 2 sources, <strong>sources differ</strong>" in support
        assert 'Supports: <a href="#source-one">First work</a>, page 2.' in support
        assert '<time datetime="2026-01-30">30 January 2026</time>' in support
        assert "Contradicts:" in support
        assert "Still to be compared with the source." in support
        assert "Who says otherwise: The second work would wait." in support

    @pytest.mark.parametrize(
        ("tail", "shown", "hidden"),
        [
            ("", "Somebody does not wake.", "Reduced consciousness."),
            ("?words=professional", "Reduced consciousness.", "Somebody does not wake."),
            ("?for=child&words=professional", "Reduced consciousness.", "Somebody does not wake."),
            ("?words=%3Cb%3E", "Somebody does not wake.", "Reduced consciousness."),
        ],
    )
    def test_the_wording(self, page: Callable[[str], str], tail: str, shown: str, hidden: str) -> None:
        asked = page(tail)
        assert shown in asked
        assert hidden not in asked
        assert "Children wobble." in asked, "plain words where there are no others"

    def test_each_switch_keeps_the_other(self, page: Callable[[str], str]) -> None:
        asked = page("?for=child&words=professional")
        assert 'href="?for=adult&amp;words=professional"' in asked
        assert 'href="?for=child"' in asked

    def test_one_wording_offers_no_switch(self, client: Client, small: Condition, publish: Publish) -> None:
        publish(small)
        assert "Professional words" not in text(client, URL)

    def test_a_figure_stands_with_whom_it_counts_and_with_the_others(
        self, page: Callable[[str], str]
    ) -> None:
        shown = page("")
        assert "0.18 (0.1 to 0.20) per million people" in shown
        assert "Here, 2003 to 2005" in shown
        assert "Why this figure, and 1 other" in shown
        assert "Not shown first: 0.4" in shown
        assert "It counts children alone." in shown

    def test_no_figure_of_adults_is_shown_for_children(self, page: Callable[[str], str]) -> None:
        about_adults = page("?for=adult")
        assert "39%" in about_adults
        assert "45 adults" in about_adults
        for words in ("", "&words=professional"):
            asked = page(f"?for=child{words}")
            assert "Grown-ups" not in asked
            assert "45 adults" not in asked
            assert "Adults tremble." not in asked

    def test_the_directory(self, page: Callable[[str], str]) -> None:
        directory = page("").split('id="organisations"')[1].split("</section>")[0]
        assert directory.index("Erewhon") < directory.index("Nowhere")
        assert '<a href="https://example.org/group" rel="noopener">The Group</a>' in directory
        assert "31 January 2026" in directory
        assert "To be verified" in directory

    def test_a_decision_is_told_with_the_support(self, page: Callable[[str], str]) -> None:
        support = page("").split('id="statement-fits"')[1].split("</details>")[0]
        assert "<strong>sources differ</strong>, decided with a reason" in support
        assert f"<p>{DECIDED}</p>" in support
        assert page("").count("decided with a reason") == 1

    def test_the_handout_holds_the_same(self, client: Client, full: Condition, publish: Publish) -> None:
        release = publish(full)
        printed = handouts.contents(release, reading.edition(release.snapshot))
        (card,) = [each for each in printed["sections"] if each["urgency"]]
        assert card["statements"][0]["dissent"] == "The second work would wait."
        assert card["statements"][0]["decision"] == DECIDED
        assert printed["facts"][0]["figure"] == "0.18 (0.1 to 0.20) per million people"
        assert printed["countries"][1]["entries"][0].endswith("checked on 31 January 2026.")
        children = handouts.contents(release, reading.edition(release.snapshot, "child"))
        assert "Grown-ups" not in json.dumps(children)
        assert client.get(f"{URL}handout.pdf").content.startswith(b"%PDF")
        assert b"pdfuaid" in client.get(f"{URL}handout.pdf").content

    def test_the_handout_says_until_when_it_is_good_and_where_the_newest_is(
        self, client: Client, full: Condition, publish: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(full)
        printed: list[dict] = []

        def compiled(data: str, *_: object) -> bytes:
            printed.append(json.loads(data))
            return b"%PDF"

        monkeypatch.setattr(handouts, "_compile", compiled)
        client.get(f"{URL}handout.pdf", headers={"host": "localhost"})
        due = months_after(timezone.localdate(), 6)
        assert f"Do not use this paper after {due:%-d %B %Y}." in printed[0]["told"]
        assert printed[0]["address"] == f"localhost{URL}".rstrip("/")

    def test_data_holds_the_same(self, client: Client, full: Condition, publish: Publish) -> None:
        release = publish(full)
        data = json.loads(client.get(f"{URL}data.json").content)
        for word in ("facts", "must_says", "organisations"):
            assert data[word] == release.snapshot[word]
        assert data["sections"][1] == {
            "key": "act",
            "title": "Call now",
            "kind": "care",
            "urgency": "emergency",
        }

    def test_hostile_words_stay_words(self, client: Client, full: Condition, publish: Publish) -> None:
        attack = "<script>alert(1)</script>"
        decided = {"decision": attack, "decided_by": attack, "decided_on": date(2026, 2, 1)}
        Statement.objects.update(dissent=attack, **decided, professional=f"{attack} [x](javascript:alert(1))")
        full.facts.update(reason=attack, denominator=attack)
        full.organisations.update(note=attack, url="javascript:alert(1)")
        publish(full)
        for tail in ("", "?words=professional"):
            page = text(client, URL + tail)
            assert "<script>alert" not in page
            assert 'href="javascript' not in page


def test_data(client: Client, small: Condition, publish: Publish) -> None:
    release = publish(small)
    data, today = json.loads(client.get(f"{URL}data.json").content), timezone.localdate()
    assert set(data) == {
        *("condition", "release", "names", "codes", "features", "facts", "must_says", "organisations"),
        *("sources", "sections", "statements"),
    }
    assert data["release"] == {
        "number": 1,
        "replaced_by": None,
        "published_at": release.published_at.isoformat(),
        "clinically_approved": True,
        "notice": "",
        "digest": release.digest,
        "review": {
            "on": today.isoformat(),
            "unchanged": False,
            "interests": "None.",
            "due": months_after(today, 12).isoformat(),
            "overdue": False,
        },
        "withdrawals": [],
    }
    assert data["statements"][0] == {
        "key": "what",
        "section": "overview",
        "text": "It is *rare*.",
        "population": "all",
        "question": "",
        "professional": "",
        "dissent": "",
        "decision": "",
        "decided_by": "",
        "decided_on": None,
        "citations": [
            {
                "source": "one",
                "locator": "page 1",
                "stance": "supports",
                "checked": True,
                "checked_on": None,
            }
        ],
    }


@pytest.fixture
def unapproved(small: Condition, settings: Settings) -> Release:
    """A release that no reviewer read, as a demonstration's database would hold it."""
    release = publishing.submit(None, small, reason="Demo.")
    release.state, release.number, release.published_at = "published", 1, datetime(2026, 1, 2, tzinfo=UTC)
    return release


def test_unapproved_says_so_everywhere(
    unapproved: Release, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    from conditions import views

    stands = Standing(
        release=unapproved.pk,
        slug="small-syndrome",
        digest=unapproved.digest,
        number=1,
        published_at=unapproved.published_at,
        reason="Demo.",
        clinically_approved=False,
        newest=1,
        translations=(),
        moved_at=unapproved.published_at,
        review=None,
        notices=(),
        archived=None,
    )
    monkeypatch.setattr(views, "_standing", lambda slug, number=None: stands)
    monkeypatch.setattr(pages, "_load", lambda standing: unapproved)
    assert "notice-unapproved" in text(client, URL)
    assert json.loads(client.get(f"{URL}data.json").content)["release"]["notice"].startswith("Not clinically")
    printed = handouts.contents(unapproved, reading.edition(unapproved.snapshot))
    assert printed["notice"].startswith("Not clinically approved")
    assert client.get(f"{URL}handout.pdf").status_code == 200


@pytest.mark.parametrize("whom", ["", "child", "adult"])
def test_the_handout_is_a_tagged_pdf(client: Client, small: Condition, publish: Publish, whom: str) -> None:
    publish(small)
    response = client.get(f"{URL}handout.pdf?for={whom}")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/Marked true", b"/Lang", b"pdfuaid"):
        assert mark in response.content, mark
    assert response["Content-Disposition"].startswith('inline; filename="small-syndrome-release-1')


@pytest.mark.parametrize(
    "words", ['#panic("x")', "$ x $ \\ #import", "患者 🙂 \u202e abc", "]#sys.inputs[", "*" * 500]
)
def test_the_handout_prints_what_was_written_and_runs_nothing(
    small: Condition, publish: Publish, words: str
) -> None:
    Statement.objects.filter(key="what").update(text=words, question=words[:200])
    assert handouts.to_pdf(publish(small)).startswith(b"%PDF")


def test_a_script_in_a_statement_is_text(client: Client, small: Condition, publish: Publish) -> None:
    Statement.objects.filter(key="what").update(text="<script>alert(1)</script> [x](javascript:alert(1))")
    publish(small)
    page = text(client, URL)
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


class TestCaching:
    def test_signed_out_pages_are_shared_for_a_minute(
        self, client: Client, small: Condition, publish: Publish
    ) -> None:
        publish(small)
        for url in ["/conditions/", *PAGES]:
            response = client.get(url)
            assert response["Cache-Control"] == "public, max-age=0, s-maxage=60", url
            assert "Cookie" in response["Vary"]
            again = client.get(url, headers={"if-none-match": response["ETag"]})
            assert (again.status_code, again.content) == (304, b""), url

    def test_signed_in_pages_are_ones_own(
        self, sign_in: Callable[[User], Client], family: User, small: Condition, publish: Publish
    ) -> None:
        publish(small)
        response = sign_in(family).get(URL)
        assert response.status_code == 200
        assert "private" in response["Cache-Control"]
        assert "ETag" not in response

    def test_a_page_that_is_not_there_is_not_kept(self, client: Client, db: None) -> None:
        assert "public" not in client.get(URL).get("Cache-Control", "")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reading_only(client: Client, db: None, method: str) -> None:
    for url in ["/conditions/", "/lookup/", *PAGES]:
        assert getattr(client, method)(url).status_code in {403, 405}, url


def test_head(client: Client, small: Condition, publish: Publish) -> None:
    publish(small)
    response = client.head(URL)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "url",
    [
        "/conditions/?page=0",
        "/conditions/?page=-1",
        "/conditions/?page=x",
        "/conditions/?page=99999999999999999999",
        "/conditions/?q=%25%27%22%5C",
        "/conditions/?q=" + "x" * 5000,
        "/conditions/?q=%F0%9F%99%82",
        "/conditions/?q=++",
        "/conditions/?q=%ED%A0%80",
        "/conditions/?q=(((*",
        "/lookup/",
        "/lookup/?system=ORPHA",
        "/lookup/?code=1",
    ],
)
def test_odd_questions_are_answered(client: Client, small: Condition, publish: Publish, url: str) -> None:
    publish(small)
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "/lookup/?system=%5B(&code=%5B",
        "/lookup/?system=ORPHA&code=" + "9" * 3000,
        "/lookup/?system=%00&code=%ED%A0%80&format=json",
    ],
)
def test_odd_codes_are_not_found(client: Client, small: Condition, publish: Publish, url: str) -> None:
    publish(small)
    assert client.get(url).status_code in {400, 404}


@pytest.mark.parametrize(
    "url",
    [f"{URL}releases/0/", f"{URL}releases/2/", f"{URL}releases/99999999999999999999/", "/conditions/none/"],
)
def test_what_is_not_there_is_404(client: Client, small: Condition, publish: Publish, url: str) -> None:
    publish(small)
    assert client.get(url).status_code == 404


def test_the_list_pages_cost_the_same_for_ten_and_two_hundred(
    client: Client,
    small: Condition,
    publish: Publish,
    reviewer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    release = publish(small)
    for total in (10, 200):
        publish_more(release, reviewer, total)
        for url, queries in (
            ("/conditions/", 1),
            ("/conditions/?q=small", 2),
            ("/conditions/?q=rare", 2),
            ("/conditions/?page=2", 1),
            ("/conditions/changes.atom", 3),
            ("/sitemap.xml", 1),
            ("/lookup/?system=ORPHA&code=9999", 1),
        ):
            with django_assert_num_queries(queries):
                client.get(url)


def publish_more(release: Release, reviewer: User, total: int) -> None:
    """Publish copies under other names until there are `total` conditions, in a few statements."""
    slugs = [f"made-{number}" for number in range(Condition.objects.count(), total)]
    made = Condition.objects.bulk_create(Condition(slug=slug, name=slug, summary="S") for slug in slugs)
    waiting = Release.objects.bulk_create(
        Release(
            condition=each,
            digest=release.digest,
            snapshot={**release.snapshot, "condition": {**release.snapshot["condition"], "slug": each.slug}},
        )
        for each in made
    )
    with acting_as(reviewer):
        Approval.objects.bulk_create(
            Approval(
                release=each, reviewer=reviewer, verdict="approved", digest=each.digest, interests="None."
            )
            for each in waiting
        )
        copies = Release.objects.filter(condition__in=made)
        copies.update(
            state="published", clinically_approved=True, number=1, published_at=release.published_at
        )


def test_a_condition_page_costs_one_small_query(
    client: Client, small: Condition, publish: Publish, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Once made, only the mark is read; a process that made none of it reads what lies on the shelf."""
    publish(small)
    loading.load(oms_pack())
    publish(Condition.objects.get(slug=OMS.name))
    pages = ("", "data.json", "handout.pdf")
    for slug in ("small-syndrome", OMS.name):
        shelf.place_of.cache_clear()  # what earlier tests made lies on no shelf any more
        made = [client.get(f"/conditions/{slug}/{page}").content for page in pages]
        shelf.place_of.cache_clear()
        standing._asked.cache_clear()
        # The mark and the body, but first also where the release stands and how long its review holds.
        for asked in ((4, 2, 2), (1, 1, 1)):
            for page, body, queries in zip(pages, made, asked, strict=True):
                with django_assert_num_queries(queries):
                    assert client.get(f"/conditions/{slug}/{page}").content == body


def test_pages(client: Client, small: Condition, publish: Publish, reviewer: User) -> None:
    publish_more(publish(small), reviewer, 52)
    assert "Page 1 of 2" in text(client, "/conditions/")
    assert "page=1" in text(client, "/conditions/?page=2&q=tiny")
