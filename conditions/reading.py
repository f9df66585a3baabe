"""A release as one reader sees it: filtered by population, sources numbered. Pure; no query.

Numbers belong to the release and not to the filter, so that [7] is the same work for every reader.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conditions.formats import current
from conditions.models import Code, Feature, Name, Population, Source
from conditions.snapshot import Cited, Snapshot, StatementEntry

NOT_APPROVED = (
    "Not clinically approved. No clinical reviewer has checked this text."
    " It is a demonstration: do not use it to decide about anybody's care."
)


@dataclass(frozen=True)
class Footnote:
    """One citation: the source's number and key, where in it, and whether somebody compared them."""

    number: int
    source: str
    locator: str
    checked: bool


@dataclass(frozen=True)
class ShownStatement:
    """A statement with its footnotes; `population` is the label of a group, or '' for everyone."""

    key: str
    question: str
    text: str
    population: str
    footnotes: list[Footnote]

    @property
    def checked(self) -> bool:
        """Whether every citation was compared with its source."""
        return all(note.checked for note in self.footnotes)


@dataclass(frozen=True)
class ShownSection:
    """A heading and what stands below it for this reader; never empty."""

    key: str
    title: str
    statements: list[ShownStatement]


@dataclass(frozen=True)
class ShownSource:
    """A numbered source; `cited_by` are keys of shown statements, `address` a link or ''."""

    number: int
    entry: Mapping[str, Any]
    kind: str
    read: str
    address: str
    cited_by: list[str]


@dataclass(frozen=True)
class Edition:
    """All of a page: what the templates and the handout show."""

    condition: Mapping[str, str]
    audience: str
    names: list[dict[str, str]]
    codes: list[dict[str, Any]]
    features: list[dict[str, Any]]
    sections: list[ShownSection]
    sources: list[ShownSource]


def audience(word: str | None) -> str:
    """`child` or `adult` as asked for in an address; anything else means everyone: ''."""
    return word if word in {Population.CHILD, Population.ADULT} else ""


def edition(snapshot: Mapping[str, Any], whom: str = "") -> Edition:
    """The snapshot for `whom` ('', child or adult): what concerns everyone and that group."""
    snapshot = current(snapshot)
    groups = {Population.ALL, whom} if whom else set(Population.values)
    numbers = number_sources(snapshot)
    checked = {source["key"]: bool(source["checked"]) for source in snapshot["sources"]}
    sections = [
        ShownSection(
            section["key"],
            section["title"],
            [
                _statement(each, numbers, checked)
                for each in section["statements"]
                if each["population"] in groups
            ],
        )
        for section in snapshot["sections"]
    ]
    sections = [section for section in sections if section.statements]
    features = [each for each in snapshot["features"] if each["population"] in groups]
    return Edition(
        condition=snapshot["condition"],
        audience=whom,
        names=_names(snapshot["names"]),
        codes=[_code(code, numbers, checked) for code in snapshot["codes"]],
        features=sorted((_feature(each, numbers) for each in features), key=lambda each: each["rank"]),
        sections=sections,
        sources=_sources(snapshot, sections, [*snapshot["codes"], *features], numbers),
    )


def number_sources(snapshot: Snapshot) -> dict[str, int]:
    """Each cited source's number, from 1, in the order of the text, then of codes and features."""
    statements = [each for section in snapshot["sections"] for each in section["statements"]]
    cited = [citation["source"] for each in statements for citation in each["citations"]]
    cited += [entry["source"] for entry in (*snapshot["codes"], *snapshot["features"])]
    return {key: number for number, key in enumerate(dict.fromkeys(cited), 1)}


def _statement(each: StatementEntry, numbers: dict[str, int], checked: dict[str, bool]) -> ShownStatement:
    notes = [_footnote(citation, numbers, checked) for citation in each["citations"]]
    return ShownStatement(
        each["key"],
        each["question"],
        each["text"],
        _group(each["population"]),
        sorted(notes, key=lambda note: note.number),
    )


def _footnote(cited: Cited, numbers: dict[str, int], checked: dict[str, bool]) -> Footnote:
    source = cited["source"]
    return Footnote(numbers[source], source, cited["locator"], cited["checked"] and checked[source])


def _group(population: str) -> str:
    return "" if population == Population.ALL else _label(Population, population)


def _label(choices: Any, value: str) -> str:
    """The word shown for a stored value; the value itself where an old release holds another."""
    return str(dict(choices.choices).get(value, value))


def _names(names: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Misspellings serve the search alone and are not shown."""
    shown = (name for name in names if name["kind"] != Name.Kind.MISSPELLING)
    return [name | {"kind": _label(Name.Kind, name["kind"])} for name in shown]


def _code(code: dict[str, Any], numbers: dict[str, int], checked: dict[str, bool]) -> dict[str, Any]:
    sure = code["checked"] and checked[code["source"]]
    shown = {"relation": _label(Code.Relation, code["relation"]), "none": code["relation"] == "none"}
    return code | shown | {"number": numbers[code["source"]], "checked": sure}


def _feature(feature: dict[str, str], numbers: dict[str, int]) -> dict[str, Any]:
    bands: list[str] = list(Feature.Frequency.values)
    band = feature["frequency"]
    return feature | {
        "rank": (bands.index(band) if band in bands else len(bands), feature["lay"].casefold()),
        "frequency": _label(Feature.Frequency, band).capitalize() if band else "",
        "population": _group(feature["population"]),
        "number": numbers[feature["source"]],
    }


def _sources(
    snapshot: Snapshot,
    sections: list[ShownSection],
    entries: list[dict[str, Any]],
    numbers: dict[str, int],
) -> list[ShownSource]:
    """The sources that this reader meets, in the order of their numbers."""
    cited: dict[str, list[str]] = {entry["source"]: [] for entry in entries}
    for section in sections:
        for statement in section.statements:
            for note in statement.footnotes:
                cited.setdefault(note.source, []).append(statement.key)
    shown = [
        ShownSource(
            numbers[source["key"]],
            source,
            _label(Source.Kind, source["kind"]),
            _label(Source.Read, source["read"]).lower(),
            _address(source),
            cited[source["key"]],
        )
        for source in snapshot["sources"]
        if source["key"] in cited
    ]
    return sorted(shown, key=lambda source: source.number)


def _address(source: Mapping[str, Any]) -> str:
    if source["doi"]:
        return f"https://doi.org/{source['doi']}"
    if source["pmid"]:
        return f"https://pubmed.ncbi.nlm.nih.gov/{source['pmid']}/"
    return str(source["url"])
