"""The clinic's words and habits in the invented courses."""

from tracker.models import DueItem

NOTES = {
    "first": "First rating here. Examined on the mat and at the table.",
    "same": "Much as at the last visit.",
    "better": "Better than at the last visit, most of all on the feet.",
    "worse": "Clearly worse than at the last visit. Plan discussed with the family.",
    "partial": "Asleep for part of the visit, so speech could not be judged.",
    "pinned": "Video seen: bursts of opsoclonus on changing gaze.",
}
# (kind, words, every so many weeks or None, parts of agents that make it needed; none: for everybody)
DUE = (
    (DueItem.Kind.BLOODS, "", 12, ("rituximab", "mycophenol", "cyclophosphamide", "corticotropin")),
    (DueItem.Kind.IMMUNOGLOBULINS, "", 12, ("rituximab",)),
    (DueItem.Kind.EYES, "", 26, ("prednis", "corticotropin", "dexameth")),
    (DueItem.Kind.SCAN, "Tumour search, as planned", 26, ()),
    (DueItem.Kind.VACCINE_HOLD, "Look again whether live vaccines wait", None, ("rituximab", "ivig")),
)
TAGS = (
    ("Monday team", True),
    ("Thursday team", True),
    ("Registry", False),
    ("School letter sent", False),
    ("Interpreter", False),
)
