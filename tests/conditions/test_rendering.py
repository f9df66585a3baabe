"""Light Markdown, and nothing that runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.rendering import to_blocks, to_html
from conditions.shown import Footnote, ShownStatement
from conditions.templatetags.statements import cited, words_changed


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain & <b>", "<p>plain &amp; &lt;b&gt;</p>\n"),
        ("**a** *b*", "<p><strong>a</strong> <em>b</em></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("# no heading", "<p># no heading</p>\n"),
        ("[x](https://a.example)", '<p><a href="https://a.example" rel="noopener nofollow">x</a></p>\n'),
        ("[x](javascript:a)", "<p>[x](javascript:a)</p>\n"),
        ("![x](https://a.example/i.png)", None),
    ],
)
def test_to_html(text: str, html: str | None) -> None:
    shown = to_html(text)
    assert "<img" not in shown
    assert html is None or shown == html


@given(st.text(max_size=200))
def test_nothing_that_runs_comes_out(text: str) -> None:
    shown = to_html(text).lower()
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<style" not in shown


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_blocks_hold_plain_text(text: str) -> None:
    for block in to_blocks(text):
        assert all(run["text"] for run in block["runs"])


def test_runs_and_bullets() -> None:
    assert to_blocks("a **b**\nc\n\n- *d*") == [
        {
            "bullet": False,
            "runs": [
                {"text": "a ", "strong": False, "emphasis": False},
                {"text": "b", "strong": True, "emphasis": False},
                {"text": " ", "strong": False, "emphasis": False},
                {"text": "c", "strong": False, "emphasis": False},
            ],
        },
        {"bullet": True, "runs": [{"text": "d", "strong": False, "emphasis": True}]},
    ]


def test_words_changed() -> None:
    assert words_changed("a <new> c d", "a old c") == "a <del>old</del><ins>&lt;new&gt;</ins> c<ins> d</ins>"
    assert words_changed("a", "a b") == "a<del> b</del>"


@pytest.mark.parametrize(
    ("text", "end"),
    [("One.", "[7]</a></span></p>"), ("- a\n- b", "[7]</a></span></li>\n</ul>"), ("", "[7]</a></span>")],
)
def test_footnotes_follow_the_last_word(text: str, end: str) -> None:
    seen = {"stance": "supports", "checked": True, "checked_on": None}
    note = Footnote(number=7, source="one", title="First", locator="", **seen)
    assert cited(ShownStatement("key", "", text, "", "", None, "", [note])).endswith(end)
