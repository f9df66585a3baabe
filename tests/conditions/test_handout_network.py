"""Setting a handout reaches nothing outside, whatever stands in it; seen by the kernel."""

import os
import platform

import pytest

from tests import unplugged

pytestmark = pytest.mark.skipif(
    platform.machine() not in unplugged.SOCKET, reason="the guard knows the system calls of two processors"
)
SETTINGS = {name: os.environ[name] for name in ("STEADY_MODE", "SECRET_KEY", "DATABASE_URL")}

PREPARE = """
import django, json
django.setup()
from datetime import UTC, datetime
from conditions import handouts
"""
HANDOUT = """
nasty = ['#import "@preview/cetz:0.3.0"', '#read("/etc/passwd")', '#image("https://example.org/x.png")',
         '![x](https://example.org/x.png)', 'file:///etc/passwd', '#link("https://example.org")']
blocks = [handouts.to_blocks(text) for text in nasty]
each = [{"question": text, "blocks": block, "population": text, "notes": "", "checked": True,
         "dissent": text, "decision": text}
        for text, block in zip(nasty, blocks)]
data = {"name": nasty[0], "summary": blocks[1], "audience": nasty[2], "release": nasty[3], "notice": nasty[1],
        "told": nasty, "address": nasty[5],
        "sections": [{"title": nasty[0], "urgency": "", "statements": each},
                     {"title": nasty[1], "urgency": "emergency", "statements": each}],
        "facts": [{"about": nasty[0], "figure": nasty[1], "counted": nasty[2], "number": nasty[3]}],
        "countries": [{"name": nasty[4], "entries": nasty}],
        "sources": [{"number": 1, "words": nasty[2], "checked": False}]}
pdf = handouts._compile(json.dumps(data), datetime(2026, 1, 1, tzinfo=UTC), None)
assert pdf.startswith(b"%PDF") and b"root:" not in pdf
print("set")
"""


def test_the_guard_kills_what_opens_a_socket() -> None:
    assert (
        unplugged.run("import socket; socket.socket(socket.AF_UNIX).close(); print('fine')").stdout
        == "fine\n"
    )
    for family in ("AF_INET", "AF_INET6"):
        done = unplugged.run(f"import socket; socket.socket(socket.{family}); print('open')")
        assert done.returncode < 0
        assert done.stdout == ""


def test_a_handout_full_of_addresses_opens_none() -> None:
    done = unplugged.run(HANDOUT, PREPARE, **SETTINGS)
    assert (done.returncode, done.stdout) == (0, "set\n"), done.stderr
