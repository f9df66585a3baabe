"""Who may write, check and read a translation, and how it moves."""

from django.db import migrations

from portal.database.operations import append_only, grant, history, protect

TABLE = "conditions_translationrelease"
WRITES = "((SELECT i_am('editor')) OR (SELECT i_am('reviewer')) OR (SELECT steady_identity()) = 'job:pack')"


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0012_translations"),
    ]

    operations = [
        # What was published once is no secret; a draft is seen by who works on it, whatever is asked.
        protect(
            TABLE,
            read=f"state IN ('published', 'replaced', 'withdrawn') OR {WRITES}",
            add=WRITES,
            change=WRITES,
        ),
        grant("UPDATE (pieces, state, release_id)", TABLE, to="steady_web"),
        *history(f"{TABLE}past", read=WRITES),
        grant("SELECT, INSERT", "conditions_translationverdict", to="steady_web"),
        grant("SELECT", "conditions_translationverdict", to="steady_policy"),
        append_only("conditions_translationverdict"),
        migrations.RunSQL(
            """
            -- A translation starts as a draft of an editor or of a pack. Its pieces change in the draft alone;
            -- who changed them, and their digest, are written here. It moves by editors' and checkers' acts.
            CREATE FUNCTION check_translation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                edits boolean := public.i_am('editor')
                    OR coalesce(public.steady_identity() = 'job:pack', false);
                told text;
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    IF NEW.state <> 'draft' OR NEW.release_id IS NOT NULL THEN
                        RAISE EXCEPTION 'a translation starts as a draft'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'translation_states';
                    END IF;
                    NEW.version := 0;
                    NEW.moved_at := clock_timestamp();
                ELSIF (OLD.id, OLD.condition_id, OLD.language, OLD.method)
                        IS DISTINCT FROM (NEW.id, NEW.condition_id, NEW.language, NEW.method)
                    OR NEW.release_id IS DISTINCT FROM OLD.release_id
                        AND NOT (OLD.state = 'draft' AND NEW.state = 'check') THEN
                    RAISE EXCEPTION 'a translation stays what it is of'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'translation_frozen';
                ELSE
                    NEW.version := OLD.version;
                    NEW.edited_by_id := OLD.edited_by_id;
                    NEW.edited_at := OLD.edited_at;
                    NEW.digest := OLD.digest;
                    NEW.moved_at := OLD.moved_at;
                END IF;
                IF TG_OP = 'INSERT' OR NEW.pieces IS DISTINCT FROM OLD.pieces THEN
                    IF NOT edits THEN
                        RAISE EXCEPTION 'editors translate'
                            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'translation_by_editor';
                    END IF;
                    IF TG_OP = 'UPDATE' AND (OLD.state <> 'draft' OR NEW.state <> 'draft') THEN
                        RAISE EXCEPTION 'the pieces of a draft alone change'
                            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'translation_frozen';
                    END IF;
                    IF jsonb_typeof(NEW.pieces) <> 'object' OR EXISTS (
                        SELECT FROM jsonb_each(NEW.pieces) p WHERE jsonb_typeof(p.value) <> 'object'
                        OR coalesce(p.value ->> 'source', '') !~ '^[0-9a-f]{64}$'
                        OR coalesce(length(p.value ->> 'text'), 0) NOT BETWEEN 1 AND 4000) THEN
                        RAISE EXCEPTION 'a piece has the hash of its source and a text'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'translation_pieces';
                    END IF;
                    NEW.version := NEW.version + 1;
                    NEW.edited_by_id := public.steady_user();
                    NEW.edited_at := clock_timestamp();
                    NEW.digest := encode(sha256(convert_to(NEW.pieces::text, 'UTF8')), 'hex');
                END IF;
                IF TG_OP = 'INSERT' OR NEW.state = OLD.state THEN RETURN NEW; END IF;
                told := CASE NEW.state WHEN 'published' THEN 'approved' WHEN 'draft' THEN 'returned'
                    WHEN 'withdrawn' THEN 'withdrawn' END;
                IF NOT (CASE OLD.state || ' ' || NEW.state
                    WHEN 'draft check' THEN public.i_am('editor') AND EXISTS (
                        SELECT FROM public.conditions_release r WHERE r.id = NEW.release_id
                        AND r.condition_id = NEW.condition_id AND r.state = 'published')
                    WHEN 'published replaced' THEN public.i_am('reviewer') AND EXISTS (
                        SELECT FROM public.conditions_translationrelease t
                        JOIN public.conditions_translationverdict v ON v.translation_id = t.id
                        WHERE t.condition_id = NEW.condition_id AND t.language = NEW.language
                        AND t.state = 'check' AND v.verdict = 'approved' AND v.digest = t.digest)
                    WHEN 'check published' THEN public.i_am('reviewer')
                    WHEN 'check draft' THEN public.i_am('reviewer')
                    WHEN 'published withdrawn' THEN public.i_am('reviewer')
                    ELSE false END)
                    OR told IS NOT NULL AND NOT EXISTS (
                        SELECT FROM public.conditions_translationverdict v
                        WHERE v.translation_id = NEW.id AND v.verdict = told AND v.digest = NEW.digest) THEN
                    RAISE EXCEPTION 'this translation may not become %', NEW.state
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'translation_states';
                END IF;
                NEW.moved_at := clock_timestamp();
                RETURN NEW;
            END $body$;
            ALTER FUNCTION check_translation() OWNER TO steady_policy;
            REVOKE EXECUTE ON FUNCTION check_translation() FROM PUBLIC;
            CREATE TRIGGER states BEFORE INSERT OR UPDATE ON conditions_translationrelease
                FOR EACH ROW EXECUTE FUNCTION check_translation();

            -- A verdict is the signed reviewer's own, on these very pieces; nobody checks a translation
            -- that they edited or submitted.
            CREATE FUNCTION check_translation_verdict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                this public.conditions_translationrelease;
            BEGIN
                SELECT * INTO this FROM public.conditions_translationrelease WHERE id = NEW.translation_id;
                NEW.at := least(NEW.at, clock_timestamp());
                IF NEW.reviewer_id IS DISTINCT FROM public.steady_user() OR NOT public.i_am('reviewer') THEN
                    RAISE EXCEPTION 'a reviewer checks for themselves only'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'translation_by_reviewer';
                END IF;
                IF NEW.digest IS DISTINCT FROM this.digest THEN
                    RAISE EXCEPTION 'a verdict is bound to the pieces that were read'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'translation_of_these_pieces';
                END IF;
                IF NEW.verdict = 'approved' AND EXISTS (
                    SELECT FROM public.conditions_translationreleasepast p WHERE p.pgh_obj_id = this.id
                    AND (p.edited_by_id = NEW.reviewer_id OR p.state = 'check' AND p.by = NEW.reviewer_id)) THEN
                    RAISE EXCEPTION 'nobody checks what they translated'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'translation_four_eyes';
                END IF;
                IF NOT (CASE NEW.verdict
                    WHEN 'approved' THEN this.state = 'check'
                    WHEN 'returned' THEN this.state = 'check'
                    WHEN 'withdrawn' THEN this.state = 'published'
                    ELSE false END) THEN
                    RAISE EXCEPTION 'this verdict does not fit a translation that is %', this.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'translation_states';
                END IF;
                RETURN NEW;
            END $body$;
            ALTER FUNCTION check_translation_verdict() OWNER TO steady_policy;
            REVOKE EXECUTE ON FUNCTION check_translation_verdict() FROM PUBLIC;
            CREATE TRIGGER four_eyes BEFORE INSERT ON conditions_translationverdict
                FOR EACH ROW EXECUTE FUNCTION check_translation_verdict();
            """,
            "DROP TRIGGER four_eyes ON conditions_translationverdict;"
            " DROP FUNCTION check_translation_verdict();"
            " DROP TRIGGER states ON conditions_translationrelease; DROP FUNCTION check_translation();",
        ),
    ]
