"""Translations: overlaid statement by statement, checked by somebody else, and never read before."""

import re
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from conditions import reading, translating
from conditions.models import Condition, Release, Statement, TranslationRelease
from conditions.overlay import overlaid
from conditions.pieces import Piece, hash_of, pieces_of, risks
from conditions.translating import NotAllowed
from portal.identity import acting_as
from portal.models import User
from tests.conditions.test_admin import words

Publish = Callable[..., Release]
SignIn = Callable[[User], Client]
URL = "/conditions/small-syndrome/"
GERMAN = {
    "condition/name": "Kleines Syndrom",
    "condition/summary": "Eine erfundene Krankheit.",
    "section/overview/title": "Überblick",
    "statement/what/text": "Es ist *selten*.",
    "statement/children/text": "Kinder wackeln.",
}


def page(condition: Condition, language: str = "de") -> str:
    return reverse("admin:conditions_condition_translation", args=[condition.pk, language])


@pytest.fixture
def shown(small: Condition, publish: Publish) -> Release:
    return publish(small)


def written(user: User, condition: Condition, texts: dict[str, str] = GERMAN) -> TranslationRelease:
    with acting_as(user):
        draft = translating.begin(user, condition, "de")
        return translating.save(user, draft, texts, version=draft.version, fits=set())


def submitted(user: User, condition: Condition, texts: dict[str, str] = GERMAN) -> TranslationRelease:
    draft = written(user, condition, texts)
    with acting_as(user):
        return translating.submit(user, draft, version=draft.version)


@pytest.fixture
def draft(shown: Release, editor: User) -> TranslationRelease:
    return written(editor, shown.condition)


@pytest.fixture
def waiting(shown: Release, editor: User) -> TranslationRelease:
    return submitted(editor, shown.condition)


@pytest.fixture
def published(waiting: TranslationRelease, reviewer: User) -> TranslationRelease:
    with acting_as(reviewer):
        return translating.publish(reviewer, waiting, version=waiting.version)


def german(client: Client, query: str = "") -> str:
    return words(client.get(f"{URL}?lang=de{query}"))


