"""What the nightly jobs may ask: whom to look at again, and who has flags that wait too long."""

from django.db import migrations

from portal.database.operations import definer

IN_FORCE = """(SELECT r.mode FROM public.tracker_rules r WHERE r.clinic_id = p.clinic_id
    ORDER BY r.at DESC LIMIT 1)"""


class Migration(migrations.Migration):
    dependencies = [("tracker", "0008_picture_policies")]

    operations = [
        definer(
            "patients_to_look_at()",
            "uuid[]",
            f"""
            SELECT coalesce(array_agg(p.key), '{{}}') FROM public.tracker_patient p
            WHERE p.state = 'active' AND coalesce({IN_FORCE}, 'diary') <> 'diary'
                AND public.steady_identity() = 'job:look'
            """,
        ),
        # Where the clinic has alerts: who is to be reminded, of how many flags, and since when the oldest waits: the lead who is
        # still on the team, else the whole team, and after twice the time the clinic's administrators.
        definer(
            "waiting_flags(soon interval, later interval)",
            "TABLE (email text, number bigint, oldest timestamptz)",
            """
            WITH late AS (
                SELECT f.id, f.patient_id, f.raised_at, p.lead_id, p.clinic_id,
                    statement_timestamp() - f.raised_at
                        > 2 * CASE WHEN f.tier >= 4 THEN soon ELSE later END AS long
                FROM public.tracker_flag f
                JOIN public.tracker_patient p ON p.key = f.patient_id AND p.state = 'active'
                    AND (SELECT r.mode FROM public.tracker_rules r WHERE r.clinic_id = p.clinic_id
                        ORDER BY r.at DESC LIMIT 1) = 'alerts'
                WHERE f.tier >= 2
                    AND f.raised_at < statement_timestamp() - CASE WHEN f.tier >= 4 THEN soon ELSE later END
                    AND NOT EXISTS (SELECT FROM public.tracker_review r
                        WHERE r.patient_id = f.patient_id AND r.covers_until >= f.raised_at
                            AND r.outcome <> 'handed' AND NOT EXISTS (
                                SELECT FROM public.tracker_reviewundoing u WHERE u.review_id = r.id))
            ), team AS (
                SELECT s.patient_id, s.user_id FROM public.tracker_seat s
                JOIN public.portal_user u ON u.id = s.user_id AND u.is_active AND 'clinician' = ANY (u.roles)
                WHERE s.basis = 'care_team' AND s.starts_at <= statement_timestamp()
                    AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp())
            ), told AS (
                SELECT late.id, late.raised_at, team.user_id FROM late JOIN team USING (patient_id)
                WHERE team.user_id = late.lead_id OR NOT EXISTS (
                    SELECT FROM team t WHERE t.patient_id = late.patient_id AND t.user_id = late.lead_id)
                UNION
                SELECT late.id, late.raised_at, c.user_id FROM late
                JOIN public.tracker_clinicstaff c ON c.clinic_id = late.clinic_id
                JOIN public.portal_user u ON u.id = c.user_id AND u.is_active
                    AND 'administrator' = ANY (u.roles)
                WHERE late.long
            )
            SELECT u.email::text, count(*), min(told.raised_at) FROM told
            JOIN public.portal_user u ON u.id = told.user_id
            WHERE public.steady_identity() = 'job:look' GROUP BY u.email ORDER BY u.email
            """,
        ),
    ]
