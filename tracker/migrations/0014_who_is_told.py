"""What the reminding jobs may ask: who has flags that wait, and who hears of patients whom nobody leads."""

from importlib import import_module

from django.db import migrations

from portal.database.operations import definer


# `waiting_flags` before; taking this migration back brings it back.
BEFORE = next(
    operation.sql
    for operation in import_module("tracker.migrations.0009_flag_jobs").Migration.operations
    if isinstance(operation, migrations.RunSQL) and "FUNCTION waiting_flags" in operation.sql
)
TEAM = """team AS (
                SELECT s.patient_id, s.user_id FROM public.tracker_seat s
                JOIN public.portal_user u ON u.id = s.user_id AND u.is_active AND 'clinician' = ANY (u.roles)
                WHERE s.basis = 'care_team' AND s.starts_at <= statement_timestamp()
                    AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp())"""


def days_of(name: str) -> str:
    """The interval that a clinic's rules say in whole days; NULL for what is no such number."""
    told = f"jsonb_path_query_first(r.worklist, '$.{name} ? (@ >= 0 && @ <= 366)')"
    return f"make_interval(secs => 86400 * ({told})::double precision)"


def replaced(operation: migrations.RunSQL) -> migrations.RunSQL:
    """The same function under its old name, which does what it did when the migration is taken back."""
    return migrations.RunSQL(operation.sql, BEFORE)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0013_what_waits")]

    operations = [
        # Where the clinic has alerts: who is to be reminded, of how many flags, and since when the oldest
        # waits: the lead who is still on the team, else the whole team, and after twice the time the
        # clinic's administrators. How long is too long the clinic has decided, or else the caller says.
        replaced(
            definer(
                "waiting_flags(soon interval, later interval)",
                "TABLE (email text, number bigint, oldest timestamptz)",
                f"""
            WITH decided AS (
                SELECT DISTINCT ON (r.clinic_id) r.clinic_id, r.mode,
                    coalesce({days_of("urgent_waits_days")}, soon) AS urgent,
                    coalesce({days_of("flag_waits_days")}, later) AS other
                FROM public.tracker_rules r ORDER BY r.clinic_id, r.at DESC
            ), due AS (
                SELECT f.id, f.patient_id, f.raised_at, p.lead_id, p.clinic_id,
                    CASE WHEN f.tier >= 4 THEN d.urgent ELSE d.other END AS allowed
                FROM public.tracker_flag f
                JOIN public.tracker_patient p ON p.key = f.patient_id AND p.state = 'active'
                JOIN decided d ON d.clinic_id = p.clinic_id AND d.mode = 'alerts'
                WHERE f.tier >= 2 AND NOT EXISTS (SELECT FROM public.tracker_review r
                    WHERE r.patient_id = f.patient_id AND r.covers_until >= f.raised_at
                        AND r.outcome <> 'handed' AND NOT EXISTS (
                            SELECT FROM public.tracker_reviewundoing u WHERE u.review_id = r.id))
            ), late AS (
                SELECT *, statement_timestamp() - raised_at > 2 * allowed AS long FROM due
                WHERE raised_at < statement_timestamp() - allowed
            ), {TEAM}
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
            )
        ),
        # The care team and the clinic's administrators: whoever led has left the team or the clinic.
        definer(
            "unled_patients()",
            "TABLE (email text, number bigint)",
            f"""
            WITH {TEAM}
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
