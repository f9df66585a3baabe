"""What attacks by raw SQL found open, closed; see `tests/portal/test_attacks.py`."""

from django.db import migrations

from portal.database.operations import definer, only_if, reach, unswitchable

ME = "(SELECT steady_user())"


class Migration(migrations.Migration):
    dependencies = [("tracker", "0004_end_emergency")]

    operations = [
        # Whoever names no identity is nobody, not anybody: `portal.audit` signs for whom it writes.
        only_if("portal_auditevent", "as_oneself", "INSERT", f"actor_id IS NOT DISTINCT FROM {ME}"),
        # An entry grows and is replaced by the hand that wrote it; the clinic alone speaks for others.
        definer(
            "wrote_entry(entry uuid)",
            "boolean",
            """SELECT EXISTS (SELECT FROM public.tracker_checkin c
                WHERE c.id = entry AND c.author_id = public.steady_user())""",
        ),
        *(
            only_if(f"tracker_{table}", "own_entry", "INSERT", "wrote_entry(check_in_id)")
            for table in ("rating", "measurement", "assessment")
        ),
        only_if(
            "tracker_checkin",
            "own_words",
            "INSERT",
            f"(NOT by_phone AND (replaces_id IS NULL OR wrote_entry(replaces_id))) OR {reach('clinical')}",
        ),
        only_if("tracker_message", "own_words", "INSERT", f"review_id IS NULL OR {reach('clinical')}"),
        # A clinician who is a parent as well does not read or lift what is hidden from them.
        only_if("tracker_redaction", "of_others", "ALL", f"hidden_from_id IS DISTINCT FROM {ME}"),
        # An administrator hires people who hold no office yet, so never those of another clinic.
        only_if(
            "tracker_clinicstaff",
            "of_newcomers",
            "INSERT",
            "EXISTS (SELECT FROM portal_user u WHERE u.id = user_id AND u.roles <@ ARRAY['family']::varchar[])",
        ),
        # Nobody invites themselves, under whatever address.
        definer(
            "accept_invitation(invitation uuid)",
            "uuid",
            """
            DECLARE offer public.tracker_invitation;
            BEGIN
                SELECT i.* INTO offer FROM public.tracker_invitation i
                JOIN public.portal_user u ON u.id = public.steady_user() AND u.is_active AND u.email = i.email
                WHERE i.key = invitation AND i.accepted_at IS NULL AND i.expires_at > statement_timestamp()
                    AND i.invited_by_id <> u.id
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
        # What is over stays over: a seat, an offer, a hiding is given anew, by whoever decides it now.
        migrations.RunSQL(
            """
            CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $body$
            DECLARE
                was timestamptz := to_jsonb(OLD) ->> TG_ARGV[0];
                will timestamptz := to_jsonb(NEW) ->> TG_ARGV[0];
            BEGIN
                IF current_user IN ('steady_web', 'steady_worker')
                    AND was <= statement_timestamp() AND will IS DISTINCT FROM was THEN
                    RAISE EXCEPTION '% is over and stays so', TG_TABLE_NAME
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END $body$;
            CREATE TRIGGER guard_end BEFORE UPDATE ON tracker_seat
                FOR EACH ROW EXECUTE FUNCTION refuse_reopening('ends_at');
            CREATE TRIGGER guard_end BEFORE UPDATE ON tracker_invitation
                FOR EACH ROW EXECUTE FUNCTION refuse_reopening('expires_at');
            CREATE TRIGGER guard_end BEFORE UPDATE ON tracker_redaction
                FOR EACH ROW EXECUTE FUNCTION refuse_reopening('lifted_at');

            CREATE FUNCTION refuse_lengthening() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
                IF current_user IN ('steady_web', 'steady_worker') AND NEW.user_id = public.steady_user()
                    AND coalesce(NEW.ends_at, 'infinity') > coalesce(OLD.ends_at, 'infinity') THEN
                    RAISE EXCEPTION 'nobody lengthens their own seat' USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END $body$;
            CREATE TRIGGER guard_own BEFORE UPDATE ON tracker_seat
                FOR EACH ROW EXECUTE FUNCTION refuse_lengthening();

            -- Who freezes, thaws or closes a record is named as themselves, and is not of the family.
            CREATE FUNCTION refuse_other_decider() RETURNS trigger LANGUAGE plpgsql AS $body$
            DECLARE me bigint := public.steady_user();
            BEGIN
                IF current_user IN ('steady_web', 'steady_worker') AND (
                    NEW.frozen_by_id IS DISTINCT FROM OLD.frozen_by_id AND NEW.frozen_by_id <> me
                    OR (NEW.state, NEW.state_on, NEW.state_by_id) IS DISTINCT FROM
                        (OLD.state, OLD.state_on, OLD.state_by_id) AND NEW.state_by_id IS DISTINCT FROM me
                    OR NEW.frozen_at IS DISTINCT FROM OLD.frozen_at AND EXISTS (
                        SELECT FROM public.tracker_seat s WHERE s.patient_id = NEW.key AND s.user_id = me
                            AND s.basis IN ('parent', 'guardian', 'self')
                            AND (s.ends_at IS NULL OR s.ends_at > statement_timestamp()))) THEN
                    RAISE EXCEPTION 'not theirs to decide' USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END $body$;
            CREATE TRIGGER guard_decider BEFORE UPDATE ON tracker_patient
                FOR EACH ROW EXECUTE FUNCTION refuse_other_decider();
            """,
            """
            DROP TRIGGER guard_decider ON tracker_patient; DROP FUNCTION refuse_other_decider();
            DROP TRIGGER guard_own ON tracker_seat; DROP FUNCTION refuse_lengthening();
            DROP TRIGGER guard_end ON tracker_redaction; DROP TRIGGER guard_end ON tracker_invitation;
            DROP TRIGGER guard_end ON tracker_seat; DROP FUNCTION refuse_reopening();
            """,
        ),
        unswitchable(),
    ]
