from django.db import migrations


class Migration(migrations.Migration):
    """The standing of a release tells published translations and an archived condition, too."""

    dependencies = [
        ("conditions", "0016_telling"),
    ]

    operations = [
        migrations.RunSQL(
            """
            DROP FUNCTION release_standing(text, integer);
            CREATE FUNCTION release_standing(of_slug text, of_number integer) RETURNS TABLE (
                release bigint, slug text, digest text, number integer, published_at timestamptz, reason text,
                clinically_approved boolean, newest integer, translations jsonb, moved_at timestamptz,
                verdicts jsonb
            ) LANGUAGE plpgsql STABLE AS $body$
            #variable_conflict use_column
            BEGIN
                RETURN QUERY SELECT r.id, of_slug, r.digest::text, r.number, r.published_at, r.reason::text,
                    r.clinically_approved, m.newest, s.published, greatest(m.moved_at, s.moved_at), (
                        SELECT coalesce(jsonb_agg(jsonb_build_object('verdict', a.verdict, 'at', a.at,
                            'note', a.note, 'interests', a.interests, 'number', w.number)
                            ORDER BY a.at DESC), '[]')
                        FROM public.conditions_approval a
                        JOIN public.conditions_release w ON w.id = a.release_id
                        WHERE w.condition_id = r.condition_id AND (
                            w.id = r.id AND r.clinically_approved AND a.verdict IN ('approved', 'reaffirmed')
                            OR w.number > r.number AND a.verdict = 'withdrawn'
                            OR w.number >= m.newest AND a.verdict = 'archived')
                    )
                FROM public.conditions_condition c
                CROSS JOIN LATERAL (
                    SELECT max(e.number) FILTER (WHERE e.state = 'published') AS newest,
                        greatest(max(e.published_at), max(v.at)) AS moved_at
                    FROM public.conditions_release e
                    LEFT JOIN public.conditions_approval v ON v.release_id = e.id
                    WHERE e.condition_id = c.id AND e.published_at IS NOT NULL
                ) m
                -- Drafts are left out: what happens to them changes no page.
                CROSS JOIN LATERAL (
                    SELECT coalesce(jsonb_agg(jsonb_build_object('pk', t.id, 'language', t.language,
                        'digest', t.digest, 'method', t.method, 'release', o.number,
                        'checked_at', t.moved_at) ORDER BY t.language)
                            FILTER (WHERE t.state = 'published'), '[]') AS published,
                        max(t.moved_at) AS moved_at
                    FROM public.conditions_translationrelease t
                    JOIN public.conditions_release o ON o.id = t.release_id
                    WHERE t.condition_id = c.id AND t.state IN ('published', 'replaced', 'withdrawn')
                ) s
                JOIN public.conditions_release r ON r.condition_id = c.id AND r.state = 'published'
                    AND r.number = coalesce(of_number, m.newest)
                WHERE c.slug = of_slug;
            END $body$;
            """,
            migrations.RunSQL.noop,
        ),
    ]
