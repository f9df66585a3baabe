"""Words planted in every text of a record and in people's names are in the bodies of pages, nowhere else.

Not in addresses, titles, logs, mails, the shared cache, nor on pages that say something went wrong.
"""

import io
import logging
import re
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, TestCase
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from conditions.models import KeptPage
from portal.identity import acting_as, acting_for
from portal.logs import JsonLines
from portal.models import User
from tests.scene import CANARIES, IDENTITIES, Scene, staged
from tests.writing import ACTS, writing
from tracker import rules, tasks
from tracker.models import Flag, Rules

PERSON = "Wombatsworth"  # in everybody's name
PATIENTS = [word.lower() for word in CANARIES.values()]
WORDS = [*PATIENTS, PERSON.lower()]
ADDRESSES = ["@scene.example", "@test.example", "@offer.example"]
TEXTS = {"note", "text", "reason", "message", "private_note", "name", "finding"}
MOST = 45  # pages that one reader opens
BESIDE = ("glance", "flowsheet", "entries", "due", "tags", "state", "ratings/new", "marks/new", "notes/new")
NOT_FOLLOWED = re.compile(r"^/(static|accounts/logout|accounts/login)|\.(css|js|png|svg)$")


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with staged(django_db_blocker) as made:
        for who, person in made.people.items():
            if person:
                with made.acting(who):
                    User.objects.filter(pk=person.pk).update(name=f"{PERSON} {who}")
        yield made


class Links(HTMLParser):
    """Every address that a page names, and its title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.title, self.within, self.headed = "", False, False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = self.within or (tag == "title" and not self.headed)
        named = ("href", "action", "src", "formaction", "hx-get", "hx-post", "poster", "cite")
        self.addresses += [value for name, value in attrs if name in named and value]

    def handle_endtag(self, tag: str) -> None:
        self.within = self.within and tag != "title"
        self.headed = self.headed or tag == "head"  # drawings have titles of their own, which are body

    def handle_data(self, data: str) -> None:
        if self.within:
            self.title += data


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """All lines of all loggers, as they are written."""
    lines, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines())
    levels = {
        name: logging.getLogger(name).level for name in ("", "django", "django.request", "portal.request")
    }
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def planted(text: str, words: list[str] = WORDS) -> list[str]:
    return [word for word in words if word in text.lower()]


def text_of(answer: HttpResponse) -> str:
    return b"".join(answer).decode(errors="replace") if answer.streaming else answer.content.decode()


def crawl(browser: Client, start: list[str]) -> Iterator[tuple[str, HttpResponse, str]]:
    """Open what is linked from what was opened, addresses without their query once."""
    waiting, opened = list(start), set()
    while waiting and len(opened) < MOST:
        address = waiting.pop(0)
        if (known := address.partition("?")[0]) in opened or NOT_FOLLOWED.search(address):
            continue
        opened.add(known)
        answer = browser.get(address)
        text = text_of(answer)
        yield address, answer, text
        linked = [answer.headers.get("Location", ""), *Links(text).addresses]
        waiting += [link for link in linked if link.startswith("/")]


@pytest.mark.parametrize("who", IDENTITIES)
def test_pages_tell_in_their_bodies_alone(who: str, scene: Scene, sign_in: Callable) -> None:
    person, told, opened = scene.people[who], 0, 0
    browser = sign_in(person) if person else Client()
    own = scene.record_of(who).pk
    start = ["/", f"/log/{own}/", f"/patients/{own}/", "/trail/", "/admin/", f"/trail/patients/{own}/"]
    start += ["/worklist/", f"/patients/{own}/seats/", "/hand-over/", f"/rules/{scene.child.clinic_id}/"]
    start += ["/due/", *(f"/patients/{own}/{page}/" for page in BESIDE)]
    with logged() as lines, transaction.atomic():
        for address, answer, text in crawl(browser, start):
            links = Links(text) if "html" in answer.headers.get("Content-Type", "") else Links("")
            spoken = [address, answer.headers.get("Location", ""), links.title, *links.addresses]
            assert planted(" ".join(spoken), [*WORDS, *ADDRESSES]) == [], address
            assert planted(str(dict(answer.headers)), [*WORDS, *ADDRESSES]) == [], address
            told, opened = told + bool(planted(text, PATIENTS)), opened + 1
        assert in_the_cache() == []
    assert planted(lines.getvalue(), [*WORDS, *ADDRESSES]) == []
    print(f"\n{who}: {opened} pages, {told} of them tell of a patient")
    assert opened >= 6
    assert bool(told) == (who in READ)


# The others have no page on which they may read of a patient.
READ = {"own", "other", "redacted", "oneself", "seated", "break_glass", "no_factor", "administrator"}
READ.add("auditor")


def in_the_cache() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM portal_cache")
        kept = [key + b64decode(value).decode("latin-1") for key, value in cursor.fetchall()]
    kept += [zlib.decompress(page.packed).decode("latin-1") for page in KeptPage.objects.all()]
    return planted(" ".join(kept), [*WORDS, *ADDRESSES])


@pytest.mark.parametrize("act", ACTS)
def test_what_is_typed_goes_to_the_record_alone(act: str, scene: Scene, sign_in: Callable) -> None:
    """Sent well and sent badly: no address, no log, no mail, no cache holds a word of it."""
    who, address, sent, listed = writing(scene)[act]
    typed = f"{CANARIES['child']} typed by {PERSON}, which is long enough."
    texts = TEXTS - {"name"} if act == "mark" else TEXTS  # there it is a choice
    good = {name: typed if name in texts else value for name, value in sent.items()}
    good |= dict.fromkeys(listed & texts, typed)
    if act == "tags":  # which are short
        good["name"] = typed[:40].strip()
    bad = dict.fromkeys([*good, "q", "next"], typed)
    with logged() as lines, transaction.atomic(), TestCase.captureOnCommitCallbacks(execute=True):
        browser = sign_in(scene.people[who])
        for body in (bad, good) if sent else (good,):  # a button alone cannot be sent badly
            answer = browser.post(address, body)
            links = Links(text_of(answer))
            spoken = [answer.headers.get("Location", ""), links.title, *links.addresses]
            assert planted(" ".join(spoken)) == []
        assert answer.status_code == 302
        assert in_the_cache() == []
        assert in_jobs() == []
        transaction.set_rollback(True)
    assert planted(lines.getvalue()) == []
    assert [planted(letter.subject + letter.body) for letter in mail.outbox] == [[]] * len(mail.outbox)


def test_a_reminder_and_the_nightly_look_tell_of_nobody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, mailoutbox: list
) -> None:
    monkeypatch.setattr(tasks, "SOON", timedelta(0))
    doctor, about = scene.people["seated"], {"kind": "same_day", "tier": 4, "rule": "late", "version": "1"}
    told = {"reason": f"{CANARIES['child']} flag of {PERSON}", "evidence": [], "raised_at": timezone.now()}
    with logged() as lines, transaction.atomic(), TestCase.captureOnCommitCallbacks(execute=True):
        with acting_as(doctor):
            agreed = {"mode": "alerts", "safety_officer": "Sam Safety", "reason": f"{PERSON} asked for it."}
            rules.decide(doctor, Rules(clinic=scene.child.clinic, **agreed))
        with acting_for(scene.child.pk):
            Flag.objects.bulk_create([Flag(patient=scene.child, on=timezone.localdate(), **about, **told)])
        tasks.look_again(timestamp=0)
        tasks.remind(timestamp=0)
        tasks.tell_of_unled(timestamp=0)
        assert in_jobs() == []
        assert in_the_cache() == []
        transaction.set_rollback(True)
    assert planted(lines.getvalue(), [*WORDS, *ADDRESSES]) == []
    assert doctor.email in [to for letter in mailoutbox for to in letter.to]
    assert [planted(letter.subject + letter.body, [*WORDS, *ADDRESSES]) for letter in mailoutbox] == (
        [[]] * len(mailoutbox)
    )


def in_jobs() -> list[str]:
    """Arguments of jobs are keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        return planted(str(cursor.fetchall()), [*WORDS, *ADDRESSES])


