"""Every mistake of a pack is told with its file and line, and a right pack is read whole."""

import json
from pathlib import Path

import pytest
from django.db.models import CharField, TextField

from conditions import models, pack, schema
from tests.conditions import packs
from tests.conditions.conftest import OMS

C, S, T = "condition.yaml", "sources.yaml", "sections/01-overview.yaml"
BROKEN = [
    (packs.changed(C, "format: 1", "format: 9"), C, 1, "“format” must be one of: 1, 2, 3."),
    (packs.changed(C, "slug: small-syndrome", "slug: Small Syndrome"), C, 2, "small letters"),
    (packs.changed(C, "name: Small syndrome\n", ""), C, 1, "lacks “name”"),
    (packs.changed(C, "short_name", "shortname"), C, 4, "“shortname” is unknown"),
    (packs.changed(C, "summary: A", "summary: 7 #"), C, 5, "“summary” must be a text; put it in quotes."),
    (packs.changed(C, "summary: A", "summary: [a] #"), C, 5, "“summary” must be a text."),
    (packs.changed(C, "summary: A", "summary: '' #"), C, 5, "must not be empty"),
    (packs.changed(C, "summary: A", f"summary: {'a' * 601} #"), C, 5, "601 characters; 600 is the most"),
    (packs.changed(C, "summary: A", "slug: x\nsummary: A"), C, 5, "“slug” stands here twice"),
    (packs.changed(C, "summary: A", 'summary: "a\\0b" #'), C, 5, "character that cannot be stored"),
    (packs.changed(C, "summary: A", 'summary: "\\ud800" #'), C, 5, "character that cannot be stored"),
    (packs.changed(C, "summary: A", "summary: 2020-99-99 #"), C, 5, "cannot be read; put it in quotes"),
    (packs.changed(C, "summary: A", "summary: !!python/name:os.system #"), C, 5, "cannot be read"),
    (packs.changed(C, "summary: A", "? [a]\n: b\nsummary: A"), C, 5, "A key must be one word"),
    (packs.changed(C, "kind: lay", "kind: nickname"), C, 8, "must be one of: synonym, abbreviation"),
    (
        packs.changed(C, "  - text: Tiny eyes disease\n    kind: lay", "  - just text"),
        C,
        7,
        "a group of keys",
    ),
    (packs.changed(C, "frequency: frequent", "frequency: often"), C, 22, "one of: empty, very frequent"),
    (packs.changed(C, "HP:0001336", "HP:1336"), C, 19, "seven digits"),
    (packs.changed(C, 'code: "9999"', "code: 9999"), C, 11, "put it in quotes"),
    (packs.changed(C, "relation: none", "relation: exact"), C, 15, "Give a code"),
    (packs.changed(C, "source: two", "source: three"), C, 24, "“three” is not in sources.yaml"),
    (
        packs.changed(
            C,
            "  - system: OMIM",
            '  - system: ORPHA\n    code: "9999"\n    relation: exact\n    source: one\n  - system: OMIM',
        ),
        C,
        14,
        "“ORPHA 9999” is taken already (condition.yaml:10)",
    ),
    (packs.changed(S, "year: 2020", "year: 1066"), S, 4, "1900 or more"),
    (packs.changed(S, "year: 2020", "year: 20200"), S, 4, "2100 or less"),
    (packs.changed(S, "year: 2020", "year: last"), S, 4, "a whole number"),
    (packs.changed(S, "https://example.org/one", "javascript:alert(1)"), S, 5, "starts with https://"),
    (packs.changed(S, "checked: false", "checked: maybe"), S, 11, "true or false"),
    (packs.changed(S, "key: two", "key: one"), S, 7, "“one” is taken already (sources.yaml:1)"),
    ({S: "{}"}, S, 1, "The file must be a list."),
    ({S: "[]"}, S, 1, "at least one entry"),
    ({S: ""}, S, 1, "The file is empty."),
    ({S: "- a: [\n"}, S, 2, "This is not YAML"),
    ({S: "- &a {key: one}\n- *a\n"}, S, 1, "used again through an alias"),
    ({S: "a: 1\n---\nb: 2\n"}, S, 2, "This is not YAML"),
    ({S: "[" * 1200}, S, 1, "nested too deeply"),
    ({S: b"- key: one\n  title: caf\xe9\n"}, S, 2, "not UTF-8"),
    ({S: b"- key: one\n  title: a\x00b\n"}, S, 2, "cannot be stored"),
    (
        packs.changed(T, "      - source: one\n        locator: page 1\n", "      []\n"),
        T,
        7,
        "at least one entry",
    ),
    (
        packs.changed(T, "    citations:\n      - source: one\n        locator: page 1\n", ""),
        T,
        4,
        "lacks “citations”",
    ),
    (packs.changed(T, "key: children", "key: what"), T, 10, "“what” is taken already (01-overview.yaml:4)"),
    (
        packs.changed(
            T, "      - source: one\n      - source: two", "      - source: one\n      - source: one"
        ),
        T,
        15,
        "“one” is taken already",
    ),
    (
        packs.changed(T, "      - source: one\n      - source: two", "      - source: nine"),
        T,
        14,
        "“nine” is not in",
    ),
    (packs.changed(T, "population: child", "population: kids"), T, 11, "all, child, adult"),
    ({"sections/02-more.yml": packs.SECTION}, "sections/02-more.yml", 1, "must end with .yaml"),
    (
        {
            "sections/02-more.yaml": packs.SECTION.replace("key: what", "key: other")
            .replace("key: children", "key: k")
            .replace("key: adults", "key: a")
        },
        "sections/02-more.yaml",
        1,
        "“overview” is taken already",
    ),
]

