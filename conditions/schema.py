"""What each file of a pack may hold, and the sentence for each rule that it breaks."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from conditions.marked import Document, Place

SCHEMA = Path(__file__).with_name("pack.schema.json")
FORMS = {
    "^HP": "must be HP: and seven digits, like HP:0010543",
    "^[a": "must be small letters and digits, joined by single hyphens",
    "^ht": "must be an address that starts with https://",
    "^([": "must be digits with a point, like 0.18",
    "^[0": "must be a day, like 2026-11-28",
    "^[f": "must be the SHA-256 of the English text, 64 hex digits",
}
TYPES = {
    "string": "a text",
    "array": "a list",
    "object": "a group of keys",
    "integer": "a whole number",
    "boolean": "true or false",
}


def check(document: Document, kind: str) -> None:
    """Tell the document every rule of the schema's `kind` that its value breaks."""
    for error in validator(kind).iter_errors(document.value):
        _tell(document, error)


@cache
def validator(kind: str) -> Draft202012Validator:
    """Give what checks one kind of file or entry, as named in the schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{kind}"}, format_checker=FormatChecker(["date"]))


def _tell(document: Document, error: ValidationError) -> None:
    place, schema = tuple(error.absolute_path), cast("dict[str, Any]", error.schema)
    rule, wanted = str(error.validator), cast("Any", error.validator_value)
    found = cast("Any", error.instance)
    line = document.line(place)
    if rule == "additionalProperties":
        for key in sorted(set(found) - set(schema["properties"])):
            document.tell(document.line((*place, key)), f"The key “{key}” is unknown; is it misspelt?")
    elif rule == "required":
        missing = ", ".join(f"“{key}”" for key in wanted if key not in found)
        document.tell(line, f"{_what(place)} lacks {missing}.")
    elif found is not None or line not in document.lines_told:  # what could not be read was told already
        document.tell(line, f"{_what(place)} {SENTENCES[rule](wanted, found)}.")


def _what(place: Place) -> str:
    if not place:
        return "The file"
    return f"“{place[-1]}”" if isinstance(place[-1], str) else "This entry"


def _of_type(wanted: str, found: object) -> str:
    hint = "; put it in quotes" if wanted == "string" and not isinstance(found, list | dict | None) else ""
    return f"must be {TYPES[wanted]}{hint}"


def _one_of(wanted: list[str | int], found: object) -> str:
    return f"must be one of: {', '.join(str(word) or 'empty' for word in wanted)}"


# The sentence's end for each rule of the schema; a test holds that none is missing.
SENTENCES: dict[str, Callable[[Any, Any], str]] = {
    "type": _of_type,
    "enum": _one_of,
    "format": lambda wanted, found: "must be a day of the calendar",
    "pattern": lambda wanted, found: FORMS[wanted[:3]],
    "minLength": lambda wanted, found: "must not be empty",
    "maxLength": lambda wanted, found: f"has {len(found)} characters; {wanted} is the most",
    "minItems": lambda wanted, found: "needs at least one entry",
    "minimum": lambda wanted, found: f"must be {wanted} or more",
    "maximum": lambda wanted, found: f"must be {wanted} or less",
}
