"""What the picture shows, in a few sentences, for those who cannot see it."""

from collections.abc import Iterator
from datetime import date

from tracker.timeline import home_check, raters
from tracker.timeline.facts import Record, Usual, day_words, number


def said(record: Record, usual: Usual, first: date, last: date) -> str:
    """The home checks first, then the rest as far as there is any."""
    checks = [check for check in record.checks if first <= check.day <= last]
    complete = [(check, base) for check, base in usual.by_check if first <= check.day <= last]
    words = [f"Home checks: {len(complete)} with a total, {len(checks) - len(complete)} without."]
    if complete:
        newest, base = complete[-1]
        compared = f", usually {number(base)}" if base is not None else ""
        words.append(f"The newest total is {newest.total} of 18, on {day_words(newest.day)}{compared}.")
    breaks = len(list(home_check.runs([check for check, _ in complete]))) - 1
    if breaks > 0:
        times = "once" if breaks == 1 else f"{breaks} times"
        words.append(f"The line is broken {times}, where no total came.")
    apart = raters.apart([check for check, _ in complete])
    words += [*raters.named(checks), apart] if apart else []
    daily = sum(entry.kind == "daily" and first <= entry.day <= last for entry in record.entries)
    agents = dict.fromkeys(
        row.agent
        for row in record.treatments
        if not row.never and _overlaps(row.first, row.last, first, last)
    )
    given = ", ".join(agents) if agents else "none recorded"
    words += [f"Daily check-ins: {daily}.", f"Treatments: {given}."]
    return " ".join([*words, *_besides(record, first, last)])


def _besides(record: Record, first: date, last: date) -> Iterator[str]:
    """Each only where there is any."""
    rated = [one for one in record.rated if first <= one.day <= last]
    if rated:
        score = rated[-1].score
        words = score.words if score.total is not None else f"{score.words}, no total"
        yield f"Clinicians’ ratings, on their own axis: {len(rated)}, the newest {words}."
    for one in record.episodes:
        if _overlaps(one.first, one.last, first, last):
            yield f"Episode {'of' if one.last else 'open since'} {day_words(one.first, one.last)}."
    raised = [one for one in record.flags if first <= one.day <= last]
    if raised:
        yield f"Flags: {len(raised)}, {sum(one.open for one in raised)} open."
    missed = sum(first <= one.day <= last for one in record.not_given)
    if missed:
        yield f"Doses not given as planned: {missed}."
    late = sum(bool(one.late) and first <= one.day <= last for one in record.entries)
    if late:
        yield f"Entries that came late: {late}."


def _overlaps(begun: date, ended: date | None, first: date, last: date) -> bool:
    return begun <= last and (ended or last) >= first