class TestReaders:
    def test_the_page_speaks_it_and_marks_what_is_english(
        self, client: Client, published: TranslationRelease, reviewer: User, editor: User
    ) -> None:
        shown = german(client)
        assert '<h1 lang="de">Kleines Syndrom</h1>' in shown
        assert '<h2 id="section-overview" lang="de">Überblick</h2>' in shown
        assert '<div lang="de"><p>Kinder wackeln.' in shown
        assert '<div lang="en"><p>Adults tremble.' in shown
        assert shown.count("Auf Englisch: noch nicht übersetzt.") == 1
        assert "Übersetzung der Fassung 1, geprüft am" in shown
        assert "1 Aussage steht gekennzeichnet auf Englisch" in shown
        assert '"inLanguage": "de"' in shown
        assert f'rel="canonical" href="{URL}?lang=de"' in shown
        assert reviewer.name not in shown
        assert editor.name not in shown

    def test_the_english_page_offers_it(self, client: Client, published: TranslationRelease) -> None:
        shown = words(client.get(f"{URL}?for=child"))
        assert 'href="?for=child&amp;lang=de" lang="de" hreflang="de"' in shown
        assert f'<link rel="alternate" hreflang="de" href="{URL}?lang=de">' in shown
        assert "Kinder wackeln" not in shown
        assert 'lang="en"><p>' not in shown
        assert 'href="?for=adult&amp;lang=de"' in german(client, "&for=child")

    def test_a_change_of_the_english_marks_it_at_once(
        self, client: Client, published: TranslationRelease, publish: Publish, editor: User
    ) -> None:
        assert "Kinder wackeln." in german(client)
        with acting_as(editor):
            Statement.objects.filter(key="children").update(text="Children wobble much.")
        assert "Kinder wackeln." in german(client), "a draft of the English changes nothing"
        publish(published.condition, reason="More.")
        shown = german(client)
        assert "Children wobble much." in shown
        assert "Kinder wackeln." not in shown
        assert "Der englische Text wurde seit der Übersetzung geändert" in shown
        assert "Es ist <em>selten</em>" in shown
        assert "Kinder wackeln." in words(client.get(f"{URL}releases/1/?lang=de")), "it still fits that one"

    def test_a_withdrawn_one_is_gone_at_once(
        self, client: Client, published: TranslationRelease, reviewer: User
    ) -> None:
        assert "Kinder wackeln." in german(client)
        with acting_as(reviewer):
            translating.withdraw(reviewer, published, reason="A number is wrong.")
        shown = german(client)
        assert "Kinder wackeln." not in shown
        assert "keine geprüfte Übersetzung in dieser Sprache" in shown
        assert 'rel="alternate" hreflang' not in shown

    def test_one_query_tells_where_it_stands(
        self, client: Client, published: TranslationRelease, django_assert_num_queries: Callable
    ) -> None:
        german(client)
        with django_assert_num_queries(1):
            german(client)

    @pytest.mark.parametrize("state", ["draft", "check", "returned"])
    def test_no_word_before_the_check(
        self, client: Client, waiting: TranslationRelease, reviewer: User, editor: User, state: str
    ) -> None:
        if state == "draft":
            with acting_as(reviewer):
                translating.send_back(reviewer, waiting, version=waiting.version, note="No.")
        addresses = ["", "data.json", "handout.pdf", "changes/", "changes.atom", "releases/1/"]
        bodies = [client.get(f"{URL}{each}?lang=de").content.decode(errors="replace") for each in addresses]
        for address in ("/conditions/?q=wackeln&lang=de", "/conditions/?lang=de", "/sitemap.xml", "/lookup/"):
            bodies.append(client.get(address).content.decode())
        for body in bodies:
            assert "wackeln." not in body
            assert "Kleines" not in body
        assert TranslationRelease.objects.count() == 0, "nor does the database give one to nobody"


