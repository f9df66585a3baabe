"""Write a snapshot as a pack's files, which `pack.read` gives back with the same digest."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from conditions.formats import DEFAULTS, Fields, current
from conditions.pack import Pack, read
from conditions.packed import Packed
from conditions.schema import SCHEMA
from conditions.snapshot import digest

WIDTH = 110
LISTS = {
    "names": "name",
    "codes": "code",
    "features": "feature",
    "facts": "fact",
    "must_says": "must_say",
    "organisations": "organisation",
}
NESTED = defaultdict(frozenset, {"section": frozenset({"statements"}), "statement": frozenset({"citations"})})


class NotPackable(Exception):
    """The content reads back as something else; the message says so for whoever exports it."""


class _Writer(yaml.SafeDumper):
    """Plain YAML: no aliases, lists indented below their key, long texts folded."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(writer: _Writer, text: str) -> yaml.ScalarNode:
    # A block is read without the space around it and its lines are folded, so a text is folded only
    # where space says nothing; what is not printable (breaks among it) is escaped within quotes.
    style = None if text.isprintable() else '"'
    if len(text) > 80 and style is None and text == " ".join(text.split()):
        style = ">"
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style)


_Writer.add_representer(str, _text)


def write(stored: Mapping[str, Any], folder: Path, translations: Mapping[str, Packed] | None = None) -> Pack:
    """Write the content as a new pack in `folder`, translations beside it, and read it back.

    Errors: FileExistsError when the folder holds something; pack.PackError when a pack may not hold
    the content; NotPackable when what is read back is not the same.
    """
    content: Any = current(stored)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty.")
    (folder / "sections").mkdir(parents=True)
    _dump(folder / "condition.yaml", _condition(content))
    _dump(folder / "sources.yaml", [_entry("source", each) for each in content["sources"]])
    digits = max(2, len(str(len(content["sections"]))))
    for number, section in enumerate(content["sections"], 1):
        _dump(folder / "sections" / f"{number:0{digits}}-{section['key']}.yaml", _section(section))
    for language, each in (translations or {}).items():
        (folder / "translations").mkdir(exist_ok=True)
        _dump(folder / "translations" / f"{language}.yaml", _translation(each))
    written = read(folder)
    if digest(written.content) != digest(content) or written.translations != (translations or {}):
        raise NotPackable("The pack reads back as something else; a text holds what YAML cannot keep.")
    return written


def _dump(path: Path, value: object) -> None:
    text = yaml.dump(value, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=WIDTH)
    path.write_text(text, encoding="utf-8")


def _condition(content: Any) -> Fields:
    lists = {
        word: [_entry(kind, each) for each in content[word]] for word, kind in LISTS.items() if content[word]
    }
    return _entry("condition", {"format": content["format"], **content["condition"]}) | lists


def _section(section: Mapping[str, Any]) -> Fields:
    statements = [
        _entry("statement", each) | {"citations": [_entry("citation", cited) for cited in each["citations"]]}
        for each in section["statements"]
    ]
    return _entry("section", section) | {"statements": statements}


def _translation(each: Packed) -> Fields:
    # In an order of our own: the database keeps none of a piece's two words.
    pieces = [
        {"key": key, "source": piece["source"], "text": piece["text"]} for key, piece in each.pieces.items()
    ]
    return {"method": each.method, "pieces": pieces}


def _entry(kind: str, fields: Mapping[str, Any]) -> Fields:
    """The fields in the schema's order, but those that hold their default, which reading fills in."""
    known = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"][kind]["properties"]
    said = {name: fields[name] for name in known if name in fields and name not in NESTED[kind]}
    default = DEFAULTS[kind]
    return {name: value for name, value in said.items() if name not in default or value != default[name]}
