from django.db import migrations


class Migration(migrations.Migration):
    """What every page of a release asks, as a function: planned once a connection, not at each request."""

    dependencies = [
        ("conditions", "0010_feedback"),
    ]

    operations = [
        migrations.RunSQL(
            """
            -- Over all that was ever published of the condition, which is little without the snapshots.
            CREATE FUNCTION release_standing(of_slug text, of_number integer) RETURNS TABLE (
                release bigint, slug text, digest text, number integer, published_at timestamptz, reason text,
                clinically_approved boolean, newest integer, moved_at timestamptz, approved_at timestamptz,
                note text
            ) LANGUAGE plpgsql STABLE AS $body$
            #variable_conflict use_column
            BEGIN
                RETURN QUERY SELECT p.id, of_slug, p.digest::text, p.number, p.published_at, p.reason::text,
                    p.clinically_approved, p.latest, p.moved, p.at, p.words
                FROM (
                    SELECT r.*, a.verdict, a.at, a.note AS words,
                        max(r.number) FILTER (WHERE r.state = 'published') OVER () AS latest,
                        max(CASE WHEN a.verdict = 'withdrawn' THEN a.at ELSE r.published_at END) OVER ()
                            AS moved
                    FROM (
                        SELECT e.id, e.digest, e.number, e.published_at, e.reason, e.clinically_approved,
                            e.state
                        FROM public.conditions_release e WHERE e.published_at IS NOT NULL AND e.condition_id =
                            (SELECT c.id FROM public.conditions_condition c WHERE c.slug = of_slug)
                    ) AS r
                    LEFT JOIN public.conditions_approval a
                        ON a.release_id = r.id AND a.verdict IN ('approved', 'withdrawn')
                ) AS p
                WHERE p.state = 'published' AND p.number = coalesce(of_number, p.latest)
                    AND coalesce(p.verdict, 'approved') = 'approved'
                ORDER BY p.at DESC LIMIT 1;
            END $body$;
            """,
            "DROP FUNCTION release_standing(text, integer);",
        ),
    ]
