"""Which requests leave a row in the trail, as one rule for every test that counts them.

A refusal of a signed-in person always does, whatever the route. A page that shows a patient's record, or
several, does once: a list, a search and an export too, and the trail itself. A redirect shows nothing;
what a POST wrote before it redirected has a row of its own, which the writer makes.
"""

from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

SIGNED_OUT = {"nobody", "anonymous"}
# Shows records without naming one in its address; a search for a person shows none before it was typed.
LISTS = {
    "admin:tracker_patient_change",
    "admin:tracker_patient_changelist",
    "admin:tracker_patient_end_seat",
    "admin:tracker_patient_history",
    "admin:tracker_patient_seats",
    "tracker:due-everybody",
    "tracker:emergencies",
    "tracker:emergency",
    "tracker:hand-over",
    "tracker:log",
    "tracker:rules",
    "tracker:trail-person",
    "tracker:worklist",
    "trail",
    "trail-export",
}


@cache
def names_a_patient(route: str) -> bool:
    """Whether the route has the argument `key`, which is always a patient's."""
    return route in _routes_with_key(get_resolver(), "")


def _routes_with_key(resolver: URLResolver, space: str) -> set[str]:
    found = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found |= _routes_with_key(pattern, inner)
        elif isinstance(pattern, URLPattern) and "key" in pattern.pattern.converters:
            found.add(f"{space}{pattern.name}")
    return found


def expected(route: str, status: int, identity: str) -> bool:
    """Whether a GET of `route`, as URL names go, answered so must have left exactly one row."""
    if identity in SIGNED_OUT:
        return False
    if status in (403, 404):
        return True
    return status == 200 and (route in LISTS or (route.startswith("tracker:") and names_a_patient(route)))