A = "sections/02-act.yaml"


def mended(name: str, old: str, new: str) -> dict[str, str | bytes]:
    """The full pack with one passage of a file replaced."""
    text = str(packs.FULL[name])
    assert old in text
    return packs.FULL | {name: text.replace(old, new, 1)}


def line_of(name: str, words: str) -> int:
    return str(packs.FULL[name]).split(words)[0].count("\n") + 1


BROKEN += [
    (mended(name, old, new), name, line_of(name, old), sentence)
    for name, old, new, sentence in [
        (C, "review_months: 6", "review_months: 0", "must be 1 or more"),
        (C, "review_months: 6", "review_months: 61", "must be 60 or less"),
        (C, "ambiguous: true", "ambiguous: maybe", "true or false"),
        (C, 'value: "0.18"', 'value: "1e3"', "digits with a point"),
        (C, 'value: "0.18"', "value: 0.18", "put it in quotes"),
        (C, "measure: incidence", "measure: cost", "must be one of: incidence"),
        (C, "reason: The only count of a whole country.", "reason: ''", "must not be empty"),
        (C, "key: incidence-there", "key: incidence-here", "is taken already"),
        (C, "[what, children]", "[what, nothing]", "“nothing” is in no section"),
        (C, "[what, children]", "[what, what]", "stands here twice"),
        (C, "kind: patients", "kind: shop", "must be one of: patients"),
        (C, "https://example.org/group", "data:text/html,x", "starts with https://"),
        (C, '"2026-01-31"', '"2026-02-31"', "day of the calendar"),
        (C, '"2026-01-31"', '"31.1.2026"', "must be a day, like"),
        (C, '"2026-01-31"', "2026-01-31", "put it in quotes"),
        (A, "kind: care", "kind: banner", "must be one of: text"),
        (A, "kind: care", "kind: text", "A care card needs an urgency"),
        (A, "stance: contradicts", "stance: denies", "must be one of: supports"),
        (A, 'decided_on: "2026-02-01"', 'decided_on: "2026-02-30"', "day of the calendar"),
        (A, 'decided_on: "2026-02-01"', 'decided_on: "9000-02-01"', "This day has not come yet."),
        (A, '"2026-01-30"', '"9000-01-30"', "This day has not come yet."),
        (C, '"2026-01-31"', '"9000-01-31"', "This day has not come yet."),
        (
            A,
            "stance: contradicts",
            'checked_on: "2026-01-01"\n        stance: contradicts',
            "A date of comparing",
        ),
    ]
]
BROKEN += [
    (mended(A, old, new), A, line_of(A, "- key: fits"), "A decision needs its reason")
    for old, new in [
        ("decided_by: The board of Erewhon", 'decided_by: " "'),
        ('decided_on: "2026-02-01"', ""),
        ("decision: The first work counted more people.", ""),
    ]
]
BROKEN += [
    (mended(C, "source: two\n    displayed: false", "source: two"), C, 41, "is taken already"),
    (mended(C, 'low: "0.1"', 'low: "0.3"'), C, 32, "“low” is above “high”"),
    (mended(C, 'value: "0.4"', "place: There"), C, 40, "A fact needs a “value”"),
]


