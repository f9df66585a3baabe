"""Who reaches what the care team writes beside the diary, and the worklist's row with its flags."""

from django.db import migrations

from portal.database.operations import (
    append_only,
    definer,
    grant,
    history,
    only_if,
    protect,
    reach,
    unswitchable,
)

ME = "(SELECT steady_user())"
CLINICIAN = "(SELECT i_am('clinician'))"
JOB = "(SELECT steady_identity()) LIKE 'job:%'"
# A clinic's own words: for who works there, and for whoever has a seat at one of its patients.
KNOWN_CLINICS = f"""{CLINICIAN} AND (clinic_id IN (SELECT c.clinic_id FROM tracker_clinicstaff c WHERE c.user_id = {ME})
    OR clinic_id IN (SELECT p.clinic_id FROM tracker_patient p
        WHERE p.key = ANY ((SELECT my_patients('clinical'))::uuid[])))"""
MY_CLINICS = f"clinic_id IN (SELECT c.clinic_id FROM tracker_clinicstaff c WHERE c.user_id = {ME})"

# What is usual before each check, while a rise goes on what it was before it: as in
# `tracker.scoring.baselines`; a test holds both together. It reads no table.
BASELINES = """
    CREATE FUNCTION home_check_baselines(days date[], totals integer[]) RETURNS numeric[]
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        calm_days date[] := '{}';
        calm integer[] := '{}';
        rise_days date[] := '{}';
        rise integer[] := '{}';
        rose_on date;
        usual numeric;
        found numeric[] := '{}';
    BEGIN
        FOR i IN 1 .. coalesce(cardinality(days), 0) LOOP
            SELECT CASE WHEN count(*) >= 3 THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY total) END
                INTO usual FROM unnest(calm_days, calm) AS known (day, total)
                WHERE day >= coalesce(rose_on, days[i]) - 56;
            found := array_append(found, usual);
            CONTINUE WHEN totals[i] IS NULL;
            IF usual IS NULL OR totals[i] < usual + 3 THEN
                calm_days := array_append(calm_days, days[i]);
                calm := array_append(calm, totals[i]);
                calm_days := calm_days[greatest(cardinality(calm_days) - 3, 1):];
                calm := calm[greatest(cardinality(calm) - 3, 1):];
                rise_days := '{}';
                rise := '{}';
                rose_on := NULL;
                CONTINUE;
            END IF;
            rose_on := coalesce(rose_on, days[i]);
            rise_days := array_append(rise_days, days[i]);
            rise := array_append(rise, totals[i]);
            rise_days := rise_days[greatest(cardinality(rise_days) - 3, 1):];
            rise := rise[greatest(cardinality(rise) - 3, 1):];
            IF days[i] - rose_on >= 28 AND cardinality(rise) >= 3 AND totals[i] < rise[1] + 2 THEN
                calm_days := rise_days;
                calm := rise;
                rise_days := '{}';
                rise := '{}';
                rose_on := NULL;
            END IF;
        END LOOP;
        RETURN found;
    END $body$;
    REVOKE EXECUTE ON FUNCTION home_check_baselines(date[], integer[]) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION home_check_baselines(date[], integer[]) TO steady_policy;
"""


def same_patient(table: str, column: str, target: str) -> migrations.RunSQL:
    """What points at another row of a patient points at the same patient's."""
    return migrations.RunSQL(
        f"ALTER TABLE tracker_{table} ADD CONSTRAINT {table}_{column}_of_same_patient"
        f" FOREIGN KEY ({column}_id, patient_id) REFERENCES tracker_{target} (id, patient_id)"
        " DEFERRABLE INITIALLY DEFERRED;",
        f"ALTER TABLE tracker_{table} DROP CONSTRAINT {table}_{column}_of_same_patient;",
    )


