"""Find conditions by name, synonym, typo or code, among what is published and nothing else.

Each question is one query over the latest published release of every condition.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

LONGEST = 100  # characters of a query that are looked at

LATEST = """
    latest AS (
        SELECT DISTINCT ON (condition_id) number, published_at, clinically_approved, snapshot
        FROM conditions_release WHERE state = 'published' ORDER BY condition_id, number DESC
    ),
    listed AS MATERIALIZED (
        SELECT snapshot #>> '{condition,slug}' AS slug, snapshot #>> '{condition,name}' AS name,
            snapshot #>> '{condition,short_name}' AS short_name,
            snapshot #>> '{condition,summary}' AS summary,
            number, published_at, clinically_approved,
            snapshot -> 'names' AS names, snapshot -> 'codes' AS codes
        FROM latest
    )"""
SHOWN = "slug, name, short_name, summary, number, published_at, clinically_approved"

# Without accents, case and punctuation, so that "Opsoclonus myoclonus" is "opsoclonus-myoclonus".
PLAIN = "btrim(regexp_replace(lower(unaccent({})), '[^[:alnum:]]+', ' ', 'g'))".format

# A query matches a name that contains it, or one whose trigrams are close enough: 0.4 finds two
# slips in a long word and keeps words that merely begin alike apart. Short queries must be contained.
# What fits much worse than the best is left out.
FIND = f"""
    WITH asked AS (SELECT {PLAIN("%(query)s")} AS q), {LATEST},
    called AS (
        SELECT slug, name AS text, 'name' AS kind FROM listed
        UNION ALL SELECT slug, short_name, 'abbreviation' FROM listed WHERE short_name <> ''
        UNION ALL SELECT slug, each ->> 'text', each ->> 'kind'
            FROM listed, jsonb_array_elements(names) AS each
    ),
    compared AS (SELECT slug, text, kind, {PLAIN("text")} AS p, q FROM called, asked WHERE q <> ''),
    scored AS (
        SELECT slug, text, kind, CASE
            WHEN p = q THEN 1
            WHEN strpos(' ' || p, ' ' || q) > 0 THEN 0.95
            WHEN length(q) < 4 THEN 0
            WHEN strpos(p, q) > 0 THEN 0.9
            ELSE 0.9 * greatest(similarity(q, p), word_similarity(q, p),
                CASE WHEN length(p) > 5 THEN word_similarity(p, q) END)
            END AS score
        FROM compared
    ),
    best AS (
        SELECT DISTINCT ON (slug) slug, text, kind, score FROM scored
        WHERE score >= 0.4 ORDER BY slug, score DESC, kind = 'misspelling', text
    )
    SELECT {SHOWN}, CASE WHEN kind IN ('name', 'misspelling') THEN '' ELSE text END AS matched
    FROM listed JOIN best USING (slug) WHERE score >= 0.8 * (SELECT max(score) FROM best)
    ORDER BY score DESC, lower(name), slug
"""  # noqa: S608 - built from this module's constants; what was asked is a parameter

EVERYTHING = f"""
    WITH {LATEST} SELECT {SHOWN}, '' AS matched FROM listed ORDER BY lower(name), slug
"""  # noqa: S608 - as above

# ORPHA:1183, ORPHA 1183 and 1183 are the same code of the same system.
BARE = "regexp_replace(lower({0}), '^' || {1} || '[: ]+', '')".format
BY_CODE = f"""
    WITH {LATEST},
    coded AS (
        SELECT *, each ->> 'system' AS system, each ->> 'code' AS code, each ->> 'relation' AS relation
        FROM listed, jsonb_array_elements(codes) AS each
    )
    SELECT {SHOWN}, system || ' ' || code AS matched, relation FROM coded
    WHERE code <> '' AND lower(system) = lower(%(system)s)
        AND {BARE("code", "lower(system)")} = {BARE("%(code)s", "lower(system)")}
    ORDER BY array_position(ARRAY['exact', 'narrower', 'related', 'broader'], relation), lower(name)
"""  # noqa: S608 - as above


@dataclass(frozen=True)
class Listed:
    """A published condition in a list; `matched` is the other name or code that was found."""

    slug: str
    name: str
    short_name: str
    summary: str
    number: int
    published_at: datetime
    clinically_approved: bool
    matched: str
    relation: str = ""


def everything() -> list[Listed]:
    """Every published condition by name."""
    return _ask(EVERYTHING, {})


def find(query: str) -> list[Listed]:
    """Conditions that `query` may mean, best first; none for a query without a letter or digit."""
    return _ask(FIND, {"query": _clean(query)})


def by_code(system: str, code: str) -> list[Listed]:
    """Conditions that carry the code, exact ones first."""
    return _ask(BY_CODE, {"system": _clean(system), "code": _clean(code)})


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def _ask(question: str, values: dict[str, Any]) -> list[Listed]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [Listed(*row) for row in cursor.fetchall()]
