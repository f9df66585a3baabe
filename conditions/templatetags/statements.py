"""Filters that show a statement's text and what changed in it."""

import difflib
import re

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from conditions.rendering import to_html
from conditions.shown import ENGLISH, ShownStatement
from portal.templatetags.languages import beside, english, in_english

register = template.Library()
register.simple_tag(beside)
register.simple_tag(in_english)
MARKED = "\x02([^\x02\x03]*)\x03"


@register.filter
def markdown(text: str) -> SafeString:
    """Light Markdown as HTML; see `conditions.rendering`."""
    return mark_safe(to_html(text))  # noqa: S308 - nh3 has cleaned it


@register.filter
def marked(excerpt: str) -> SafeString:
    """A piece of text with what was searched for as <mark>; see `search.Excerpt`."""
    parts = re.split(MARKED, excerpt)
    shown = ((_marked("mark", words) if odd % 2 else words,) for odd, words in enumerate(parts))
    return format_html_join("", "{}", shown)


@register.simple_tag
def cited(statement: ShownStatement) -> SafeString:
    """The statement's text with its footnotes at the end of its last paragraph or list item."""
    notes = render_to_string("conditions/_notes.html", {"statement": statement}).strip()
    text = to_html(statement.text).rstrip()
    end = re.search(r"(</li>\s*</[uo]l>|</p>)$", text)
    cut = end.start() if end else len(text)
    return mark_safe(f"{text[:cut]} {notes}{text[cut:]}")  # noqa: S308 - nh3 and the template have escaped it


@register.simple_tag
def spoken(language: str) -> SafeString:
    """The attribute that says a text's language, on every page that is not English all through."""
    if language == ENGLISH:
        return english()
    return format_html(' lang="{}"', language)


@register.filter
def words_changed(new: str, old: str) -> SafeString:
    """The new text with what went as <del> and what came as <ins>, word by word."""
    before, after = _words(old), _words(new)
    parts: list[tuple[str, str]] = []
    for act, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if act == "equal":
            parts.append(("", "".join(after[k:m])))
            continue
        parts += [
            (tag, "".join(words)) for tag, words in (("del", before[i:j]), ("ins", after[k:m])) if words
        ]
    return format_html_join("", "{}", ((_marked(tag, words),) for tag, words in parts))


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)


def _marked(tag: str, words: str) -> SafeString:
    # Never built from the text: the tag is one of ours.
    return format_html(f"<{tag}>{{}}</{tag}>", words) if tag else format_html("{}", words)
