"""A time to publish at, a self-audit, and four eyes closed to what raw SQL could still do."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from portal.database.operations import grant, unswitchable


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0004_reviews"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="release",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="release",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="release",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="release",
            name="publish_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When the worker publishes it, once approved; empty for by hand.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="self_audit",
            field=models.JSONField(
                default=list, editable=False, help_text="What `conditions.discern` found on submission."
            ),
        ),
        migrations.AddField(
            model_name="releasepast",
            name="publish_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When the worker publishes it, once approved; empty for by hand.",
                null=True,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "conditions_releasepast" ("clinically_approved", "condition_id", "digest", "id", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_at", "published_at", "reason", "state", "submitted_at", "submitted_by_id") VALUES (NEW."clinically_approved", NEW."condition_id", NEW."digest", NEW."id", NEW."number", NOW(), \'insert\', NEW."id", NEW."publish_at", NEW."published_at", NEW."reason", NEW."state", NEW."submitted_at", NEW."submitted_by_id"); RETURN NULL;',
                    hash="d59dc9f42052b8cb083975add5c07a215cc2570b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f383b",
                    table="conditions_release",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."clinically_approved" IS DISTINCT FROM (NEW."clinically_approved") OR OLD."condition_id" IS DISTINCT FROM (NEW."condition_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."publish_at" IS DISTINCT FROM (NEW."publish_at") OR OLD."published_at" IS DISTINCT FROM (NEW."published_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."submitted_by_id" IS DISTINCT FROM (NEW."submitted_by_id"))',
                    func='INSERT INTO "conditions_releasepast" ("clinically_approved", "condition_id", "digest", "id", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_at", "published_at", "reason", "state", "submitted_at", "submitted_by_id") VALUES (NEW."clinically_approved", NEW."condition_id", NEW."digest", NEW."id", NEW."number", NOW(), \'update\', NEW."id", NEW."publish_at", NEW."published_at", NEW."reason", NEW."state", NEW."submitted_at", NEW."submitted_by_id"); RETURN NULL;',
                    hash="efdf8d195d2d11127c63c36e93119dc7cbe3844c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6ab16",
                    table="conditions_release",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "conditions_releasepast" ("clinically_approved", "condition_id", "digest", "id", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_at", "published_at", "reason", "state", "submitted_at", "submitted_by_id") VALUES (OLD."clinically_approved", OLD."condition_id", OLD."digest", OLD."id", OLD."number", NOW(), \'delete\', OLD."id", OLD."publish_at", OLD."published_at", OLD."reason", OLD."state", OLD."submitted_at", OLD."submitted_by_id"); RETURN NULL;',
                    hash="d996b4874df1f4b707f0c5a7b02490f32505be36",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2fa87",
                    table="conditions_release",
                    when="AFTER",
                ),
            ),
        ),
        grant("UPDATE (publish_at)", "conditions_release"),
        migrations.RunSQL(
            """
            -- A release is submitted by the signed editor as submitted, never changes but in its state, and
            -- is published by an editor, a reviewer or the job at its time with an approval of its very content, or
            -- unapproved where the database is marked as a demonstration.
            CREATE OR REPLACE FUNCTION check_release() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                approved boolean;
                demonstration boolean := EXISTS (SELECT FROM public.portal_demomark);
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    IF NEW.state <> 'submitted' OR NEW.clinically_approved OR NEW.number IS NOT NULL
                        OR NEW.publish_at IS NOT NULL THEN
                        RAISE EXCEPTION 'a release starts as submitted'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_starts_submitted';
                    END IF;
                    IF public.steady_user() IS NOT NULL AND NOT (public.i_am('editor')
                        AND NEW.submitted_by_id IS NOT DISTINCT FROM public.steady_user()) THEN
                        RAISE EXCEPTION 'an editor submits for themselves only'
                            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'release_by_submitter';
                    END IF;
                    -- Four eyes counts edits from here: an earlier time binds more, a later one is refused.
                    NEW.submitted_at := least(NEW.submitted_at, clock_timestamp());
                    RETURN NEW;
                END IF;
                IF (OLD.condition_id, OLD.snapshot, OLD.digest, OLD.reason, OLD.submitted_by_id,
                        OLD.submitted_at, OLD.self_audit)
                    IS DISTINCT FROM (NEW.condition_id, NEW.snapshot, NEW.digest, NEW.reason,
                        NEW.submitted_by_id, NEW.submitted_at, NEW.self_audit)
                    OR NEW.publish_at IS DISTINCT FROM OLD.publish_at AND NOT (NEW.state = 'approved'
                        AND (public.i_am('editor') OR public.i_am('reviewer')))
                    OR OLD.published_at IS NOT NULL AND NEW.published_at IS DISTINCT FROM OLD.published_at
                    OR OLD.number IS NOT NULL AND (NEW.number IS DISTINCT FROM OLD.number
                        OR NEW.clinically_approved <> OLD.clinically_approved) THEN
                    RAISE EXCEPTION 'a release never changes'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'release_frozen';
                END IF;
                approved := EXISTS (SELECT FROM public.conditions_approval a
                    WHERE a.release_id = NEW.id AND a.verdict = 'approved' AND a.digest = NEW.digest);
                IF NEW.clinically_approved AND NOT approved
                    OR NEW.state = 'approved' AND NOT approved
                    OR NEW.state = 'published' AND NOT (approved AND NEW.clinically_approved)
                        AND NOT demonstration
                    OR NEW.state = 'published' AND OLD.state <> 'published' AND NOT demonstration
                        AND NOT (public.i_am('editor') OR public.i_am('reviewer')
                            OR coalesce(public.steady_identity() = 'job:publish'
                                AND NEW.publish_at <= clock_timestamp(), false))
                    OR OLD.state IN ('withdrawn', 'returned', 'superseded') AND NEW.state <> OLD.state
                    OR OLD.state = 'published' AND NEW.state NOT IN ('published', 'withdrawn')
                    OR OLD.state = 'approved' AND NEW.state = 'submitted'
                    OR NEW.state IN ('withdrawn', 'returned') AND NOT EXISTS (
                        SELECT FROM public.conditions_approval a
                        WHERE a.release_id = NEW.id AND a.verdict = NEW.state) THEN
                    RAISE EXCEPTION 'this release may not become %', NEW.state
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'release_states';
                END IF;
                RETURN NEW;
            END $body$;
            """,
            migrations.RunSQL.noop,
        ),
        unswitchable(),
    ]
