"""A self-audit on submission: which passages speak to what DISCERN asks of texts about treatment. Pure.

DISCERN is a questionnaire that people fill in. This fills in nothing and gives no mark: it finds words, so
that a reviewer sees where to look, and where nothing was found. The questions are its items 8 to 15 in our
own short words; the others are not about what a text says of treatment.
"""

import re
from typing import TypedDict

from conditions.snapshot import Snapshot


class Answer(TypedDict):
    """An item, and the keys of the statements that may speak to it."""

    item: int
    question: str
    statements: list[str]


ITEMS: dict[int, tuple[str, str]] = {
    8: ("What is uncertain", r"not (?:known|clear|settled|certain|agreed)|uncertain|unknown|differ"),
    9: ("How each treatment works", r"works? by|calm|damp|acts? on|block|suppress|hold back"),
    10: ("What good each treatment may do", r"help|improv|better|benefit|went away"),
    11: ("What harm each treatment may do", r"side effect|risk|harm"),
    12: ("What happens without treatment", r"without treatment|untreated|not treated|no treatment|delay"),
    13: ("What it does to daily life", r"daily|everyday|school|sleep|quality of life"),
    14: (
        "That there is more than one choice",
        r"other (?:treatments?|medicines?)|another|instead|choice|options?",
    ),
    15: ("How to decide together", r"\bask\b|\btalk|together|decide|discuss"),
}


def audit(snapshot: Snapshot) -> list[Answer]:
    """Every item with the statements whose words speak to it; of what is uncertain, also by their dissent."""
    answers: list[Answer] = []
    for item, (question, words) in ITEMS.items():
        sought = re.compile(rf"\b(?:{words})", re.IGNORECASE)
        found = [
            each["key"]
            for section in snapshot["sections"]
            for each in section["statements"]
            if sought.search(f"{each['question']} {each['text']}") or (item == 8 and each["dissent"])
        ]
        answers.append({"item": item, "question": question, "statements": found})
    return answers
