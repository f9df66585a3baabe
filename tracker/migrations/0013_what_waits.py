"""The worklist's row holds what a family wrote, since when something is due, and the worst flags' own wait."""

from importlib import import_module

from django.db import migrations, models

from portal.database.operations import definer

# `refresh_status` before; taking this migration back brings it back.
BEFORE = next(
    operation.sql
    for operation in import_module("tracker.migrations.0008_picture_policies").Migration.operations
    if isinstance(operation, migrations.RunSQL) and "FUNCTION refresh_status" in operation.sql
)


def replaced(operation: migrations.RunSQL) -> migrations.RunSQL:
    """The same function under its old name, which does what it did when the migration is taken back."""
    return migrations.RunSQL(operation.sql, BEFORE)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0012_not_every_day")]

    operations = [
        migrations.AddField(
            model_name="patientstatus",
            name="letters",
            field=models.PositiveIntegerField(
                db_default=0, help_text="Messages of the family that nobody has looked at."
            ),
        ),
        migrations.AddField(
            model_name="patientstatus",
            name="letter_since",
            field=models.DateTimeField(help_text="When the oldest of them was sent.", null=True),
        ),
        migrations.AddField(
            model_name="patientstatus",
            name="due_on",
            field=models.DateField(help_text="Of what is to be done, the earliest day.", null=True),
        ),
        migrations.AlterField(
            model_name="patientstatus",
            name="flagged_at",
            field=models.DateTimeField(
                help_text="When the oldest open flag of that tier was raised.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="patientstatus",
            constraint=models.CheckConstraint(
                condition=models.Q(letters=0, letter_since=None)
                | models.Q(letters__gt=0, letter_since__isnull=False),
                name="patientstatus_letters_have_a_start",
            ),
        ),
        migrations.RunSQL(
            "GRANT UPDATE (letters, letter_since, due_on) ON tracker_patientstatus TO steady_policy;",
            migrations.RunSQL.noop,
        ),
        replaced(
            definer(
                "refresh_status(patient uuid)",
                "void",
                """
                BEGIN
                    IF NOT patient = ANY (public.my_patients('family')) THEN
                        RAISE EXCEPTION 'no seat for this patient' USING ERRCODE = 'insufficient_privilege';
                    END IF;
                    -- Whoever counts after a concurrent writer must see what it wrote: a statement of its own.
                    PERFORM FROM public.tracker_patientstatus p WHERE p.patient_id = patient FOR UPDATE;
                    WITH standing AS (
                        SELECT c.* FROM public.tracker_checkin c
                        WHERE c.patient_id = patient AND c.error_reason = ''
                            AND NOT EXISTS (SELECT FROM public.tracker_checkin r WHERE r.replaces_id = c.id)
                    ), signed AS (
                        SELECT r.* FROM public.tracker_review r
                        WHERE r.patient_id = patient AND r.outcome <> 'handed'
                            AND NOT EXISTS (SELECT FROM public.tracker_reviewundoing u WHERE u.review_id = r.id)
                    ), reviewed AS (
                        SELECT coalesce(max(covers_until), '-infinity') AS until FROM signed
                    ), waiting AS (
                        SELECT count(*) AS number, min(s.received_at) AS since, coalesce(bool_or(s.worried), false) AS worried
                        FROM standing s, reviewed WHERE s.received_at > reviewed.until
                    ), written AS (
                        -- What comes with a review is the clinic's; all else is the family's.
                        SELECT count(*) AS number, min(m.at) AS since FROM public.tracker_message m, reviewed
                        WHERE m.patient_id = patient AND m.review_id IS NULL AND m.at > reviewed.until
                    ), checks AS (
                        SELECT s.local_date AS day, s.occurred_at, s.received_at > reviewed.until AS waits,
                            a.items, a.rated, a.total
                        FROM standing s JOIN public.tracker_assessment a ON a.check_in_id = s.id, reviewed
                        WHERE a.scale = 'home-check' AND s.local_date >= (SELECT max(n.local_date) - 182
                            FROM standing n WHERE n.kind = 'home_check')
                    ), compared AS (
                        SELECT c.*, b.usual AS median
                        FROM (SELECT *, row_number() OVER (ORDER BY occurred_at) AS place FROM checks) c
                        JOIN unnest(public.home_check_baselines(
                            (SELECT array_agg(day ORDER BY occurred_at) FROM checks),
                            (SELECT array_agg(total::integer ORDER BY occurred_at) FROM checks)
                        )) WITH ORDINALITY AS b (usual, place) USING (place)
                    ), telling AS (
                        -- The largest rise nobody has looked at yet; without one, the newest check. Else a
                        -- run of bad days would become the usual before anyone saw it.
                        SELECT * FROM compared ORDER BY
                            CASE WHEN waits AND total > median THEN total - median ELSE 0 END DESC,
                            occurred_at DESC LIMIT 1
                    ), flagged AS (
                        -- A mere note of weeks ago lets no emergency of today look as if it had waited.
                        SELECT coalesce(max(f.tier), 0) AS tier,
                            (array_agg(f.raised_at ORDER BY f.tier DESC, f.raised_at))[1] AS since
                        FROM public.tracker_flag f, reviewed
                        WHERE f.patient_id = patient AND f.raised_at > reviewed.until
                    ), plans AS (
                        SELECT t.id, t.form, t.starts_on, t.ends_on FROM public.tracker_treatment t
                        WHERE t.patient_id = patient
                            AND NOT EXISTS (SELECT FROM public.tracker_treatment n
                                WHERE n.replaces_id = t.id AND n.starts_on <= t.starts_on)
                    ), planned AS (
                        SELECT s.on FROM public.tracker_plannedstep s JOIN plans ON plans.id = s.treatment_id
                        WHERE plans.ends_on IS NULL OR s.on <= plans.ends_on
                        UNION SELECT starts_on FROM plans WHERE form IN ('infusion', 'pulse')
                    ), last_review AS (
                        SELECT * FROM signed ORDER BY at DESC LIMIT 1
                    ), due AS (
                        SELECT coalesce((SELECT next_on FROM last_review),
                            coalesce((SELECT (at AT TIME ZONE c.zone)::date FROM last_review), p.state_on)
                                + c.review_every) AS day
                        FROM public.tracker_patient p JOIN public.tracker_clinic c ON c.id = p.clinic_id
                        WHERE p.key = patient
                    )
                    UPDATE public.tracker_patientstatus p SET
                        last_received_at = (SELECT max(received_at) FROM standing),
                        last_local_date = (SELECT max(local_date) FROM standing),
                        unreviewed_since = waiting.since, unreviewed = waiting.number, worried = waiting.worried,
                        letters = written.number, letter_since = written.since,
                        checked_on = telling.day, items = telling.items, rated = telling.rated,
                        total = telling.total, baseline = telling.median, rise = telling.total - telling.median,
                        course = coalesce((SELECT array_agg(e.total ORDER BY e.occurred_at)
                            FROM (SELECT * FROM checks ORDER BY occurred_at DESC LIMIT 8) e), '{}'),
                        flag_tier = flagged.tier, flagged_at = flagged.since,
                        episode_since = (SELECT max(e.started_on) FROM public.tracker_episode e
                            WHERE e.patient_id = patient AND e.returned_on IS NULL),
                        steps = coalesce((SELECT array_agg(planned.on ORDER BY planned.on) FROM planned), '{}'),
                        reviewed_at = (SELECT at FROM last_review),
                        reviewed_by_id = (SELECT reviewer_id FROM last_review),
                        review_due_on = (SELECT day FROM due),
                        due_on = (SELECT min(i.due_on) FROM public.tracker_dueitem i
                            WHERE i.patient_id = patient AND i.done_on IS NULL AND i.dropped_reason = '')
                    FROM waiting, written, flagged LEFT JOIN telling ON true WHERE p.patient_id = patient;
                END
                """,
                language="plpgsql",
                volatile="VOLATILE",
            )
        ),
    ]
