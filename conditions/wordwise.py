"""Two versions of a text compared word by word, with their formatting kept. Pure; no query."""

import difflib
import re
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from conditions.rendering import MARKDOWN


class Atom(NamedTuple):
    """A word or a space in its style, or the begin of a block: `text` is then empty."""

    text: str
    strong: bool = False
    emphasis: bool = False
    address: str = ""
    bullet: bool = False


def compared(old: str, new: str) -> SafeString:
    """Blocks of HTML with what went as <del> and what came as <ins>; a change of style alone is one too."""
    before, after = atoms(old), atoms(new)
    blocks: list[list[SafeString]] = [[]]
    for act, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if act in ("delete", "replace"):
            blocks[-1] += [_gone(each) for each in _joined(before[i:j])]
        if act != "delete":
            for each in _joined(after[k:m]):
                _put(blocks, each, "" if act == "equal" else "ins")
    return format_html_join("", "<p>{}</p>", ((mark_safe("".join(block)),) for block in blocks if block))  # noqa: S308 - of format_html's pieces


def atoms(text: str) -> list[Atom]:
    """Every block of the text with its words, in order."""
    found: list[Atom] = []
    depth = 0
    for token in MARKDOWN.parse(text):
        depth += token.nesting if token.type.startswith("list_item") else 0
        if token.type == "inline":
            found += [Atom("", bullet=depth > 0), *_words(token.children or [])]
    return found


def _words(tokens: list[Token]) -> list[Atom]:
    found: list[Atom] = []
    strong = emphasis = 0
    address = ""
    for token in tokens:
        strong += token.nesting if token.type.startswith("strong") else 0
        emphasis += token.nesting if token.type.startswith("em_") else 0
        if token.type.startswith("link"):
            address = str(token.attrGet("href")) if token.nesting > 0 else ""
        words = " " if token.type in {"softbreak", "hardbreak"} else token.content
        found += [Atom(word, strong > 0, emphasis > 0, address) for word in re.findall(r"\s+|[^\s]+", words)]
    return found


def _joined(run: list[Atom]) -> list[Atom]:
    """Neighbours in one style as one stretch."""
    stretches: list[Atom] = []
    for each in run:
        last = stretches[-1] if stretches else None
        if last and last.text and each.text and last[1:] == each[1:]:
            stretches[-1] = each._replace(text=last.text + each.text)
        else:
            stretches.append(each)
    return stretches


def _put(blocks: list[list[SafeString]], atom: Atom, tag: str) -> None:
    if atom.text:
        blocks[-1].append(_marked(_styled(atom), tag))
    else:
        blocks.append([_marked(format_html("{}", "• "), tag)] if atom.bullet else [])


def _gone(atom: Atom) -> SafeString:
    """What went; the begin of a block that went is a sign in the text."""
    return _marked(_styled(atom) if atom.text else format_html("{}", " ¶ "), "del")


def _styled(atom: Atom) -> SafeString:
    words = format_html("{}", atom.text)
    if atom.address:
        words = format_html(
            '<span class="link">{}</span> <span class="quiet">({})</span>', words, atom.address
        )
    if atom.emphasis:
        words = format_html("<em>{}</em>", words)
    return format_html("<strong>{}</strong>", words) if atom.strong else words


def _marked(words: SafeString, tag: str) -> SafeString:
    # Never built from the text: the tag is one of ours.
    return format_html(f"<{tag}>{{}}</{tag}>", words) if tag else words
