"""Light Markdown of a statement, as safe HTML for pages and as runs for print."""

from functools import lru_cache
from typing import TypedDict

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Paragraphs, lists, emphasis, links. No HTML, no images, no headings: those belong to the page.
MARKDOWN = MarkdownIt("zero").enable(["emphasis", "link", "list", "newline", "escape", "autolink"])
TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "br"}


class Run(TypedDict):
    """A stretch of text in one style."""

    text: str
    strong: bool
    emphasis: bool


class Block(TypedDict):
    """A paragraph or an item of a list."""

    bullet: bool
    runs: list[Run]


@lru_cache(maxsize=2048)
def to_html(text: str) -> str:
    """HTML with the tags of TAGS alone; everything else in `text` is shown as it was typed."""
    return nh3.clean(
        MARKDOWN.render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener nofollow",
    )


def to_blocks(text: str) -> list[Block]:
    """Paragraphs and list items as runs of plain text; a link keeps its words only."""
    blocks: list[Block] = []
    depth = 0
    for token in MARKDOWN.parse(text):
        depth += token.nesting if token.type.startswith("list_item") else 0
        if token.type == "inline":
            blocks.append({"bullet": depth > 0, "runs": _runs(token.children or [])})
    return blocks


def _runs(tokens: list[Token]) -> list[Run]:
    runs: list[Run] = []
    strong = emphasis = 0
    for token in tokens:
        strong += token.nesting if token.type.startswith("strong") else 0
        emphasis += token.nesting if token.type.startswith("em_") else 0
        words = " " if token.type in {"softbreak", "hardbreak"} else token.content
        if words:
            runs.append({"text": words, "strong": strong > 0, "emphasis": emphasis > 0})
    return runs