def test_a_search_and_its_trail_hold_no_name(scene: Scene, sign_in: Callable) -> None:
    with logged() as lines, transaction.atomic():
        answer = sign_in(scene.people["seated"]).post("/worklist/", {"q": CANARIES["child"]})
        assert planted(text_of(answer), PATIENTS) == [CANARIES["child"].lower()]
        with scene.acting("auditor"), connection.cursor() as cursor:
            cursor.execute("SELECT action, target FROM portal_auditevent")
            assert planted(str(cursor.fetchall())) == []
    assert planted(lines.getvalue()) == []


def test_pages_of_errors_tell_nothing(
    scene: Scene, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """400, 403, 404, 405 and 500, where the error itself quotes the record."""
    browser = sign_in(scene.people["own"])
    browser.raise_request_exception = False
    child, quoted = scene.child.pk, CANARIES["child"]

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"row contains ({quoted} Namely)")

    monkeypatch.setattr("tracker.views.family.words.by_day", fail)
    asked = [
        (browser.get(f"/log/{child}/"), 500),
        (browser.get(f"/log/{child}/?q={quoted}%00"), 400),
        (browser.get(f"/patients/{child}/?q={quoted}"), 403),
        (browser.get(f"/log/{uuid4()}/?q={quoted}"), 404),
        (browser.get(f"/{quoted}/nowhere/"), 404),
        (browser.put(f"/log/{child}/messages/", quoted), 405),
    ]
    assert [answer.status_code for answer, _ in asked] == [status for _, status in asked]
    assert [planted(text_of(answer), PATIENTS) for answer, _ in asked] == [[]] * len(asked)


def test_a_failure_is_logged_without_the_row_it_quotes(
    scene: Scene, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(scene.people["own"])
    browser.raise_request_exception = False

    def fail(*_: object, **__: object) -> None:
        with connection.cursor() as cursor:  # PostgreSQL quotes the value
            cursor.execute("SELECT name::int FROM tracker_patient")

    monkeypatch.setattr("tracker.views.family.words.by_day", fail)
    with logged() as lines, transaction.atomic():
        answer = browser.get(f"/log/{scene.child.pk}/")
        transaction.set_rollback(True)
    assert answer.status_code in (400, 500)
    assert "errors" in lines.getvalue()
    assert planted(lines.getvalue() + text_of(answer), PATIENTS) == []
