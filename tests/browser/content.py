"""Conditions that stand at every point of their way, and every address of this app with who may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.urls import reverse

from conditions import archiving, loading, pack, publishing, sharing, translating
from conditions.models import Condition, Feedback, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions import packs
from tests.writing_parts import PARTS

Look = tuple[User | None, str]
FEEDBACK = ("change", "answer", "close", "history")
ROWS = ("section", "statement", "source", *PARTS)


@dataclass(frozen=True)
class Stages:
    """A condition with a published release and one that waits; others that are further on."""

    condition: Condition
    published: Release
    waiting: Release
    approved: Release
    withdrawn: Release
    archived: Release
    key: str  # of a shared review
    asked: Feedback


def stages(folder: Path, editor: User, reviewer: User) -> Stages:
    """One of each, with one of everything in them."""

    def published(slug: str) -> Release:
        told = {name: text.replace("small-syndrome", slug) for name, text in packs.FULL.items()}
        loading.load(pack.read(packs.write(folder / slug, told)))
        return step(publishing.publish, step(publishing.approve, submitted(slug), interests="None."))

    def submitted(slug: str) -> Release:
        with acting_as(editor):
            return publishing.submit(editor, Condition.objects.get(slug=slug), reason="Its reason.")

    def step(take: Callable[..., Release], release: Release, **told: str) -> Release:
        with acting_as(reviewer):
            return take(reviewer, release, **told)

    def edited(slug: str) -> Release:
        """A release that waits, with a change and a contradiction that nobody decided."""
        with acting_as(editor):
            rows = Statement.objects.filter(section__condition__slug=slug)
            rows.filter(key="what").update(text="It is *very* rare, and **known**.")
            rows.filter(key="adults").update(question="What of grown-ups?")
        return submitted(slug)

    first = published("small-syndrome")
    waiting = edited("small-syndrome")
    published("approved-syndrome")
    approved = step(publishing.approve, edited("approved-syndrome"), interests="A talk.", note="Read.")
    withdrawn = step(publishing.withdraw, published("withdrawn-syndrome"), reason="A figure was wrong.")
    archived = step(archiving.archive, published("archived-syndrome"), reason="The clinic closed.")
    with acting_as(editor):
        translating.begin(editor, first.condition, "de")
        key = sharing.share(editor, waiting, days=7)
        Statement.objects.filter(key="what", section__condition=first.condition).update(text="Edited again.")
    asked = Feedback(
        condition=first.condition, release=first, kind="question", text="Why?", due_on="2030-01-01"
    )
    Feedback.objects.bulk_create([asked])
    return Stages(first.condition, first, waiting, approved, withdrawn, archived, key, asked)


def office(stages: Stages, editor: User, reviewer: User) -> dict[str, list[Look]]:
    """Every page of the admin site about content, by the name of its address."""
    condition = stages.condition

    def at(word: str, act: str, *arguments: object, query: str = "", who: User = editor) -> Look:
        return who, reverse(f"admin:conditions_{word}_{act}", args=arguments) + query

    def steps(release: Release, *words: str) -> dict[str, list[Look]]:
        return {f"release_{word}": [at("release", word, release.pk, who=reviewer)] for word in words}

    about = [stages.published, stages.waiting, stages.approved, stages.withdrawn, stages.archived]
    looks: dict[str, list[Look]] = {
        **{f"{word}_{act}": at_rows for word in ROWS for act, at_rows in _row(word, condition, at, reviewer)},
        "condition_changelist": [at("condition", "changelist"), at("condition", "changelist", query="?q=x")],
        "condition_add": [at("condition", "add")],
        "condition_change": [at("condition", "change", condition.pk, who=who) for who in (editor, reviewer)],
        "condition_history": [at("condition", "history", condition.pk)],
        "condition_import": [at("condition", "import", condition.pk)],
        "condition_submit": [at("condition", "submit", condition.pk)],
        "condition_translations": [at("condition", "translations", condition.pk)],
        "condition_translation": [
            at("condition", "translation", condition.pk, "de", who=who) for who in (editor, reviewer)
        ],
        "statement_search": [at("statement", "search"), at("statement", "search", query="?q=rare")],
        **{f"feedback_{act}": [at("feedback", act, stages.asked.pk)] for act in FEEDBACK},
        "feedback_changelist": [at("feedback", "changelist")],
        "release_changelist": [at("release", "changelist", who=who) for who in (editor, reviewer)],
        "release_change": [at("release", "change", each.pk, who=reviewer) for each in about],
        "release_history": [at("release", "history", stages.waiting.pk)],
        "release_share": [at("release", "share", stages.waiting.pk)],
        **steps(stages.waiting, "approve", "return"),
        **steps(stages.approved, "publish", "plan"),
        **steps(stages.published, "archive", "withdraw", "reaffirm"),
        **steps(stages.withdrawn, "confirm"),
    }
    homes = {"admin:index": [(editor, "/admin/"), (reviewer, "/admin/")]}
    homes["admin:app_list"] = [(editor, "/admin/conditions/")]
    return {**{f"admin:conditions_{name}": told for name, told in looks.items()}, **homes}


def _row(
    word: str, condition: Condition, at: Callable[..., Look], reviewer: User
) -> list[tuple[str, list[Look]]]:
    """The pages of a kind of row: what is used cannot be deleted, and says so; a reviewer reads."""
    model = {"section": condition.sections, "statement": Statement.objects, "source": condition.sources}
    model |= {"code": condition.codes, "feature": condition.features, "fact": condition.facts}
    model |= {"mustsay": condition.must_says, "organisation": condition.organisations}
    rows = model[word].filter(section__condition=condition) if word == "statement" else model[word].all()
    row = rows.order_by("pk")[0].pk
    return [
        ("changelist", [at(word, "changelist", query=query) for query in ("", "?q=nothing-has-this")]),
        ("add", [at(word, "add")]),
        ("change", [at(word, "change", row), at(word, "change", row, who=reviewer)]),
        ("history", [at(word, "history", row)]),
        ("delete", [at(word, "delete", row)]),
    ]


def public(stages: Stages) -> dict[str, list[Look]]:
    """Every page that anybody may read, by the name of its address."""
    own = stages.condition.get_absolute_url()
    gone, archived = (each.condition.get_absolute_url() for each in (stages.withdrawn, stages.archived))
    looks = {
        "list": [
            *("/conditions/", "/conditions/?q=wobble", "/conditions/?q=wobble&for=child"),
            *("/conditions/?q=nothing+has+this", "/conditions/?q=8A00"),
        ],
        "detail": [
            *(own, f"{own}?for=child", f"{own}?for=adult", f"{own}?words=professional"),
            *(gone, archived, "/conditions/there-is-none/"),
        ],
        "release": [f"{own}releases/1/", f"{archived}releases/1/", f"{own}releases/99/"],
        "changes": [f"{own}changes/", f"{gone}changes/", f"{archived}changes/"],
        "feedback": [f"{own}feedback/{query}" for query in ("", "?kind=question", "?sent=question")],
        "lookup": ["/lookup/", "/lookup/?system=ORPHA&code=9999", "/lookup/?system=ORPHA&code=1"],
        "shared-review": [f"/reviews/{stages.key}/", "/reviews/made-up/"],
    }
    return {f"conditions:{name}": [(None, each) for each in told] for name, told in looks.items()}