class TestFourEyes:
    def test_by_the_function(self, shown: Release, second_editor: User, editor: User) -> None:
        """Who is editor and reviewer wrote it, or only submitted it, or wrote an earlier version of it."""
        one = submitted(second_editor, shown.condition)
        with acting_as(second_editor), pytest.raises(NotAllowed, match="Nobody checks what they translated"):
            translating.publish(second_editor, one, version=one.version)

    def test_who_wrote_an_earlier_word_of_it(self, shown: Release, second_editor: User, editor: User) -> None:
        one = written(second_editor, shown.condition)
        with acting_as(editor):
            told = {key: f"{text} Neu." for key, text in GERMAN.items()}
            one = translating.save(editor, one, told, version=one.version, fits=set())
            one = translating.submit(editor, one, version=one.version)
        assert one.edited_by == editor
        with acting_as(second_editor), pytest.raises(NotAllowed, match="Nobody checks"):
            translating.publish(second_editor, one, version=one.version)

    def test_who_submitted_it(self, shown: Release, second_editor: User, editor: User) -> None:
        one = written(editor, shown.condition)
        with acting_as(second_editor):
            one = translating.submit(second_editor, one, version=one.version)
            with pytest.raises(NotAllowed, match="Nobody checks"):
                translating.publish(second_editor, one, version=one.version)

    def test_superusers_in_the_admin(
        self, sign_in: SignIn, shown: Release, second_editor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = submitted(second_editor, shown.condition)
        monkeypatch.setattr(User, "is_superuser", True)
        sent = {"step": "publish", "version": one.version, "compared": "on", "note": ""}
        answer = sign_in(second_editor).post(page(shown.condition), sent)
        assert "Nobody checks what they translated" in words(answer)
        assert TranslationRelease.objects.published().count() == 0

    def test_raw_sql(self, shown: Release, second_editor: User, editor: User, reviewer: User) -> None:
        one = submitted(second_editor, shown.condition)
        with acting_as(second_editor):
            assert verdict(one, second_editor) == "translation_four_eyes"
            assert verdict(one, reviewer) == "translation_by_reviewer"
            assert raw("UPDATE conditions_translationrelease SET state = 'published'") == "translation_states"
        with acting_as(editor):
            assert verdict(one, editor) == "translation_by_reviewer"
            changed = "UPDATE conditions_translationrelease SET pieces = '{}'"
            assert raw(changed) == "translation_frozen"
        with acting_as(reviewer):
            assert verdict(one, reviewer, "0" * 64) == "translation_of_these_pieces"
            assert raw("UPDATE conditions_translationrelease SET edited_by_id = NULL") == "permission denied"
            assert raw("UPDATE conditions_translationrelease SET digest = 'x'") == "permission denied"
            assert raw("DELETE FROM conditions_translationrelease") == "permission denied"

    def test_a_published_one_never_changes(self, published: TranslationRelease, editor: User) -> None:
        with acting_as(editor):
            for change in ("pieces = '{}'", "state = 'draft'", "state = 'check'", "release_id = NULL"):
                said = raw(f"UPDATE conditions_translationrelease SET {change}")
                assert said in {"translation_frozen", "translation_states", "translation_of_a_release"}, (
                    change
                )
            assert raw("UPDATE conditions_translationverdict SET note = 'x'") == "permission denied"

    def test_a_role_taken_away_in_between(
        self, sign_in: SignIn, waiting: TranslationRelease, colleague: User, appoint: Callable
    ) -> None:
        appoint(colleague, roles=["editor", "reviewer"])
        both = User.objects.get(pk=colleague.pk)
        assert sign_in(both).get(page(waiting.condition)).context["may_check"]
        appoint(both, roles=["editor"])
        sent = {"step": "publish", "version": waiting.version, "compared": "on", "note": "Half a page."}
        answer = words(sign_in(both).post(page(waiting.condition), sent))
        assert "Only a clinical reviewer checks a translation." in answer
        with acting_as(both), pytest.raises(NotAllowed, match="checks for themselves only"):
            translating.publish(User(pk=both.pk, roles=["reviewer"]), waiting, version=waiting.version)

    def test_nobody_but_editors_and_packs_write(self, shown: Release, family: User) -> None:
        made = (
            "INSERT INTO conditions_translationrelease (condition_id, language, method, state, pieces,"
            " digest, version, edited_at, moved_at) VALUES (%s, 'de', 'human', %s, %s, '', 1, now(), now())"
        )
        for state, pieces in (("draft", "{}"), ("published", "{}")):
            assert raw(made, shown.condition_id, state, pieces)
            with acting_as(family):
                assert raw(made, shown.condition_id, state, pieces)


def raw(statement: str, *values: object) -> str:
    """The constraint that refuses it, or the database's words; '' when it is done."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        name = getattr(error.__cause__.diag, "constraint_name", None)
        return name or re.sub(r"^(permission denied).*", r"\1", str(error), flags=re.DOTALL)
    return ""


def verdict(one: TranslationRelease, user: User, digest: str = "") -> str:
    return raw(
        "INSERT INTO conditions_translationverdict (translation_id, reviewer_id, verdict, digest, note, at)"
        " VALUES (%s, %s, 'approved', %s, '', now())",
        *(one.pk, user.pk, digest or one.digest),
    )


class TestAdmin:
    def test_from_nothing_to_readers(
        self, sign_in: SignIn, client: Client, shown: Release, editor: User, reviewer: User
    ) -> None:
        writer, checker, address = sign_in(editor), sign_in(reviewer), page(shown.condition)
        assert address in words(writer.get(address.replace("de/", "")))
        assert writer.post(address, {"step": "begin"}).status_code == 302
        opened = writer.get(address).context["translation"].version
        sent = {f"piece-{key}": text for key, text in GERMAN.items()}
        assert writer.post(address, {"step": "save", "version": opened, **sent}).status_code == 302
        answer = writer.get(address)
        assert "5 of 7 translated, 0 out of date." in words(answer)
        assert "Kinder wackeln." in words(answer)
        version = answer.context["translation"].version
        assert writer.post(address, {"step": "submit", "version": version}).status_code == 302
        assert "Confirm that you have compared" in words(
            checker.post(address, {"step": "publish", "version": version, "note": ""})
        )
        sent = {"step": "publish", "version": version, "compared": "on", "note": "Good."}
        assert checker.post(address, sent).status_code == 302
        assert "Kinder wackeln." in german(client)
        assert "Write a sentence" in words(checker.post(address, {"step": "withdraw", "reason": " "}))
        assert checker.post(address, {"step": "withdraw", "reason": "Wrong."}).status_code == 302
        assert "Kinder wackeln." not in german(client)

    def test_returned_with_a_reason(
        self, sign_in: SignIn, waiting: TranslationRelease, reviewer: User, editor: User
    ) -> None:
        sent = {"step": "return", "version": waiting.version, "reason": "Say “taumeln”."}
        assert sign_in(reviewer).post(page(waiting.condition), sent).status_code == 302
        assert "Say “taumeln”." in words(sign_in(editor).get(page(waiting.condition)))

    def test_two_at_once_lose_nothing(
        self, sign_in: SignIn, draft: TranslationRelease, editor: User, second_editor: User
    ) -> None:
        address, key = page(draft.condition), "piece-statement/what/text"
        sent = {"step": "save", "version": draft.version}
        assert sign_in(second_editor).post(address, {**sent, key: "Ihres."}).status_code == 302
        answer = sign_in(editor).post(address, {**sent, key: "Meines."})
        shown = words(answer)
        assert "Somebody saved this meanwhile" in shown
        assert "Meines.</textarea>" in shown
        assert "Ihres.</p>" in shown
        sent["version"] = answer.context["translation"].version
        assert sign_in(editor).post(address, {**sent, key: "Beides."}).status_code == 302

    def test_what_still_fits_is_said_by_hand(
        self, sign_in: SignIn, published: TranslationRelease, publish: Publish, editor: User
    ) -> None:
        condition, writer = published.condition, sign_in(editor)
        with acting_as(editor):
            Statement.objects.filter(key="children").update(text="Children do wobble.")
        publish(condition, reason="More.")
        writer.post(page(condition), {"step": "begin"})
        answer = writer.get(page(condition))
        assert "4 of 7 translated, 1 out of date." in words(answer)
        sent = {"step": "save", "version": answer.context["translation"].version}
        sent["piece-statement/children/text"] = GERMAN["statement/children/text"]
        writer.post(page(condition), sent)
        assert "1 out of date." in words(writer.get(page(condition)))
        writer.post(page(condition), {**sent, "fits-statement/children/text": "on"})
        assert "5 of 7 translated, 0 out of date." in words(writer.get(page(condition)))

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"step": "save", "version": "x"}, "does not say which version"),
            ({"step": "save", "piece-statement/what/text": "x" * 4001}, "under 4000 characters"),
            ({"step": "save", "piece-statement/what/text": "a\0b"}, "cannot be stored"),
            ({"step": "begin"}, "Somebody has begun already"),
            ({"step": "publish", "compared": "on"}, "Only a clinical reviewer checks"),
            ({"step": "return", "reason": "x"}, "Only a clinical reviewer returns"),
            ({"step": "withdraw", "reason": "x"}, "no such translation"),
            ({"step": "odd"}, "in Deutsch"),
        ],
    )
    def test_bad_input(
        self, sign_in: SignIn, draft: TranslationRelease, editor: User, sent: dict, said: str
    ) -> None:
        answer = sign_in(editor).post(page(draft.condition), {"version": draft.version, **sent})
        assert answer.status_code == 200
        assert said in words(answer)

    def test_a_dose_is_not_submitted(self, shown: Release, editor: User) -> None:
        with pytest.raises(NotAllowed, match="gives a dose"):
            submitted(editor, shown.condition, {"statement/what/text": "Nehmen Sie 5 mg."})

    def test_nothing_is_not_submitted(self, shown: Release, editor: User) -> None:
        with pytest.raises(NotAllowed, match="No piece"):
            submitted(editor, shown.condition, {})

    def test_nothing_published_to_check_against(self, small: Condition, editor: User) -> None:
        with pytest.raises(NotAllowed, match="Nothing of the condition is published"):
            submitted(editor, small)

    def test_who_may_not(
        self, sign_in: SignIn, draft: TranslationRelease, family: User, clinician: User, administrator: User
    ) -> None:
        for user in (family, clinician):
            assert sign_in(user).get(page(draft.condition)).status_code == 403
        assert sign_in(administrator).get(page(draft.condition)).status_code == 404
        assert Client().get(page(draft.condition)).status_code == 302

    @pytest.mark.parametrize("language", ["en", "en-gb", "xx", "fr"])
    def test_no_such_language(
        self, sign_in: SignIn, draft: TranslationRelease, editor: User, language: str
    ) -> None:
        assert sign_in(editor).get(page(draft.condition, language)).status_code == 404
        with pytest.raises(NotAllowed):
            translating.begin(editor, draft.condition, language)

    def test_each_step_is_in_the_trail(self, published: TranslationRelease, trail: Callable) -> None:
        acts = [each.action for each in trail(action__startswith="translation.")]
        assert acts == [f"translation.{act}" for act in ("begun", "saved", "check", "published")]


class TestRisks:
    @pytest.mark.parametrize(
        ("english", "translated", "said"),
        [
            ("Do not stop.", "Hören Sie nicht auf.", "not"),
            ("One of 15.", "Eines von 51.", "numbers differ"),
            ("It can raise blood pressure.", "Er kann steigen.", "raise"),
            ("It doesn’t help.", "Es hilft nicht.", "doesn’t"),
        ],
    )
    def test_what_to_look_at_twice(self, english: str, translated: str, said: str) -> None:
        assert said in " ".join(risks(Piece("", "k", "", english), translated))

    def test_plain_words(self) -> None:
        assert risks(Piece("", "k", "", "Among 389 children."), "Unter 389 Kindern.") == []


@given(data=st.data(), words=st.sampled_from(["", reading.PROFESSIONAL]))
def test_the_overlay_shows_what_fits_and_nothing_else(
    full_snapshot: dict, data: st.DataObject, words: str
) -> None:
    """Keys, order and sources stay, whatever is translated, and half a statement never shows."""
    pieces = list(pieces_of(full_snapshot))
    chosen = data.draw(
        st.lists(st.sampled_from(["current", "late", "missing"]), min_size=len(pieces), max_size=len(pieces))
    )
    stored = {
        piece.key: {
            "source": piece.hash if how == "current" else hash_of("another"),
            "text": f"DE {piece.text}",
        }
        for piece, how in zip(pieces, chosen, strict=True)
        if how != "missing"
    }
    plain = reading.edition(full_snapshot, "", words)
    shown = overlaid(plain, "de", stored)
    lacking = 0
    for before, after in zip(plain.sections, shown.sections, strict=True):
        assert after.title == (f"DE {before.title}" if after.language == "de" else before.title)
        for old, new in zip(before.statements, after.statements, strict=True):
            mark = "DE " if new.language == "de" else ""
            for field in ("question", "text", "dissent"):
                value = getattr(old, field)
                assert getattr(new, field) == (mark + value if value else "")
            assert (new.key, new.footnotes, new.population) == (old.key, old.footnotes, old.population)
            assert bool(new.lack) == (new.language == "en")
            lacking += bool(new.lack)
    assert shown.in_english == lacking
    assert overlaid(plain, "de", {}).sections[0].title == plain.sections[0].title


@pytest.fixture(scope="module")
def full_snapshot(tmp_path_factory: pytest.TempPathFactory) -> dict:
    from conditions import pack
    from tests.conditions import packs

    return pack.read(packs.write(tmp_path_factory.mktemp("full"), packs.FULL)).content