class Migration(migrations.Migration):
    dependencies = [("tracker", "0007_picture")]

    operations = [
        unswitchable(),
        # Doses and signs: the diary's, so seen and written like it, and never changed.
        protect("tracker_dose", read=reach("family"), add=f"{reach('family')} AND author_id = {ME}"),
        append_only("tracker_dose"),
        # A closed diary takes no dose of a later day, as it takes no entry (see `0006`).
        migrations.RunSQL(
            """
            CREATE FUNCTION refuse_closed_dose() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
                IF NEW.error_reason = '' AND EXISTS (SELECT FROM public.tracker_patient p
                    WHERE p.key = NEW.patient_id AND p.state <> 'active' AND NEW.local_date >= p.state_on)
                    AND NOT EXISTS (SELECT FROM public.tracker_dose d
                        WHERE d.author_id = NEW.author_id AND d.key = NEW.key)
                THEN RAISE EXCEPTION 'this diary is closed' USING ERRCODE = 'check_violation'; END IF;
                RETURN NEW;
            END $body$;
            CREATE TRIGGER closed BEFORE INSERT ON tracker_dose
                FOR EACH ROW EXECUTE FUNCTION refuse_closed_dose();
            """,
            "DROP TRIGGER closed ON tracker_dose; DROP FUNCTION refuse_closed_dose();",
        ),
        protect(
            "tracker_sign",
            read=f"{reach('family')} AND EXISTS (SELECT FROM tracker_checkin c WHERE c.id = check_in_id)",
            add=reach("family"),
        ),
        append_only("tracker_sign"),
        only_if("tracker_sign", "own_entry", "INSERT", "wrote_entry(check_in_id)"),
        # What clinicians rate is the care team's to read, and each signs their own.
        protect(
            "tracker_clinicianrating",
            read=reach("clinical"),
            add=f"{reach('clinical')} AND rater_id = {ME}",
        ),
        append_only("tracker_clinicianrating"),
        protect(
            "tracker_clinicianitem",
            read=reach("clinical"),
            add=f"{reach('clinical')} AND EXISTS (SELECT FROM tracker_clinicianrating r"
            f" WHERE r.id = rating_id AND r.rater_id = {ME})",
        ),
        append_only("tracker_clinicianitem"),
        protect(
            "tracker_episode",
            read=reach("clinical"),
            add=f"{reach('clinical')} AND set_by_id = {ME}",
            change=reach("clinical"),
        ),
        grant("UPDATE (trigger, peak_on, peak_total, treated_with, returned_on, note)", "tracker_episode"),
        # Families read the marks and what is due, since advice and visits follow from them.
        *(
            protect(
                f"tracker_{table}",
                read=reach("family"),
                add=f"{reach('clinical')} AND set_by_id = {ME}",
                change=reach("clinical"),
            )
            for table in ("mark", "dueitem")
        ),
        grant("UPDATE (ends_on)", "tracker_mark"),
        grant("UPDATE (due_on, done_on, dropped_reason)", "tracker_dueitem"),
        protect(
            "tracker_tagging",
            read=reach("clinical"),
            add=f"{reach('clinical')} AND set_by_id = {ME} AND EXISTS (SELECT FROM tracker_tag t"
            " JOIN tracker_patient p ON p.clinic_id = t.clinic_id WHERE t.key = tag_id AND p.key = patient_id)",
            change=reach("clinical"),
        ),
        grant("UPDATE (taken_off_at)", "tracker_tagging"),
        # Flags are raised by the detector's job alone; nobody takes one away.
        protect("tracker_flag", read=reach("clinical"), add=f"{reach('clinical')} AND {JOB}"),
        append_only("tracker_flag"),
        # A review is taken back by the hand that signed it, within a day.
        protect(
            "tracker_reviewundoing",
            read=reach("family"),
            add=f"{reach('clinical')} AND by_id = {ME} AND EXISTS (SELECT FROM tracker_review r"
            f" WHERE r.id = review_id AND r.reviewer_id = {ME} AND r.at > statement_timestamp() - interval '25 h')",
        ),
        append_only("tracker_reviewundoing"),
        # A clinic's own words and rules, written by its clinicians.
        protect("tracker_tag", read=KNOWN_CLINICS, add=f"{MY_CLINICS} AND (SELECT i_am('clinician'))"),
        protect(
            "tracker_rules",
            read=f"{KNOWN_CLINICS} OR {JOB}",
            add=f"{MY_CLINICS} AND author_id = {ME} AND (SELECT i_am('clinician'))",
        ),
        append_only("tracker_rules"),
        # A plan that has not begun may be taken back: it then replaces itself. Nothing else is re-pointed.
        grant("UPDATE (replaces_id)", "tracker_treatment"),
        migrations.RunSQL(
            """
            CREATE FUNCTION refuse_repointing() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
                IF NEW.replaces_id IS DISTINCT FROM OLD.replaces_id
                    AND (NEW.replaces_id IS DISTINCT FROM NEW.id OR OLD.starts_on < current_date - 1) THEN
                    RAISE EXCEPTION 'a plan is taken back before it begins, and never re-pointed'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END $body$;
            CREATE TRIGGER guard_replaced BEFORE UPDATE ON tracker_treatment
                FOR EACH ROW EXECUTE FUNCTION refuse_repointing();
            """,
            "DROP TRIGGER guard_replaced ON tracker_treatment; DROP FUNCTION refuse_repointing();",
        ),
        grant("UPDATE (lead_id)", "tracker_patient"),
        grant("UPDATE (review_every)", "tracker_clinic"),
        *(
            same_patient(*names)
            for names in (
                ("dose", "treatment", "treatment"),
                ("dose", "replaces", "dose"),
                ("sign", "check_in", "checkin"),
                ("clinicianrating", "replaces", "clinicianrating"),
                ("clinicianitem", "rating", "clinicianrating"),
                ("reviewundoing", "review", "review"),
                ("treatment", "replaces", "treatment"),
            )
        ),
        *(
            operation
            for table in ("dueitempast", "episodepast", "markpast", "taggingpast")
            for operation in history(f"tracker_{table}")
        ),
        migrations.RunSQL(
            "GRANT UPDATE (course, flag_tier, flagged_at, episode_since, steps, reviewed_at, reviewed_by_id,"
            " review_due_on) ON tracker_patientstatus TO steady_policy;",
            migrations.RunSQL.noop,
        ),
        # The worklist's row, computed from everything the diary holds, also what its writer may
        # not see.
        migrations.RunSQL(BASELINES, "DROP FUNCTION home_check_baselines(date[], integer[]);"),
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
                    SELECT coalesce(max(f.tier), 0) AS tier, min(f.raised_at) AS since
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
                    review_due_on = (SELECT day FROM due)
                FROM waiting, flagged LEFT JOIN telling ON true WHERE p.patient_id = patient;
            END
            """,
            language="plpgsql",
            volatile="VOLATILE",
        ),
    ]