@pytest.mark.parametrize(("files", "name", "line", "sentence"), BROKEN, ids=range(len(BROKEN)))
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, files: dict[str, str | bytes], name: str, line: int, sentence: str
) -> None:
    with pytest.raises(pack.PackError) as broken:
        pack.read(packs.write(tmp_path, files))
    start = f"{tmp_path / name}:{line}: "
    assert [told for told in broken.value.mistakes if told.startswith(start) and sentence in told], str(
        broken.value
    )


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    files = packs.changed("condition.yaml", "kind: lay", "kind: x")
    files |= packs.changed("sources.yaml", "read: whole", "read: some")
    files |= packs.changed("sections/01-overview.yaml", "title: Overview\n", "")
    with pytest.raises(pack.PackError) as broken:
        pack.read(packs.write(tmp_path, files))
    assert [told.removeprefix(f"{tmp_path}/").split(":")[0] for told in broken.value.mistakes] == list(
        packs.FILES
    )


def test_an_unreadable_value_is_told_once(tmp_path: Path) -> None:
    files = packs.changed("condition.yaml", "summary: A", 'summary: "a\\0b" #')
    with pytest.raises(pack.PackError) as broken:
        pack.read(packs.write(tmp_path, files))
    assert len(broken.value.mistakes) == 1


@pytest.mark.parametrize("missing", ["condition.yaml", "sources.yaml", "sections/01-overview.yaml"])
def test_a_missing_file_is_told(tmp_path: Path, missing: str) -> None:
    (packs.write(tmp_path) / missing).unlink()
    with pytest.raises(pack.PackError, match=r"missing|no file sections"):
        pack.read(tmp_path)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    folder = packs.write(tmp_path) / "sections/02-more.yaml"
    folder.mkdir()
    with pytest.raises(pack.PackError, match=r"02-more.yaml:1: The file cannot be read: Is a directory"):
        pack.read(tmp_path)


def test_no_pack_at_all(tmp_path: Path) -> None:
    with pytest.raises(pack.PackError, match=r"condition.yaml:1: This file is missing"):
        pack.read(tmp_path / "nowhere")


def test_what_was_left_out_is_filled_in(tmp_path: Path) -> None:
    content = pack.read(packs.write(tmp_path)).content
    assert content["names"] == [{"text": "Tiny eyes disease", "kind": "lay", "note": "", "ambiguous": False}]
    assert content["sources"][1]["year"] is None
    assert content["sections"][0]["statements"][0]["citations"][0]["checked"] is True


def test_every_rule_of_the_schema_has_its_sentence() -> None:
    rules: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for word, below in node.items():
                if word == "properties":
                    for each in below.values():
                        walk(each)
                else:
                    rules.add(word)
                    walk(below)

    for definition in json.loads(schema.SCHEMA.read_text())["$defs"].values():
        walk(definition)
    assert rules == {*schema.SENTENCES, "additionalProperties", "required", "$ref", "items"}


@pytest.mark.parametrize(
    "kind",
    [
        *("condition", "name", "code", "feature", "fact", "must_say", "organisation"),
        *("source", "section", "statement", "citation"),
    ],
)
def test_the_schema_keeps_to_the_columns(kind: str) -> None:
    """A text that the schema lets pass fits its column; so do choices."""
    definitions = json.loads(schema.SCHEMA.read_text())["$defs"]
    model = getattr(models, kind.title().replace("_", ""))
    for name, rule in definitions[kind]["properties"].items():
        rule = definitions[rule["$ref"].split("/")[-1]] if "$ref" in rule else rule
        field = next((field for field in model._meta.get_fields() if field.name == name), None)
        if isinstance(field, CharField | TextField):
            if field.choices:
                assert set(rule["enum"]) - {""} == {value for value, _ in field.choices}, name
            else:
                assert rule["maxLength"] <= field.max_length, name


def test_the_oms_pack_is_right() -> None:
    content = pack.read(OMS).content
    statements = [each for section in content["sections"] for each in section["statements"]]
    assert len(statements) >= 60
    assert all(each["citations"] for each in statements)
    assert {section["key"] for section in content["sections"]} >= {
        "overview",
        "diagnosis",
        "treatment",
        "adults",
    }
