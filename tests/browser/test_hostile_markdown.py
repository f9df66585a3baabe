"""Fifty texts that Markdown could turn into harm, through a release into Chromium under our policy.

They are stored as they are, without the form's limits; the page shows them as words. Nothing runs, nothing
is even refused, no other host is asked, and no address of the release is a 500.
"""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from conditions import publishing
from conditions.models import Citation, Condition, Section, Source, Statement
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import PHONE

EVIL = "window.hacked=1"
MARKUP = [
    f"<script>{EVIL}</script>",
    f"<ScRiPt\n>{EVIL}</sCrIpT >",
    f"<img src=x onerror={EVIL}>",
    f"<svg onload={EVIL}><script>{EVIL}</script></svg>",
    f'<a href="#" onclick="{EVIL}" autofocus onfocus="{EVIL}">press</a>',
    f"<details open ontoggle={EVIL}><summary>x</summary></details>",
    f"<iframe srcdoc='<script>{EVIL}</script>'></iframe>",
    "<iframe src=https://foreign.example/></iframe>",
    '<link rel=stylesheet href="https://foreign.example/x.css">',
    "<style>@import 'https://foreign.example/x.css'; body { display: none }</style>",
    '<meta http-equiv="refresh" content="0;url=https://foreign.example/">',
    '<base href="https://foreign.example/">',
    '<form action="https://foreign.example/"><input name=q></form>',
    '<object data="https://foreign.example/x"></object><embed src="https://foreign.example/y">',
    f'<p style="position:fixed;inset:0" onmouseover={EVIL}>over it all</p>',
    f"</div></main></body></html><script>{EVIL}</script>",
    f"--> <!-- <img src=x onerror={EVIL}> -->",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={EVIL}></style></mglyph></math>",
    "<video poster=https://foreign.example/p.png><source src=https://foreign.example/v></video>",
    f'<div id="main" name="htmx-config" hx-get="/" hx-on:load="{EVIL}" data-hx-trigger="load">x</div>',
]
LINKS = [
    f"[press](javascript:{EVIL})",
    f"[press](JaVaScRiPt:{EVIL})",
    f"[press](java\tscript:{EVIL})",
    f"[press](&#106;avascript:{EVIL})",
    f"[press](%6Aavascript:{EVIL})",
    f"<javascript:{EVIL}>",
    f"<data:text/html,<script>{EVIL}</script>>",
    "[press](data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFja2VkPTE8L3NjcmlwdD4=)",
    f"[press](vbscript:{EVIL})",
    "[press](file:///etc/passwd)",
    f'[press](https://example.org/" onclick="{EVIL})',
    f"[press](https://example.org/ 'a title\" onmouseover=\"{EVIL}')",
    f"[press][one]\n\n[one]: javascript:{EVIL}",
    "![an image](https://foreign.example/pixel.png)",
    f'![x](x" onerror="{EVIL})',
    "[press](//foreign.example/path)",
    f"[<img src=x onerror={EVIL}>](https://example.org/)",
    "[press](https://example.org/\u202egnp.exe)",
]
SHAPES = [
    "\n".join("  " * depth + "- nested" for depth in range(50)),
    "\n".join("   " * depth + "1. nested" for depth in range(50)),
    ">" * 100 + " quoted",
    "plain words " * 17_000,  # 200 kB
    "*" * 5000 + "word" + "*" * 4999,
    "[" * 3000 + "press" + "](" * 3000,
    "\u202eright to left\u202c and \u2067isolated\u2069, never closed \u202b\u202e",
    "שלום \u200f<b onclick=x>עולם</b> \u200e&rlm;&#8238;",
    "\u0001\u0008\u001b[31m control \ufeff\u2028\u2029 marks \ufffe",
    "a" * 3000,
    "{{ 7 }}{% load static %}{% csrf_token %}${7*7}<%= 7 %>",
    "| a | b |\n|---|---|\n\n```html\n<script>" + EVIL + "</script>\n```\n&lt;script&gt;",
]
SAMPLES = [*MARKUP, *LINKS, *SHAPES]

LOOK = """() => {
    const all = [...document.querySelectorAll("*")];
    const text = document.querySelector(".condition-text");
    const kinds = "script, style, iframe, object, embed, form, input, img, svg, video, link, meta, base";
    return {
        handlers: all.filter(e => e.getAttributeNames().some(n => n.startsWith("on") || n.startsWith("hx-")))
            .map(e => e.outerHTML.slice(0, 80)),
        scripts: [...document.scripts].filter(s => s.type !== "application/ld+json")
            .filter(s => !s.src.startsWith(location.origin + "/static/")).length,
        inside: [...text.querySelectorAll(kinds)].map(e => e.outerHTML.slice(0, 80)),
        styled: text.querySelectorAll("[style]").length,
        links: [...text.querySelectorAll("a[href]")].map(a => a.href)
            .filter(h => !/^https?:/.test(h)),
        statements: text.querySelectorAll(".statement").length,
        wide: document.documentElement.scrollWidth > window.innerWidth,
        hacked: window.hacked,
    };
}"""


@pytest.fixture
def hostile(editor: User, reviewer: User) -> Condition:
    """A published condition whose statements, questions and title are the samples."""
    with acting_as(editor):
        condition = Condition.objects.create(slug="hostile", name=MARKUP[0], summary=" ".join(MARKUP)[:600])
        source = Source.objects.create(
            condition=condition,
            key="s",
            kind="review",
            title=MARKUP[2],
            url="https://example.org/",
            read="part",
        )
        section = Section.objects.create(condition=condition, key="one", title=MARKUP[3])
        for number, text in enumerate(SAMPLES):
            told = {"key": f"sample-{number}", "position": number, "text": text, "question": text[:200]}
            statement = Statement.objects.create(section=section, **told)
            Citation.objects.create(statement=statement, source=source, locator=MARKUP[4][:120])
        release = publishing.submit(editor, condition, reason=MARKUP[5])
    with acting_as(reviewer):
        publishing.publish(
            reviewer, publishing.approve(reviewer, release, note=MARKUP[6], interests=MARKUP[7])
        )
    return condition


def test_hostile_markdown_is_words(visit: Callable, hostile: Condition) -> None:
    assert len(set(SAMPLES)) == 50
    visitor = visit(size=PHONE)
    visitor.page.on("dialog", lambda dialog: (visitor.faults.append("dialog"), dialog.dismiss()))
    seen = visitor.open("/conditions/hostile/").evaluate(LOOK)
    assert seen.pop("statements") == 50
    assert seen.pop("hacked") is None
    assert not any(seen.values()), seen
    block = visitor.page.locator('script[type="application/ld+json"]').text_content()
    assert json.loads(block)["name"] == MARKUP[0], "data for machines, which the policy lets stand"
    assert visitor.open("/conditions/?q=press").evaluate("() => window.hacked") is None


def test_no_address_of_it_fails(hostile: Condition) -> None:
    """The other forms of the release, without a browser."""
    client = Client()
    for page in ("", "?for=child", "changes/", "releases/1/", "data.json", "handout.pdf", "changes.atom"):
        assert client.get(f"/conditions/hostile/{page}").status_code == 200, page
    for word in ("nested", "control", "press", "hacked"):
        assert client.get("/conditions/", {"q": word}).status_code == 200
    assert client.get("/sitemap.xml").status_code == 200
