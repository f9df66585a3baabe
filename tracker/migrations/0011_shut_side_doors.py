"""Count every record opened and line taken, hide hidden entries from the visitors, hold doses and reviews."""

from django.db import migrations

from portal.database.operations import definer, only_if, reach


def replaced(operation: migrations.RunSQL) -> migrations.RunSQL:
    """A stricter function under an old name stays when the migration is taken back."""
    return migrations.RunSQL(operation.sql, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0010_blood_pressure")]

    operations = [
        # How many different records one has opened, by whatever page, since then.
        replaced(
            definer(
                "records_opened(since timestamptz)",
                "bigint",
                """SELECT count(DISTINCT e.patient_id) FROM public.portal_auditevent e
                    WHERE e.actor_id = public.steady_user() AND e.at > since
                        AND e.action ~ '(viewed|opened)$'""",
            )
        ),
        # And of how many patients one took a line along.
        definer(
            "records_taken(since timestamptz)",
            "bigint",
            """SELECT count(DISTINCT taken.key)
                FROM public.portal_auditevent e CROSS JOIN LATERAL unnest(e.patients) AS taken (key)
                WHERE e.actor_id = public.steady_user() AND e.at > since
                    AND e.action IN ('worklist copied', 'worklist exported')""",
        ),
        # That somebody wrote or opened an entry is told to whom the entry itself may be shown.
        replaced(
            definer(
                "visits(patient uuid, before timestamptz, at_most int)",
                "TABLE (id uuid, at timestamptz, actor_id bigint, name text, roles text[], action text)",
                """
                SELECT e.id, e.at, e.actor_id, coalesce(u.name, e.actor_name), u.roles::text[], e.action
                FROM public.portal_auditevent e LEFT JOIN public.portal_user u ON u.id = e.actor_id
                WHERE (e.patient_id = patient OR e.patients @> ARRAY[patient]) AND e.at < before
                    AND patient = ANY (public.my_patients('family'))
                    AND (e.action NOT LIKE 'check-in%' OR NOT EXISTS (
                        SELECT FROM public.tracker_checkin c WHERE e.target = 'CheckIn ' || c.id
                            AND (c.id = ANY (public.my_redactions())
                                OR c.audience <> 'family' AND NOT patient = ANY (public.my_patients('self')))))
                ORDER BY e.at DESC, e.id LIMIT at_most
                """,
            )
        ),
        definer(
            "wrote_dose(dose uuid)",
            "boolean",
            """SELECT EXISTS (SELECT FROM public.tracker_dose d
                WHERE d.id = dose AND d.author_id = public.steady_user())""",
        ),
        # A dose is put right by the hand that told it, or by the care team.
        only_if(
            "tracker_dose",
            "own_words",
            "INSERT",
            f"replaces_id IS NULL OR wrote_dose(replaces_id) OR {reach('clinical')}",
        ),
        # A review covers what has come, never what will.
        only_if(
            "tracker_review",
            "not_ahead",
            "INSERT",
            "at <= statement_timestamp() + interval '1 day'"
            " AND covers_until <= statement_timestamp() + interval '1 day'",
        ),
    ]
