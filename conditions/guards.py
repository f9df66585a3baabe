"""What stands in the way of publishing: each guard reads a snapshot and names what is wrong, and where. Pure.

GATES refuse a submission and a publication; ADVICE is shown and refuses nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from conditions.due import months_after
from conditions.models import Code, Name
from conditions.rendering import to_blocks
from conditions.snapshot import Snapshot, StatementEntry
from conditions.watch import Watch, identifier

SOURCE_MONTHS = 36  # after which somebody compares a source with its statements anew
LONG_SENTENCE = 30  # words
NUMBER = r"\d[\d.,]*"
COUNTED = r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half an?|half)"
# Amounts of a medicine, not what a laboratory measures in a litre.
DOSE = re.compile(
    rf"{NUMBER}\s?(?:(?:m?g|mcg|µg|μg|ml|iu|(?:milli|micro)gram(?:me)?s?|international units?)\b|\[iu\])"
    r"(?!\s?(?:/|per)\s?(?:d?l\b|(?:deci)?lit))"
    rf"|{NUMBER}\s?(?:u\s?/|units?(?:\s?/|\s(?:per|of|a day|daily|once|twice)\b))"
    rf"|(?:{NUMBER}|{COUNTED})\s(?:(?:milli|micro)?gram(?:me)?s?|millilit(?:er|re)s?|tablets?|capsules?"
    r"|sachets?|puffs|drops|spoonfuls?)\b",
    re.IGNORECASE,
)
TYPED_HEADING = re.compile(r"^ {0,3}(?:#{1,6}(?:\s|$)|=+\s*$)", re.MULTILINE)
WORDLESS_LINK = re.compile(r"!?\[\s*\]\(")
ADDRESS = re.compile(r"https?://[^\s)>\"\]]+")


@dataclass(frozen=True)
class Finding:
    """A sentence for the editor, and the place it is about: a kind of row and its key."""

    sentence: str
    noun: str
    key: str = ""

    def __str__(self) -> str:
        return self.sentence


Guard = Callable[[Snapshot, Watch], Iterator[Finding]]


@dataclass(frozen=True)
class Text:
    """Words that readers see, where they stand and for whom."""

    noun: str
    key: str
    words: str
    population: str = "all"


def uncited(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A statement that no source bears out."""
    for each in _statements(snapshot):
        if not any(cited["stance"] == "supports" for cited in each["citations"]):
            yield Finding(
                f"Every statement needs a source. Cite one for {each['key']}.", "statement", each["key"]
            )


