"""A release as one reader sees it: filtered by population, sources numbered. Pure; no query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conditions.bibliography import ShownSource, number_sources, shown_sources
from conditions.directory import Country, by_country, day
from conditions.figures import ShownFact, shown_facts
from conditions.formats import current, label_of
from conditions.models import Code, Feature, Name, Population
from conditions.shown import ENGLISH, Footnote, ShownSection, ShownStatement, decision
from conditions.snapshot import SectionEntry, StatementEntry

PROFESSIONAL = "professional"
NOT_APPROVED = gettext_lazy(
    "Not clinically approved. No clinical reviewer has checked this text."
    " It is a demonstration: do not use it to decide about anybody's care."
)


@dataclass(frozen=True)
class Choice:
    """One side of a switch: its label, the query that leads there, whether it is on."""

    label: str
    query: str
    current: bool


@dataclass(frozen=True)
class Edition:
    """All of a page: what the templates and the handout show.

    `language` is that of the translation, which `spoken` says of name and summary; see `overlay`. `asked`
    is what links on the page ask for, and `in_english` counts the statements that the translation lacks.
    """

    condition: Mapping[str, Any]
    audience: str
    words: str
    names: list[dict[str, Any]]
    codes: list[dict[str, Any]]
    features: list[dict[str, Any]]
    facts: list[ShownFact]
    countries: list[Country]
    sections: list[ShownSection]
    sources: list[ShownSource]
    language: str = ENGLISH
    spoken: Mapping[str, str] = field(default_factory=lambda: {"name": ENGLISH, "summary": ENGLISH})
    in_english: int = 0
    asked: str = ""

    @property
    def adults(self) -> str:
        """The label of what is about adults alone."""
        return label_of(Population, Population.ADULT)

    @property
    def here(self) -> str:
        """The query that keeps group, wording and language on the way to another page; '' for the usual."""
        told = query(self.audience, self.words, self.asked)
        return told if told != "?" else ""

    @property
    def for_whom(self) -> list[Choice]:
        """The switch between groups; the wording stays."""
        groups = ((_("Everyone"), ""), (_("Children"), "child"), (_("Adults"), "adult"))
        return [
            Choice(label, query(whom, self.words, self.asked), whom == self.audience)
            for label, whom in groups
        ]

    @property
    def in_words(self) -> list[Choice]:
        """The switch between wordings, the group stays; empty where there is one wording alone."""
        if not any(each.professional for section in self.sections for each in section.statements):
            return []
        wordings = ((_("Plain words"), ""), (_("Professional words"), PROFESSIONAL))
        return [
            Choice(label, query(self.audience, words, self.asked), words == self.words)
            for label, words in wordings
        ]


def audience(word: str | None) -> str:
    """`child` or `adult` as asked for in an address; anything else means everyone: ''."""
    return word if word in {Population.CHILD, Population.ADULT} else ""


def wording(word: str | None) -> str:
    """`professional` as asked for in an address; anything else means plain words: ''."""
    return PROFESSIONAL if word == PROFESSIONAL else ""


def query(whom: str, words: str, language: str = "") -> str:
    """The query that asks for group, wording and language; `?` alone asks for everyone in plain words."""
    told = (("for", whom), ("words", words), ("lang", language))
    return "?" + urlencode([(name, value) for name, value in told if value])


def edition(stored: Mapping[str, Any], whom: str = "", words: str = "") -> Edition:
    """The snapshot for `whom` ('', child or adult): what concerns everyone and that group."""
    snapshot = current(stored)
    groups = {Population.ALL, whom} if whom else set(Population.values)
    numbers = number_sources(snapshot)
    checked = {source["key"]: bool(source["checked"]) for source in snapshot["sources"]}
    titles = {source["key"]: source["title"] for source in snapshot["sources"]}

    def statements(section: SectionEntry) -> list[ShownStatement]:
        concern = (each for each in section["statements"] if each["population"] in groups)
        return [_statement(each, words, numbers, checked, titles) for each in concern]

    sections = [
        ShownSection(each["key"], each["title"], each["kind"], each["urgency"], statements(each))
        for each in snapshot["sections"]
    ]
    sections = [section for section in sections if section.statements]
    features = [each for each in snapshot["features"] if each["population"] in groups]
    facts = [each for each in snapshot["facts"] if each["population"] in groups]
    return Edition(
        condition=snapshot["condition"],
        audience=whom,
        words=words,
        names=_names(snapshot["names"]),
        codes=[_code(code, numbers, checked) for code in snapshot["codes"]],
        features=sorted((_feature(each, numbers) for each in features), key=lambda each: each["rank"]),
        facts=shown_facts(facts, numbers, checked),
        countries=by_country(snapshot["organisations"]),
        sections=sections,
        sources=shown_sources(snapshot, _cited_by(sections, snapshot["codes"], features, facts), numbers),
    )


def _statement(
    each: StatementEntry,
    words: str,
    numbers: dict[str, int],
    checked: dict[str, bool],
    titles: dict[str, str],
) -> ShownStatement:
    notes = [
        Footnote(
            number=numbers[cited["source"]],
            source=cited["source"],
            title=titles[cited["source"]],
            locator=cited["locator"],
            stance=cited["stance"],
            checked=cited["checked"] and checked[cited["source"]],
            checked_on=day(cited["checked_on"]),
        )
        for cited in each["citations"]
    ]
    return ShownStatement(
        each["key"],
        each["question"],
        (words == PROFESSIONAL and each["professional"]) or each["text"],
        each["professional"],
        each["dissent"],
        decision(each["decision"], each["decided_by"], day(each["decided_on"])),
        _group(each["population"]),
        sorted(notes, key=lambda note: note.number),
    )


def _group(population: str) -> str:
    return "" if population == Population.ALL else label_of(Population, population)


def _names(names: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Misspellings serve the search alone and are not shown."""
    shown = (name for name in names if name["kind"] != Name.Kind.MISSPELLING)
    return [name | {"kind": label_of(Name.Kind, name["kind"])} for name in shown]


def _code(code: dict[str, Any], numbers: dict[str, int], checked: dict[str, bool]) -> dict[str, Any]:
    sure = code["checked"] and checked[code["source"]]
    relation = code["relation"]
    shown = {
        "relation": label_of(Code.Relation, relation),
        "exact": relation == "exact",
        "none": relation == "none",
    }
    return code | shown | {"number": numbers[code["source"]], "checked": sure}


def _feature(feature: dict[str, str], numbers: dict[str, int]) -> dict[str, Any]:
    bands: list[str] = list(Feature.Frequency.values)
    band = feature["frequency"]
    return feature | {
        "rank": (bands.index(band) if band in bands else len(bands), feature["lay"].casefold()),
        "frequency": label_of(Feature.Frequency, band).capitalize() if band else "",
        "population": _group(feature["population"]),
        "number": numbers[feature["source"]],
    }


def _cited_by(
    sections: Iterable[ShownSection], *entries: Iterable[Mapping[str, Any]]
) -> dict[str, list[str]]:
    """The sources that this reader meets, each with the keys of the statements that cite it."""
    cited: dict[str, list[str]] = {entry["source"]: [] for each in entries for entry in each}
    for section in sections:
        for statement in section.statements:
            for note in statement.footnotes:
                cited.setdefault(note.source, []).append(statement.key)
    return cited
