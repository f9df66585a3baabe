"""Whoever opened a record in an emergency may end that early, and hides nobody's entries by it."""

from django.db import migrations

from portal.database.operations import SERVING, reach

ME = "(SELECT steady_user())"
# Emergency access treats and decides nothing: a seat of the care team does, and an administrator's reach
# would not tell the two apart.
KEEPS = f"""EXISTS (SELECT FROM tracker_seat s WHERE s.patient_id = tracker_redaction.patient_id
    AND s.user_id = {ME} AND s.basis = 'care_team' AND s.starts_at <= statement_timestamp()
    AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp()))"""


class Migration(migrations.Migration):
    dependencies = [("tracker", "0003_guards")]

    operations = [
        migrations.RunSQL(
            f"""
            CREATE POLICY tracker_seat_leave ON tracker_seat FOR UPDATE TO {SERVING}
                USING (user_id = {ME} AND basis = 'break_glass' AND ends_at > statement_timestamp())
                WITH CHECK (user_id = {ME} AND basis = 'break_glass' AND ends_at <= statement_timestamp());
            DROP POLICY tracker_redaction_add ON tracker_redaction;
            CREATE POLICY tracker_redaction_add ON tracker_redaction FOR INSERT TO {SERVING}
                WITH CHECK ({reach("clinical")} AND decided_by_id = {ME} AND {KEEPS});
            DROP POLICY tracker_redaction_change ON tracker_redaction;
            CREATE POLICY tracker_redaction_change ON tracker_redaction FOR UPDATE TO {SERVING}
                USING ({reach("clinical")} AND {KEEPS}) WITH CHECK ({reach("clinical")} AND {KEEPS});
            """,
            migrations.RunSQL.noop,
        )
    ]
