"""Which words the interface asks gettext for, as found in the source.

Django turns a template's tags into calls of Python, and Babel reads the calls, so no gettext is needed.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from portal.catalogues import FILE, ROOT, WRITTEN, languages

APPS = ("portal", "conditions", "tracker")
PLAIN, PLURAL, NAMED, NAMED_PLURAL = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy"), PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), NAMED),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), NAMED_PLURAL),
}
# What Django makes of a template is no whole Python; the calls in it are.
WORDS = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(?:n?p?gettext|_)\((?:\s*(?:{WORDS}|count)\s*,?)+\)")


def extracted() -> Catalog:
    """Every message of the source, without translations."""
    found = Catalog(project="Steady", domain="django", fuzzy=False)
    for path, code in pieces():
        for _, message, _, context in extract("python", BytesIO(code.encode()), KEYWORDS):
            found.add(message, locations=[(path, 1)], context=context)
    return found


def pieces() -> Iterator[tuple[str, str]]:
    """Every file that can hold messages, by name, as Python."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield _name(path), path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield _name(path), "\n".join(CALL.findall(templatize(path.read_text())))


def read(language: str) -> Catalog:
    """A catalogue as it was written."""
    with (WRITTEN / language / FILE).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def update() -> None:
    """Bring each catalogue up to date: new messages stand without a translation, gone ones go."""
    for language in languages():
        found, catalog = extracted(), read(language)
        found.creation_date = catalog.creation_date  # else every run would change the file
        catalog.update(found, no_fuzzy_matching=True, update_creation_date=False)
        with (WRITTEN / language / FILE).open("wb") as file:
            write_po(file, catalog, width=100, ignore_obsolete=True, include_lineno=False)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
