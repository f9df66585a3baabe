"""Find conditions by name, synonym, typo, code or text, among what is published and nothing else.

Names and text are looked for in `Passage`, which holds the latest published releases; both by an index.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from conditions.formats import label_of
from conditions.models import Code
from portal import languages

LONGEST = 100  # characters of a query that are looked at
CODE = re.compile(r"([A-Za-z][A-Za-z0-9 -]*[: ] *)?[A-Za-z]{0,3}\d[A-Za-z\d]*(\.[A-Za-z\d]+)?")

LATEST = """
    latest AS (
        SELECT DISTINCT ON (condition_id) number, published_at, clinically_approved, snapshot
        FROM conditions_release WHERE state = 'published' AND is_archived(condition_id) = %(archived)s
        ORDER BY condition_id, number DESC
    ),
    listed AS MATERIALIZED (
        SELECT snapshot #>> '{condition,slug}' AS slug, snapshot #>> '{condition,name}' AS name,
            snapshot #>> '{condition,short_name}' AS short_name,
            snapshot #>> '{condition,summary}' AS summary,
            number, published_at, clinically_approved, snapshot -> 'codes' AS codes
        FROM latest
    )"""
OF_RELEASE = """snapshot #>> '{condition,slug}', snapshot #>> '{condition,name}',
    snapshot #>> '{condition,short_name}', snapshot #>> '{condition,summary}',
    number, published_at, clinically_approved"""
SHOWN = "slug, name, short_name, summary, number, published_at, clinically_approved"

# A query matches a name that contains it, or one whose trigrams are close enough: 0.4 finds two
# slips in a long word and keeps words that merely begin alike apart. Short queries must be contained,
# and a code is met exactly. What fits much worse than the best is left out.
FIND = f"""
    WITH asked AS MATERIALIZED (SELECT plain_words(%(query)s) AS q),
    compared AS MATERIALIZED (
        SELECT release_id, text, kind, key, plain AS p, q FROM asked
        JOIN conditions_passage ON plain %% q OR plain %%> q OR plain LIKE '%%' || q || '%%'
        WHERE q <> ''
    ),
    scored AS (
        SELECT release_id, text, kind, key, CASE
            WHEN p = q THEN 1
            WHEN kind IN ('code', 'bare code') THEN 0
            WHEN strpos(' ' || p, ' ' || q) > 0 THEN 0.95
            WHEN length(q) < 4 THEN 0
            WHEN strpos(p, q) > 0 THEN 0.9
            ELSE 0.9 * greatest(similarity(q, p), word_similarity(q, p),
                CASE WHEN length(p) > 5 THEN word_similarity(p, q) END)
            END AS score
        FROM compared
    ),
    best AS (
        SELECT DISTINCT ON (release_id) release_id, text, kind, key, score FROM scored
        JOIN conditions_release r ON r.id = release_id
        WHERE score >= 0.4 AND NOT is_archived(r.condition_id)
        ORDER BY release_id, score DESC, kind = 'misspelling', text
    )
    SELECT {OF_RELEASE}, CASE WHEN kind IN ('name', 'misspelling') THEN ''
        WHEN key IN ('', 'exact') THEN text ELSE text || ' (' || key || ')' END AS matched
    FROM conditions_release r JOIN best ON r.id = release_id
    WHERE score >= 0.8 * (SELECT max(score) FROM best)
    ORDER BY score DESC, lower(snapshot #>> '{{condition,name}}')
"""  # noqa: S608 - built from this module's constants; what was asked is a parameter

# The best statements of each condition that hold all the words, in any of their forms; each whole, since
# half a claim may say its opposite. Of the groups that were not asked for nothing is quoted; a row
# without a text says that they hold something.
QUOTE = f"""
    WITH found AS (
        SELECT release_id, key, population, text, ts_rank_cd(words, query, 32) AS rank,
            population = ANY(%(groups)s) AS shown, query,
            row_number() OVER (
                PARTITION BY release_id, population = ANY(%(groups)s)
                ORDER BY ts_rank_cd(words, query, 32) DESC, id
            ) AS place
        FROM conditions_passage, websearch_to_tsquery('english', unaccent(%(query)s)) AS query
        WHERE words @@ query
    )
    SELECT {OF_RELEASE}, '' AS matched, key, population,
        CASE WHEN shown AND key <> '' THEN ts_headline('english', left(text, 2000), query,
            E'StartSel=\\x02, StopSel=\\x03, HighlightAll=true') END
    FROM conditions_release r JOIN found ON r.id = release_id
    WHERE place <= CASE WHEN shown THEN 3 ELSE 1 END AND NOT is_archived(r.condition_id)
    ORDER BY max(rank) FILTER (WHERE shown) OVER (PARTITION BY release_id) DESC NULLS LAST, release_id, place
"""  # noqa: S608 - built from this module's constants; what was asked is a parameter

EVERYTHING = f"""
    WITH {LATEST} SELECT {SHOWN}, '' AS matched FROM listed ORDER BY lower(name), slug
"""  # noqa: S608 - built from this module's constants; nothing is asked

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
"""  # noqa: S608 - built from this module's constants; what was asked is a parameter


@dataclass(frozen=True)
class Excerpt:
    """A statement as plain text, what was asked for in control marks; `audience` is for the link to it."""

    key: str
    audience: str
    text: str


@dataclass(frozen=True)
class Listed:
    """A published condition in a list; `matched` is the other name or code that was found.

    `others` are the groups, by their words in addresses, of which something matches and is not quoted.
    """

    slug: str
    name: str
    short_name: str
    summary: str
    number: int
    published_at: datetime
    clinically_approved: bool
    matched: str
    relation: str = ""
    excerpts: list[Excerpt] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    @property
    def fit(self) -> str:
        """How well the code fits, as readers see it within a sentence."""
        return languages.midsentence(label_of(Code.Relation, self.relation))


def everything() -> list[Listed]:
    """Every published condition by name, but those that nobody keeps up any more."""
    return _ask(EVERYTHING, {"archived": False})


def find(query: str) -> list[Listed]:
    """Conditions that `query` may name, best first; none for a query without a letter or digit."""
    return _ask(FIND, {"query": _clean(query)})


def read(query: str, whom: str = "") -> list[Listed]:
    """Conditions in whose text the words of `query` stand, best first, with excerpts.

    Of what is about adults alone nothing is quoted unless `whom` is adult: a parent who searches must
    not meet an adult's outlook by accident. For an adult, the same holds of children.
    """
    groups = ["all", "adult" if whom == "adult" else "child"]
    found: dict[str, Listed] = {}
    with connection.cursor() as cursor:
        cursor.execute(QUOTE, {"query": _clean(query), "groups": groups})
        for *row, key, population, text in cursor.fetchall():
            listed = found.setdefault(row[0], Listed(*row))
            if population not in groups:
                listed.others.add(population)
            elif key:  # the summary stands in the list already
                listed.excerpts.append(Excerpt(key, whom or population.removeprefix("all"), text))
    return list(found.values())


def search(query: str, whom: str = "") -> list[Listed]:
    """By name or code first, then by text; each condition once. Queries: two."""
    told = {each.slug: each for each in read(query, whom)}
    named = find(query)
    both = [
        replace(each, excerpts=told[each.slug].excerpts, others=told[each.slug].others)
        if each.slug in told
        else each
        for each in named
    ]
    return both + [each for slug, each in told.items() if slug not in {one.slug for one in named}]


def looks_like_code(query: str) -> bool:
    """Whether somebody typed a code rather than words: `8A00`, `ORPHA:1183`, `ICD-10 G25.3`."""
    return bool(CODE.fullmatch(_clean(query)))


def by_code(system: str, code: str, *, archived: bool = False) -> list[Listed]:
    """Conditions that carry the code, exact ones first; or those `archived`, which are found no other way."""
    return _ask(BY_CODE, {"system": _clean(system), "code": _clean(code), "archived": archived})


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST].rstrip()


def _ask(question: str, values: dict[str, Any]) -> list[Listed]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [Listed(*row) for row in cursor.fetchall()]
