"""What the outside says about sources: lists that an operator keeps, since the portal asks no network."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils import timezone

BEFORE = (  # in this order: an address begins with its scheme
    *("https://", "http://", "www.", "dx."),
    *("doi.org/", "pubmed.ncbi.nlm.nih.gov/", "doi:", "pmid:"),
)


@dataclass(frozen=True)
class Watch:
    """`retracted` are DOIs and PubMed numbers, `dead` addresses, `unread` the lists that cannot be read."""

    today: date
    retracted: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


def watch() -> Watch:
    """What the operator's lists say now: one entry a line, nothing else but lines that start with #."""
    named = {"RETRACTED_FILE": settings.RETRACTED_FILE, "DEAD_LINKS_FILE": settings.DEAD_LINKS_FILE}
    lists = {name: _lines(path) for name, path in named.items()}
    return Watch(
        timezone.localdate(),
        frozenset(identifier(line) for line in lists["RETRACTED_FILE"] or ()),
        frozenset(lists["DEAD_LINKS_FILE"] or ()),
        tuple(name for name, lines in lists.items() if lines is None),
    )


def identifier(text: str) -> str:
    """A DOI or PubMed number as it is compared: in small letters, without what stands before it."""
    text = text.strip().casefold()
    for before in BEFORE:
        text = text.removeprefix(before).strip()
    return text.rstrip("/")


def _lines(path: str) -> list[str] | None:
    """The entries of a list, none where none is set, None where it cannot be read."""
    if not path:
        return []
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
