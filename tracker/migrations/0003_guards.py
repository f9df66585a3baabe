"""Who reaches what, completed: grounds, redaction, freezing, emergency access, history, posts."""

from django.db import migrations

from portal.database.operations import SERVING, append_only, definer, grant, history, protect, reach

ME = "(SELECT steady_user())"
SEEN = "NOT {} = ANY ((SELECT my_redactions())::uuid[])"


def policy(table: str, name: str, command: str, condition: str) -> migrations.RunSQL:
    """Put a policy in the place of the one of that name, if there is one."""
    word = "WITH CHECK" if command == "INSERT" else "USING"
    return migrations.RunSQL(
        f"DROP POLICY IF EXISTS {table}_{name} ON {table};"
        f" CREATE POLICY {table}_{name} ON {table} FOR {command} TO {SERVING} {word} ({condition});",
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("tracker", "0002_history")]

    operations = [
        migrations.RunSQL(
            "GRANT SELECT, INSERT, UPDATE ON tracker_emergencyaccess TO steady_policy;"
            " GRANT SELECT ON tracker_redaction TO steady_policy;"
            " GRANT UPDATE (state, state_on, state_by_id, merged_into_id) ON tracker_patient TO steady_policy;"
            " GRANT UPDATE (name, is_active) ON portal_user TO steady_policy;",
            migrations.RunSQL.noop,
        ),
        # Where an administrator works.
        definer(
            "my_clinics()",
            "bigint[]",
            """
            DECLARE me bigint := public.steady_user();
            BEGIN
                IF NOT public.i_am('administrator') THEN RETURN '{}'; END IF;
                RETURN ARRAY(SELECT c.clinic_id FROM public.tracker_clinicstaff c WHERE c.user_id = me);
            END
            """,
            language="plpgsql",
        ),
        # A seat opens a record to an active person in the role it is for: professionals as clinicians,
        # family as family, and the family only while the record is not frozen. Emergency access reads
        # and writes the diary and decides nothing about who else may (`office`).
        definer(
            "my_patients(reach text)",
            "uuid[]",
            """
            DECLARE
                subject text := public.steady_identity();
                me bigint := CASE WHEN subject ~ '^[0-9]+$' THEN subject::bigint END;
                clinics bigint[] := '{}';
            BEGIN
                IF me IS NULL THEN
                    RETURN CASE WHEN subject ~ '^job:[0-9a-f-]{36}$' THEN ARRAY[substr(subject, 5)::uuid]
                        ELSE '{}' END;
                END IF;
                IF reach IN ('identity', 'office') THEN clinics := public.my_clinics(); END IF;
                RETURN coalesce((
                    SELECT array_agg(s.patient_id) FROM public.tracker_seat s
                    JOIN public.portal_user u ON u.id = me AND u.is_active
                    WHERE s.user_id = me AND s.starts_at <= statement_timestamp()
                        AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp())
                        AND CASE WHEN s.basis IN ('care_team', 'break_glass')
                            THEN 'clinician' = ANY (u.roles) AND (s.basis = 'care_team' OR reach <> 'office')
                            ELSE 'family' = ANY (u.roles)
                                AND (s.basis = 'self' AND reach NOT IN ('clinical', 'office')
                                    OR s.basis IN ('parent', 'guardian') AND reach IN ('family', 'identity'))
                                AND EXISTS (SELECT FROM public.tracker_patient p
                                    WHERE p.key = s.patient_id AND p.frozen_at IS NULL)
                            END
                ), '{}') || CASE WHEN clinics = '{}' THEN '{}' ELSE ARRAY(
                    SELECT p.key FROM public.tracker_patient p WHERE p.clinic_id = ANY (clinics)) END;
            END
            """,
            language="plpgsql",
        ),
        # What a member of the family may not see: entries hidden from them, with all their corrections.
        definer(
            "my_redactions()",
            "uuid[]",
            """
            DECLARE me bigint := public.steady_user();
            BEGIN
                IF NOT EXISTS (SELECT FROM public.tracker_redaction r
                    WHERE r.hidden_from_id = me AND r.lifted_at IS NULL) THEN RETURN '{}'; END IF;
                RETURN ARRAY(
                    WITH RECURSIVE hidden AS (
                        SELECT r.check_in_id AS id FROM public.tracker_redaction r
                        WHERE r.hidden_from_id = me AND r.lifted_at IS NULL
                        UNION
                        SELECT near.id FROM hidden h JOIN public.tracker_checkin c
                            ON c.id = h.id OR c.replaces_id = h.id
                        CROSS JOIN LATERAL (VALUES (c.id), (c.replaces_id)) AS near (id)
                        WHERE near.id IS NOT NULL
                    ) SELECT id FROM hidden
                );
            END
            """,
            language="plpgsql",
        ),
        policy(
            "tracker_checkin",
            "read",
            "SELECT",
            f"{reach('family')} AND (audience = 'family' OR {reach('self')}) AND {SEEN.format('id')}",
        ),
        *(
            policy(
                f"tracker_{table}",
                "read",
                "SELECT",
                f"{reach('family')} AND {SEEN.format('check_in_id')} AND ({reach('self')} OR EXISTS"
                " (SELECT FROM tracker_checkin c WHERE c.id = check_in_id))",
            )
            for table in ("rating", "measurement", "assessment")
        ),
        protect(
            "tracker_redaction",
            read=reach("clinical"),
            add=f"{reach('clinical')} AND decided_by_id = {ME}",
            change=reach("clinical"),
        ),
        grant("UPDATE (lifted_at)", "tracker_redaction"),
        migrations.RunSQL(
            "ALTER TABLE tracker_redaction ADD CONSTRAINT redaction_of_same_patient"
            " FOREIGN KEY (check_in_id, patient_id) REFERENCES tracker_checkin (id, patient_id)"
            " DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE tracker_redaction DROP CONSTRAINT redaction_of_same_patient;",
        ),
        protect("tracker_refusal", read=reach("office"), add=f"{reach('office')} AND decided_by_id = {ME}"),
        append_only("tracker_refusal"),
        # Seats and offers: kept by the care team and the clinic's administrators, never for oneself.
        policy(
            "tracker_seat",
            "add",
            "INSERT",
            f"{reach('office')} AND decided_by_id = {ME} AND user_id <> {ME} AND basis = 'care_team'"
            " AND EXISTS (SELECT FROM tracker_patient p JOIN tracker_clinicstaff c ON c.clinic_id = p.clinic_id"
            " WHERE p.key = patient_id AND c.user_id = tracker_seat.user_id)",
        ),
        grant("INSERT", "tracker_seat"),
        policy("tracker_invitation", "read", "SELECT", reach("office")),
        policy("tracker_invitation", "add", "INSERT", f"{reach('office')} AND invited_by_id = {ME}"),
        policy("tracker_invitation", "change", "UPDATE", reach("office")),
        grant("UPDATE (expires_at)", "tracker_invitation"),
        grant("UPDATE (frozen_at, frozen_by_id, frozen_reason)", "tracker_patient"),
        # Posts and duty hours are theirs to keep, their own post excepted.
        migrations.RunSQL(
            f"""
            ALTER TABLE tracker_clinicstaff ENABLE ROW LEVEL SECURITY;
            ALTER TABLE tracker_clinicstaff FORCE ROW LEVEL SECURITY;
            CREATE POLICY tracker_clinicstaff_definer ON tracker_clinicstaff TO steady_policy
                USING (true) WITH CHECK (true);
            CREATE POLICY tracker_clinicstaff_read ON tracker_clinicstaff FOR SELECT TO {SERVING} USING (true);
            CREATE POLICY tracker_clinicstaff_add ON tracker_clinicstaff FOR INSERT TO {SERVING}
                WITH CHECK (clinic_id = ANY ((SELECT my_clinics())::bigint[]) AND user_id <> {ME});
            CREATE POLICY tracker_clinicstaff_end ON tracker_clinicstaff FOR DELETE TO {SERVING}
                USING (clinic_id = ANY ((SELECT my_clinics())::bigint[]) AND user_id <> {ME});
            GRANT INSERT, DELETE ON tracker_clinicstaff TO {SERVING};
            ALTER TABLE tracker_clinic ENABLE ROW LEVEL SECURITY;
            ALTER TABLE tracker_clinic FORCE ROW LEVEL SECURITY;
            CREATE POLICY tracker_clinic_definer ON tracker_clinic TO steady_policy
                USING (true) WITH CHECK (true);
            CREATE POLICY tracker_clinic_read ON tracker_clinic FOR SELECT TO {SERVING} USING (true);
            CREATE POLICY tracker_clinic_change ON tracker_clinic FOR UPDATE TO {SERVING}
                USING (id = ANY ((SELECT my_clinics())::bigint[]));
            GRANT UPDATE (phone, hours, hand_over_age) ON tracker_clinic TO {SERVING};
            """,
            migrations.RunSQL.noop,
        ),
        # Name, roles and activity of a person of the administrator's clinic, never of themselves.
        definer(
            "change_person(person bigint, called text, holds text[], active boolean)",
            "void",
            """
            BEGIN
                IF person = public.steady_user() OR NOT EXISTS (
                    SELECT FROM public.tracker_clinicstaff c
                    WHERE c.user_id = person AND c.clinic_id = ANY (public.my_clinics())
                    UNION ALL
                    SELECT FROM public.tracker_seat s JOIN public.tracker_patient p ON p.key = s.patient_id
                    WHERE s.user_id = person AND p.clinic_id = ANY (public.my_clinics())
                ) THEN
                    RAISE EXCEPTION 'not a person of this administrator''s clinic'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                UPDATE public.portal_user SET name = called, roles = holds, is_active = active WHERE id = person;
            END
            """,
            language="plpgsql",
            volatile="VOLATILE",
        ),
        definer(
            "register_patient(key uuid, clinic bigint, name text, birth_date date, number text, zone text)",
            "void",
            """
            BEGIN
                IF NOT public.i_am('clinician') OR NOT EXISTS (SELECT FROM public.tracker_clinicstaff c
                    WHERE c.clinic_id = clinic AND c.user_id = public.steady_user()) THEN
                    RAISE EXCEPTION 'only a clinician of the clinic registers its patients'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                INSERT INTO public.tracker_patient (key, clinic_id, name, birth_date, record_number, zone,
                    state, state_on, state_by_id, frozen_reason)
                VALUES (key, clinic, name, birth_date, number, zone, 'active', current_date,
                    public.steady_user(), '');
                INSERT INTO public.tracker_seat (patient_id, user_id, basis, ground, decided_by_id, starts_at)
                VALUES (key, public.steady_user(), 'care_team', 'care', public.steady_user(), now());
                INSERT INTO public.tracker_patientstatus (patient_id, unreviewed, worried) VALUES (key, 0, false);
            END
            """,
            language="plpgsql",
            volatile="VOLATILE",
        ),
        definer(
            "accept_invitation(invitation uuid)",
            "uuid",
            """
            DECLARE offer public.tracker_invitation;
            BEGIN
                SELECT i.* INTO offer FROM public.tracker_invitation i
                JOIN public.portal_user u ON u.id = public.steady_user() AND u.is_active AND u.email = i.email
                WHERE i.key = invitation AND i.accepted_at IS NULL AND i.expires_at > statement_timestamp()
                FOR UPDATE OF i;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'no such invitation for this person' USING ERRCODE = 'insufficient_privilege';
                END IF;
                UPDATE public.tracker_invitation SET accepted_at = statement_timestamp() WHERE key = offer.key;
                UPDATE public.portal_user SET roles = array_append(roles, 'family')
                WHERE id = public.steady_user() AND NOT 'family' = ANY (roles);
                INSERT INTO public.tracker_seat
                    (patient_id, user_id, basis, ground, decided_by_id, starts_at, ends_at)
                VALUES (offer.patient_id, public.steady_user(), offer.basis, offer.ground, offer.invited_by_id,
                    now(), offer.seat_ends_at)
                ON CONFLICT DO NOTHING;
                RETURN offer.patient_id;
            END
            """,
            language="plpgsql",
            volatile="VOLATILE",
        ),
        # Emergency access: the exact number and birth date of a patient of one's own clinic, or of one
        # in its network. NULL for no such patient, one of another network, and one's own mistake alike.
        definer(
            "break_glass(number text, born date, purpose text, reason text)",
            "uuid",
            """
            DECLARE found uuid; held bigint;
            BEGIN
                IF NOT public.i_am('clinician') THEN
                    RAISE EXCEPTION 'only clinicians open a record in an emergency'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                SELECT p.key INTO found FROM public.tracker_patient p
                JOIN public.tracker_clinic theirs ON theirs.id = p.clinic_id
                WHERE p.record_number = number AND p.birth_date = born AND p.merged_into_id IS NULL AND EXISTS (
                    SELECT FROM public.tracker_clinicstaff c JOIN public.tracker_clinic mine ON mine.id = c.clinic_id
                    WHERE c.user_id = public.steady_user() AND (mine.id = theirs.id
                        OR mine.network = theirs.network AND mine.network <> ''))
                    -- Nobody opens their own child's record, or their own, as a clinician.
                    AND NOT EXISTS (SELECT FROM public.tracker_seat s WHERE s.patient_id = p.key
                        AND s.user_id = public.steady_user() AND s.basis IN ('parent', 'guardian', 'self'))
                ORDER BY p.clinic_id = ANY (ARRAY(SELECT c.clinic_id FROM public.tracker_clinicstaff c
                    WHERE c.user_id = public.steady_user())) DESC, p.key LIMIT 1;
                IF found IS NULL OR found = ANY (public.my_patients('clinical')) THEN RETURN found; END IF;
                INSERT INTO public.tracker_seat
                    (patient_id, user_id, basis, ground, decided_by_id, starts_at, ends_at)
                VALUES (found, public.steady_user(), 'break_glass', 'emergency', public.steady_user(),
                    statement_timestamp(), statement_timestamp() + interval '60 minutes') RETURNING id INTO held;
                INSERT INTO public.tracker_emergencyaccess
                    (seat_id, patient_id, clinician_id, purpose, reason, opened_at, finding)
                VALUES (held, found, public.steady_user(), purpose, reason, statement_timestamp(), '');
                RETURN found;
            END
            """,
            language="plpgsql",
            volatile="VOLATILE",
        ),
        protect(
            "tracker_emergencyaccess",
            read=f"{reach('family')} OR clinician_id = {ME} OR (SELECT i_am('auditor'))",
        ),
        migrations.RunSQL(
            f"""
            CREATE POLICY tracker_emergencyaccess_review ON tracker_emergencyaccess FOR UPDATE TO {SERVING}
                USING ((SELECT i_am('auditor')) AND reviewed_at IS NULL AND clinician_id <> {ME})
                WITH CHECK ((SELECT i_am('auditor')) AND reviewed_by_id = {ME});
            """,
            migrations.RunSQL.noop,
        ),
        grant("UPDATE (reviewed_by_id, reviewed_at, finding)", "tracker_emergencyaccess"),
        # A duplicate keeps its diary and points at the record that goes on, whose people gain its seats.
        definer(
            "merge_patients(duplicate uuid, into_key uuid)",
            "void",
            """
            BEGIN
                IF duplicate = into_key OR NOT ARRAY[duplicate, into_key] <@ public.my_patients('office')
                    OR (SELECT count(DISTINCT p.clinic_id) <> 1 OR bool_or(p.merged_into_id IS NOT NULL)
                        OR bool_or(p.key = duplicate AND p.state = 'merged')
                        FROM public.tracker_patient p WHERE p.key IN (duplicate, into_key)) THEN
                    RAISE EXCEPTION 'these two records cannot be merged by this person'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                UPDATE public.tracker_patient SET state = 'merged', state_on = current_date,
                    state_by_id = public.steady_user(), merged_into_id = into_key WHERE key = duplicate;
                INSERT INTO public.tracker_seat
                    (patient_id, user_id, basis, ground, decided_by_id, starts_at, ends_at)
                SELECT into_key, s.user_id, s.basis, s.ground, public.steady_user(), statement_timestamp(), s.ends_at
                FROM public.tracker_seat s WHERE s.patient_id = duplicate AND s.basis <> 'break_glass'
                    AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp())
                ON CONFLICT DO NOTHING;
            END
            """,
            language="plpgsql",
            volatile="VOLATILE",
        ),
        # Who looked: for the family and the care team, without the other patients of a list.
        migrations.RunSQL(
            "DROP POLICY portal_auditevent_visitors ON portal_auditevent;", migrations.RunSQL.noop
        ),
        definer(
            "visits(patient uuid, before timestamptz, at_most int)",
            "TABLE (id uuid, at timestamptz, actor_id bigint, name text, roles text[], action text)",
            """
            SELECT e.id, e.at, e.actor_id, coalesce(u.name, e.actor_name), u.roles::text[], e.action
            FROM public.portal_auditevent e LEFT JOIN public.portal_user u ON u.id = e.actor_id
            WHERE (e.patient_id = patient OR e.patients @> ARRAY[patient]) AND e.at < before
                AND patient = ANY (public.my_patients('family')) ORDER BY e.at DESC, e.id LIMIT at_most
            """,
        ),
        # How many different records one has opened since then, from the trail that one may not read.
        definer(
            "records_opened(since timestamptz)",
            "bigint",
            """SELECT count(DISTINCT e.patient_id) FROM public.portal_auditevent e
                WHERE e.actor_id = public.steady_user() AND e.at > since AND e.action = 'patient viewed'""",
        ),
        # An auditor learns who one patient is, one at a time and by key.
        definer(
            "audited_identity(patient uuid)",
            "TABLE (name text, birth_date date, record_number text, clinic text)",
            """
            SELECT p.name, p.birth_date, p.record_number, c.name FROM public.tracker_patient p
            JOIN public.tracker_clinic c ON c.id = p.clinic_id
            WHERE p.key = patient AND public.i_am('auditor')
            """,
        ),
        *(
            operation
            for table in (
                "clinicpast",
                "clinicstaffpast",
                "emergencyaccesspast",
                "invitationpast",
                "patientpast",
                "redactionpast",
                "seatpast",
                "treatmentpast",
            )
            for operation in history(f"tracker_{table}")
        ),
    ]
