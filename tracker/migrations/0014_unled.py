"""What the weekly job may ask: who is to hear of patients whom nobody leads."""

from django.db import migrations

from portal.database.operations import definer


class Migration(migrations.Migration):
    dependencies = [("tracker", "0013_what_waits")]

    operations = [
        # The care team and the clinic's administrators: whoever led has left the team or the clinic.
        definer(
            "unled_patients()",
            "TABLE (email text, number bigint)",
            """
            WITH team AS (
                SELECT s.patient_id, s.user_id FROM public.tracker_seat s
                JOIN public.portal_user u ON u.id = s.user_id AND u.is_active AND 'clinician' = ANY (u.roles)
                WHERE s.basis = 'care_team' AND s.starts_at <= statement_timestamp()
                    AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp())
            ), alone AS (
                SELECT p.key, p.clinic_id FROM public.tracker_patient p
                WHERE p.state = 'active' AND NOT EXISTS (
                    SELECT FROM team t WHERE t.patient_id = p.key AND t.user_id = p.lead_id)
            ), told AS (
                SELECT alone.key, team.user_id FROM alone JOIN team ON team.patient_id = alone.key
                UNION
                SELECT alone.key, c.user_id FROM alone
                JOIN public.tracker_clinicstaff c ON c.clinic_id = alone.clinic_id
                JOIN public.portal_user u ON u.id = c.user_id AND u.is_active
                    AND 'administrator' = ANY (u.roles)
            )
            SELECT u.email::text, count(*) FROM told JOIN public.portal_user u ON u.id = told.user_id
            WHERE public.steady_identity() = 'job:look' GROUP BY u.email ORDER BY u.email
            """,
        ),
    ]
