"""The catalogues of the interface's words: `locale/<language>/LC_MESSAGES/django.po`, compiled for gettext.

What is compiled lies in `.locale/` and is never committed. Whatever starts Django makes it where it is
missing or older, so that nobody has to think of it and no gettext needs to be installed.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
WRITTEN, COMPILED = ROOT / "locale", ROOT / ".locale"
FILE = Path("LC_MESSAGES") / "django.po"


def languages() -> Iterator[str]:
    """Every language that has a catalogue."""
    return (path.parent.parent.name for path in sorted(WRITTEN.glob(f"*/{FILE}")))


def compile_changed() -> None:
    """Compile each catalogue that changed since it was compiled. Errors: ImproperlyConfigured."""
    for language in languages():
        source = WRITTEN / language / FILE
        compiled = (COMPILED / language / FILE).with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns != source.stat().st_mtime_ns:
            try:
                compile_to(compiled, source, language)
            except OSError as error:
                raise ImproperlyConfigured(
                    f"{compiled.name} of {language} is out of date and cannot be written ({error.strerror})."
                    " Run manage.py check as the user who owns the code."
                ) from error


def compile_to(compiled: Path, source: Path, language: str) -> None:
    """Write a catalogue for gettext, with its source's time; who reads meanwhile has the old one whole."""
    from babel.messages.mofile import write_mo  # not at the top: few starts compile anything
    from babel.messages.pofile import read_po

    stamp = source.stat().st_mtime_ns  # before it is read, so that a change meanwhile is seen next time
    compiled.parent.mkdir(parents=True, exist_ok=True)
    new = compiled.with_suffix(f".{os.getpid()}")
    with source.open("rb") as written, new.open("wb") as file:
        write_mo(file, read_po(written, locale=language, domain="django"))
    os.utime(new, ns=(stamp, stamp))
    new.replace(compiled)
