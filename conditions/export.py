"""A release for machines. Pure."""

from datetime import datetime
from typing import Any, cast

from conditions.due import Review
from conditions.formats import current
from conditions.models import Release
from conditions.reading import NOT_APPROVED
from conditions.standing import Standing


def as_data(release: Release, standing: Standing) -> dict[str, Any]:
    """The JSON of a published release.

    Shape: condition, release {number, replaced_by (a number or null), published_at (ISO 8601, UTC),
    clinically_approved, notice, digest, review {on, unchanged, interests, due, overdue} or null,
    withdrawals of later releases in words}, names, codes, features, facts, must_says, organisations,
    sources as in the snapshot; sections without their statements, and statements as one flat list in
    reading order.
    """
    content = current(release.snapshot)
    return {
        "condition": content["condition"],
        "release": _release(release, standing),
        "names": content["names"],
        "codes": content["codes"],
        "features": content["features"],
        "facts": content["facts"],
        "must_says": content["must_says"],
        "organisations": content["organisations"],
        "sources": content["sources"],
        "sections": [
            {field: value for field, value in section.items() if field != "statements"}
            for section in content["sections"]
            if section["statements"]  # an empty one is a draft's gap and nothing to read
        ],
        "statements": [
            {**statement, "section": section["key"]}
            for section in content["sections"]
            for statement in section["statements"]
        ],
    }


def _release(release: Release, standing: Standing) -> dict[str, Any]:
    published_at = cast("datetime", release.published_at)  # a constraint holds it once published
    return {
        "number": release.number,
        "replaced_by": standing.newer,
        "published_at": published_at.isoformat(),
        "clinically_approved": release.clinically_approved,
        "notice": "" if release.clinically_approved else str(NOT_APPROVED),
        "digest": release.digest,
        "review": _review(standing.review),
        "withdrawals": [str(notice) for notice in standing.notices],
    }


def _review(review: Review | None) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "on": review.on.isoformat(),
        "unchanged": review.unchanged,
        "interests": review.interests,
        "due": review.due.isoformat(),
        "overdue": review.overdue,
    }
