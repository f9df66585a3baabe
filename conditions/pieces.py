"""What of a condition's content is translated, piece by piece, and how a piece stands. Pure.

A piece is one text that readers see. Its translation keeps the hash of the English text that it is of, so
that a change of the English shows at once.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from conditions.snapshot import Snapshot

FIELDS = ("question", "text", "professional", "dissent")  # of a statement
Stored = Mapping[str, Mapping[str, str]]  # key -> {"source": hash of the English, "text": translation}
DIGITS = re.compile(r"\d+")
# Words whose loss or reversal turns advice round.
DANGEROUS = re.compile(
    r"\b(?:no|not|never|none|nor|neither|without|cannot|unless|except|only|\w+n[’']t|stop\w*|avoid\w*"
    r"|increas\w*|decreas\w*|rais\w*|lower\w*|reduc\w*|more|less|fewer|above|below|before|after|at once)\b",
    re.IGNORECASE,
)


class Stand(StrEnum):
    """How the translation of a piece stands to its English text."""

    CURRENT = "translated"
    LATE = "out of date"
    MISSING = "not translated"


@dataclass(frozen=True)
class Piece:
    """One English text: where it stands, its key and its words."""

    heading: str
    key: str
    label: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256, in hex, of the words."""
        return hash_of(self.text)


def hash_of(text: str) -> str:
    """SHA-256, in hex, of an English text."""
    return hashlib.sha256(text.encode()).hexdigest()


def pieces_of(content: Snapshot) -> Iterator[Piece]:
    """Every text of a snapshot in today's form that may be translated, in the order shown."""
    condition = content["condition"]
    yield Piece("The condition", "condition/name", "Name", condition["name"])
    yield Piece("The condition", "condition/summary", "Summary", condition["summary"])
    for section in content["sections"]:
        title = section["title"]
        yield Piece(title, f"section/{section['key']}/title", "Heading", title)
        for each in section["statements"]:
            for field in FIELDS:
                words = str(each.get(field, ""))
                if words:
                    label = f"{each['key']}: {'in plain words' if field == 'text' else field}"
                    yield Piece(title, f"statement/{each['key']}/{field}", label, words)


def stand(piece: Piece, stored: Stored) -> Stand:
    """How the stored translation stands to the piece as it is now."""
    found = stored.get(piece.key)
    if found is None:
        return Stand.MISSING
    return Stand.CURRENT if found["source"] == piece.hash else Stand.LATE


def risks(piece: Piece, translated: str) -> list[str]:
    """What a checker has to look at twice: other numbers, and English words that turn advice round."""
    found = []
    if sorted(DIGITS.findall(piece.text)) != sorted(DIGITS.findall(translated)):
        found.append("The numbers differ.")
    words = dict.fromkeys(word.lower() for word in DANGEROUS.findall(piece.text))
    if words:
        found.append(f"The English says: {', '.join(words)}.")
    return found
