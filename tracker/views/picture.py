"""What the picture, the flowsheet and the tables read of a patient: lean rows, a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Q

from portal.models import User
from tracker import scoring, timeline
from tracker.models import CheckIn, Dose, Flag, Measurement, Patient, PrivateNote, Rating, Review, Treatment
from tracker.timeline import papers, reading


@dataclass(frozen=True)
class Around:
    """What stands beside the diary, whatever the period. `notes` are all private notes."""

    treatments: list[papers.Given]
    events: list[papers.Happened]
    reviews: list[Review]
    notes: list[PrivateNote]
    flags: list[Flag]
    zone: str

    def record(self, known: Patient, entries: list[timeline.Logged]) -> timeline.Record:
        """Everything that a picture shows. Queries: four."""
        until = max((each.covers_until for each in self.reviews), default=None)
        doses = known.doses.standing().exclude(status=Dose.Status.TAKEN).select_related("treatment")
        rated = known.clinician_ratings.standing().select_related("rater").prefetch_related("scores")
        return timeline.Record(
            entries,
            self.treatments,
            self.events,
            reading.seen(self.reviews, self.zone),
            reading.not_given(doses),
            reading.rated(rated),
            reading.spells(known.episodes.all()),
            reading.raised(self.flags, until),
            reading.pinned(self.notes),
        )


def around(known: Patient, reviews: list[Review]) -> Around:
    """Queries: five. `reviews` are the standing ones, with their reviewers."""
    treatments: list[Treatment] = list(known.treatments.prefetch_related("steps"))
    return Around(
        reading.given(treatments),
        reading.happened(known.events.all()),
        reviews,
        list(known.private_notes.select_related("author")),
        list(known.flags.all()),
        known.clinic.zone,
    )


def period(
    user: User, known: Patient, words: Mapping[str, str], today: date, beside: Around
) -> timeline.Period:
    """The days asked for; "everything" begins with the first entry, treatment or event. Queries: one."""
    ends = (
        CheckIn.objects.visible_to(user).filter(patient=known).aggregate(Min("local_date"), Max("local_date"))
    )
    firsts = [one.first for one in beside.treatments] + [one.first for one in beside.events]
    begun = min([*filter(None, [ends["local_date__min"]]), *firsts], default=None)
    # A family east of the clinic may be a day ahead of it.
    return timeline.asked(words, max(today, ends["local_date__max"] or today), begun)


def logged(user: User, known: Patient, first: date, last: date, beside: Around) -> list[timeline.Logged]:
    """The standing check-ins of the days, oldest first, read as columns. Queries: four.

    Of half a year before them the home checks, since what was usual is made of these.
    """
    mine = CheckIn.objects.visible_to(user).filter(spanned(first, last), patient=known).standing()
    rows = [reading.Row(*row) for row in mine.values_list(*reading.COLUMNS)]
    told = Q(spanned(first, last, "check_in__"), patient=known)
    ratings = Rating.objects.filter(told).order_by().values_list("check_in_id", "item", "value")
    measured = Measurement.objects.filter(told).order_by().values_list("check_in_id", "kind", "value")
    details = reading.Details(ratings.iterator(), measured.iterator())
    names = authors(row.author_id for row in rows)
    return reading.entries(rows, details, names, reading.covered(beside.reviews, beside.zone))


def spanned(first: date, last: date, entry: str = "") -> Q:
    """Which entries a picture of these days rests on; `entry` leads from a row to its check-in."""
    day, before = f"{entry}local_date__range", first - timedelta(days=1)
    usual = {f"{entry}kind": CheckIn.Kind.HOME_CHECK, day: (first - scoring.BASELINE_REACH, before)}
    return Q(**{day: (first, last)}) | Q(**usual)


def authors(numbers: Iterable[int]) -> dict[int, str]:
    """Who wrote entries, by number. Queries: one."""
    return {number: person.display_name for number, person in User.objects.in_bulk(set(numbers)).items()}


def drawn(user: User, known: Patient, shown: timeline.Period, beside: Around) -> timeline.Record:
    """The record of a period and of what was usual before it. Queries: eight."""
    entries = logged(user, known, shown.first, shown.last, beside)
    return beside.record(known, entries)