def astray(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A source that is named and is not among the condition's, so that no page could show it."""
    known = {source["key"] for source in snapshot["sources"]}
    named: list[tuple[str, str, Mapping[str, Any]]] = []
    for statement in _statements(snapshot):
        named += [(statement["key"], "statement", cited) for cited in statement["citations"]]
    named += [(each["name"], "feature", each) for each in snapshot["features"]]
    named += [(each["key"], "fact", each) for each in snapshot["facts"]]
    named += [(f"{each['system']} {each['code']}", "code", each) for each in snapshot["codes"]]
    for key, noun, each in named:
        if each["source"] not in known:
            yield Finding(
                f"{key} cites {each['source']}, which is not a source of this condition. Cite one that is.",
                noun,
                key,
            )


def unsaid(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A thing that readers must be told, and no statement that tells it."""
    written = {each["key"] for each in _statements(snapshot)}
    for must in snapshot["must_says"]:
        if not written.intersection(must["statements"]):
            yield Finding(
                f"Readers must be told: “{must['text']}”. Write a statement that says it, and name it there.",
                "must-say",
                must["key"],
            )


def contradicted(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A source that says otherwise, and neither a decision nor readers who are told that sources differ."""
    for each in _statements(snapshot):
        against = [cited["source"] for cited in each["citations"] if cited["stance"] == "contradicts"]
        if against and not each["dissent"].strip() and not each["decision"].strip():
            yield Finding(
                f"{', '.join(against)} contradicts {each['key']}. Say under “who dissents” what it says,"
                " or write who decided for this text, when and why.",
                "statement",
                each["key"],
            )


def unrelated(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A code that does not say how well it fits."""
    for code in snapshot["codes"]:
        if code["relation"] not in Code.Relation.values:
            words = f"{code['system']} {code['code']}"
            yield Finding(f"Say of the code {words} whether it is exact, broader or narrower.", "code", words)


def unexpanded(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """An abbreviation with other meanings that some reader meets before it is written out."""
    ambiguous = [name["text"] for name in snapshot["names"] if name["ambiguous"]]
    kinds = (Name.Kind.ABBREVIATION, Name.Kind.MISSPELLING)
    full = [snapshot["condition"]["name"]]
    full += [
        name["text"] for name in snapshot["names"] if name["kind"] not in kinds and not name["ambiguous"]
    ]
    for short in ambiguous:
        word = re.compile(rf"(?<!\w){re.escape(short)}(?!\w)")
        met = [each for each in _texts(snapshot) if word.search(each.words)]
        for place in {first.key: first for first in _firsts(met)}.values():
            if not any(name.casefold() in place.words.casefold() for name in full):
                yield Finding(
                    f"{short} means other things too. Write it out where {place.key} first uses it.",
                    place.noun,
                    place.key,
                )


def dosed(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """An amount of a medicine, which no page gives."""
    for each in _texts(snapshot):
        if found := DOSE.search(_plain(each.words)):
            yield Finding(f"{each.key} gives a dose: “{found[0]}”. Take it out.", each.noun, each.key)


def misheaded(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A heading typed into a text, which would stand outside the order of the page's headings."""
    for each in _texts(snapshot):
        if TYPED_HEADING.search(each.words):
            yield Finding(
                f"{each.key} has a heading typed into its text. Make it a section or a question.",
                each.noun,
                each.key,
            )


def wordless(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A picture or a link without words, which nobody hears."""
    for each in _texts(snapshot):
        if WORDLESS_LINK.search(each.words):
            yield Finding(
                f"{each.key} has a picture or a link without words. Say in the brackets what it shows.",
                each.noun,
                each.key,
            )


def retracted(snapshot: Snapshot, watch: Watch) -> Iterator[Finding]:
    """A source that its publisher took back."""
    for source in snapshot["sources"]:
        if ({identifier(source["doi"]), identifier(source["pmid"])} - {""}) & watch.retracted:
            yield Finding(
                f"The source {source['key']} was retracted. Take it out, or say so in a statement of its own"
                " that cites the notice.",
                "source",
                source["key"],
            )


def outdated(snapshot: Snapshot, watch: Watch) -> Iterator[Finding]:
    """A source that nobody has compared with its statements for too long."""
    newest: dict[str, date] = {}
    for each in _statements(snapshot):
        for cited in each["citations"]:
            if cited["checked_on"]:
                day = date.fromisoformat(cited["checked_on"])
                newest[cited["source"]] = max(day, newest.get(cited["source"], day))
    for key, day in newest.items():
        if months_after(day, SOURCE_MONTHS) < watch.today:
            yield Finding(
                f"The source {key} was last compared on {day:%-d %B %Y}. Compare it anew, and note the date.",
                "source",
                key,
            )


def unwatched(_: Snapshot, watch: Watch) -> Iterator[Finding]:
    """A list of the operator's that cannot be read, so that nobody knows."""
    for name in watch.unread:
        yield Finding(
            f"The list that {name} names cannot be read. Tell whoever runs the portal.", "condition"
        )


def dead(snapshot: Snapshot, watch: Watch) -> Iterator[Finding]:
    """A link that led nowhere when the operator's check followed it."""
    rows = [("source", source["key"], source["url"]) for source in snapshot["sources"]]
    rows += [("organisation", each["key"], each["url"]) for each in snapshot["organisations"]]
    rows += [(each.noun, each.key, url) for each in _texts(snapshot) for url in ADDRESS.findall(each.words)]
    for noun, key, url in rows:
        if url in watch.dead:
            yield Finding(f"{key} links to {url}, which led nowhere at the last check.", noun, key)


def unreadable(snapshot: Snapshot, _: Watch) -> Iterator[Finding]:
    """A sentence so long that many readers lose its beginning; a figure, and no proof of anything."""
    for each in _statements(snapshot):
        longest = max(map(len, map(str.split, re.split(r"[.!?:;]\s", _plain(each["text"])))), default=0)
        if longest > LONG_SENTENCE:
            yield Finding(f"{each['key']} has a sentence of {longest} words.", "statement", each["key"])


GATES: tuple[Guard, ...] = (
    *(uncited, astray, unsaid, contradicted, unrelated, unexpanded, dosed, misheaded, wordless),
    *(retracted, outdated, unwatched),
)
ADVICE: tuple[Guard, ...] = (dead, unreadable)


def hindrances(snapshot: Snapshot, watch: Watch) -> list[Finding]:
    """Everything that refuses this content, guard by guard."""
    return [finding for guard in GATES for finding in guard(snapshot, watch)]


def advice(snapshot: Snapshot, watch: Watch) -> list[Finding]:
    """Everything that could be better and refuses nothing."""
    return [finding for guard in ADVICE for finding in guard(snapshot, watch)]


def _statements(snapshot: Snapshot) -> Iterator[StatementEntry]:
    for section in snapshot["sections"]:
        yield from section["statements"]


def _texts(snapshot: Snapshot) -> Iterator[Text]:
    """Every running text in the order in which a page shows it."""
    yield Text("condition", "the summary", snapshot["condition"]["summary"])
    for each in _statements(snapshot):
        for field in ("question", "text", "professional", "dissent", "decision", "decided_by"):
            words = each[field]
            yield Text("statement", each["key"], words, each["population"])
    for section in snapshot["sections"]:
        yield Text("section", section["key"], section["title"])
    for feature in snapshot["features"]:
        yield Text("feature", feature["name"], feature["lay"], feature["population"])
    for fact in snapshot["facts"]:
        figures = " ".join((fact["value"], fact["unit"], fact["low"], fact["high"], fact["unit"]))
        for words in (fact["about"], figures, fact["denominator"], fact["reason"]):
            yield Text("fact", fact["key"], words, fact["population"])
    for name in snapshot["names"]:
        yield Text("name", name["text"], name["note"])
    for one in snapshot["organisations"]:
        yield Text("organisation", one["key"], one["note"])


def _firsts(met: list[Text]) -> Iterator[Text]:
    """The first text of all for each reader: everyone, who asks for children, who asks for adults."""
    for groups in ({"all", "child", "adult"}, {"all", "child"}, {"all", "adult"}):
        yield from [each for each in met if each.population in groups][:1]


def _plain(words: str) -> str:
    """The text without marks, and with look-alike letters and digits made plain."""
    blocks = [" ".join("".join(run["text"] for run in block["runs"]).split()) for block in to_blocks(words)]
    kept = "".join(letter for letter in "\n".join(blocks) if unicodedata.category(letter) not in {"Cf", "Mn"})
    return unicodedata.normalize("NFKC", kept)
