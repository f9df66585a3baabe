"""YAML read strictly, with the line on which every value stands.

Stricter than PyYAML's loader: no duplicate keys, no aliases (a small file could hold a billion
items), no characters that the database cannot store. Every mistake is told, not the first alone.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]

# What PostgreSQL or UTF-8 cannot hold, and control characters that no text needs.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass
class Document:
    """One file: its value, the line of each place in it, and what is wrong with it as YAML."""

    path: Path
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: set[tuple[int, str]] = field(default_factory=set)

    def line(self, place: Place) -> int:
        """Give the line, from 1, of a place or of what holds it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def tell(self, line: int, sentence: str) -> None:
        """Note a mistake once."""
        self.mistakes.add((line, sentence))

    def told(self) -> list[str]:
        """Give the mistakes as `file:line: sentence`, in the order of lines."""
        return [f"{self.path}:{line}: {sentence}" for line, sentence in sorted(self.mistakes)]

    @property
    def lines_told(self) -> set[int]:
        """Give the lines on which something is wrong."""
        return {line for line, _ in self.mistakes}


def read(path: Path) -> Document:
    """Read a file; what cannot be read is a mistake of the document, never an exception."""
    document = Document(path)
    try:
        text = path.read_bytes().decode()
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            document.tell(1, "The file is empty.")
        else:
            document.value = _Builder(document).build(node, ())
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        document.tell(line, "This line is not UTF-8; save the file as UTF-8.")
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        document.tell(line, "This line holds a character that cannot be stored; remove it.")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.tell(mark.line + 1 if mark else 1, f"This is not YAML: {error.problem or error.context}.")
    except RecursionError:
        document.tell(1, "The file is nested too deeply.")
    except FileNotFoundError:
        document.tell(1, "This file is missing; a pack needs it.")
    except OSError as error:
        document.tell(1, f"The file cannot be read: {error.strerror}.")
    return document


class _Builder:
    """Turns nodes into values, noting lines and mistakes in the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.scalars = yaml.SafeLoader("")
        self.seen: set[int] = set()

    def build(self, node: yaml.Node, place: Place) -> Any:
        """Give the value of a node; None where it has a mistake."""
        line = self.document.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, line)
        if id(node) in self.seen:
            self.document.tell(line, "This is used again through an alias (*); write it out instead.")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        return [self.build(each, (*place, index)) for index, each in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, key = key_node.start_mark.line + 1, key_node.value
            if not isinstance(key, str):
                self.document.tell(line, "A key must be one word.")
                continue
            if key in built:
                self.document.tell(line, f"The key “{key}” stands here twice; remove one.")
                continue
            self.document.lines[*place, key] = line
            built[key] = self.build(value_node, (*place, key))
        return built

    def _scalar(self, node: yaml.ScalarNode, line: int) -> Hashable:
        try:
            value: Hashable = self.scalars.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self.document.tell(line, f"“{node.value[:40]}” cannot be read; put it in quotes.")
            return None
        if not isinstance(value, str):
            return value
        if UNSTORABLE.search(value):
            self.document.tell(line, "This text holds a character that cannot be stored; remove it.")
            return None
        return value if node.style in ("'", '"') else value.strip()  # within quotes, space is meant
