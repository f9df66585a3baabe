"""The comparison of two texts: word by word, with formatting, and never a tag of the text's own."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.wordwise import atoms, compared


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("It is rare.", "It is *very* rare.", "<p>It is <ins><em>very</em></ins><ins> </ins>rare.</p>"),
        ("It is rare.", "It is **rare.**", "<p>It is <del>rare.</del><ins><strong>rare.</strong></ins></p>"),
        ("Same.", "Same.", "<p>Same.</p>"),
        ("", "New.", "<p><ins>New.</ins></p>"),
        ("Old.", "", "<p><del> ¶ </del><del>Old.</del></p>"),
        ("- one", "- one\n- two", "<p>• one</p><p><ins>• </ins><ins>two</ins></p>"),
        (
            "See [it](https://a.example/).",
            "See [it](https://b.example/).",
            '<p>See <del><span class="link">it</span> <span class="quiet">(https://a.example/)</span></del>'
            '<ins><span class="link">it</span> <span class="quiet">(https://b.example/)</span></ins>.</p>',
        ),
        ("<b>x</b>", "<b>y</b>", "<p><del>&lt;b&gt;x&lt;/b&gt;</del><ins>&lt;b&gt;y&lt;/b&gt;</ins></p>"),
    ],
)
def test_what_went_and_what_came(old: str, new: str, shown: str) -> None:
    assert compared(old, new) == shown


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_tags_are_ours_alone(old: str, new: str) -> None:
    tags = set(re.findall(r"<[^>]*>", compared(old, new)))
    ours = {"p", "del", "ins", "em", "strong", "span"}
    assert all(re.match(r"</?(\w+)", tag)[1] in ours for tag in tags)


@given(st.text(max_size=200), st.text(max_size=200))
def test_without_what_went_it_is_the_new_text(old: str, new: str) -> None:
    kept = re.sub(r"<del>.*?</del>", "", compared(old, new), flags=re.DOTALL)
    words = re.sub(r'<span class="quiet">.*?</span>|<[^>]*>|•', "", kept, flags=re.DOTALL)
    due = "".join(atom.text for atom in atoms(new))

    assert "".join(unescape(words).split()) == "".join(due.split()).replace("•", "")
