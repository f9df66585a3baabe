"""How much of a long list is asked: all of it in continuous integration, a sample by hand.

`make test` is for every change and answers in about ten minutes. What it leaves out is more of a kind:
another address, another list, another width. Who changes one of those runs its test with `CI=1` first.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")
IN_FULL = bool(os.environ.get("CI"))


def sample(them: Sequence[One], every: int) -> Sequence[One]:
    """All of them, or by hand the first and each `every`th after it."""
    return them if IN_FULL else them[::every]
