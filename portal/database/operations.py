"""Migration operations for the second gate: grants and row-level security, shipped with their tables.

The roles themselves belong to the cluster and are made by `portal.database.cluster`.
"""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython, RunSQL

SERVING = "steady_web, steady_worker"


def reach(name: str, column: str = "patient_id") -> str:
    """The policy condition "this row's patient is within my reach", computed once a statement.

    `name` is the narrowest circle that may see the row: clinical, self, family or identity, each
    holding the one before; or office, who keep identities and seats. See `my_patients` in
    `tracker.0001`.
    """
    return f"{column} = ANY ((SELECT my_patients('{name}'))::uuid[])"


def grant(privileges: str, *tables: str, to: str = SERVING) -> RunSQL:
    """Give `privileges` on tables; everything not given is refused."""
    names = ", ".join(tables)
    return RunSQL(
        f"GRANT {privileges} ON {names} TO {to};", f"REVOKE {privileges.split('(')[0]} ON {names} FROM {to};"
    )


def protect(table: str, *, read: str, add: str | None = None, change: str | None = None) -> RunSQL:
    """Row-level security on `table`: rows to see, to insert, to update; what is None is refused.

    Deletion and TRUNCATE are never granted. The policy role passes, so that definer functions
    can answer questions the caller may not ask of the table itself.
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_definer ON {table} TO steady_policy USING (true) WITH CHECK (true)",
        f"GRANT SELECT, INSERT ON {table} TO steady_policy",
        f"CREATE POLICY {table}_read ON {table} FOR SELECT TO {SERVING} USING ({read})",
        f"GRANT SELECT ON {table} TO {SERVING}",
    ]
    if add is not None:
        statements += [
            f"CREATE POLICY {table}_add ON {table} FOR INSERT TO {SERVING} WITH CHECK ({add})",
            f"GRANT INSERT ON {table} TO {SERVING}",
        ]
    if change is not None:
        statements.append(
            f"CREATE POLICY {table}_change ON {table} FOR UPDATE TO {SERVING}"
            f" USING ({change}) WITH CHECK ({change})"
        )
    return RunSQL(";\n".join(statements) + ";", RunSQL.noop)


def only_if(table: str, name: str, command: str, condition: str) -> RunSQL:
    """Narrow every policy of `table` for a command (INSERT or ALL): what they allow must be so as well."""
    word = "WITH CHECK" if command == "INSERT" else "USING"
    return RunSQL(
        f"CREATE POLICY {table}_{name} ON {table} AS RESTRICTIVE FOR {command} TO {SERVING}"
        f" {word} ({condition});",
        f"DROP POLICY {table}_{name} ON {table};",
    )


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE to everybody who does not first disable the trigger.

    Only the owner could, for the documented erasure; then the seals tell.
    """
    return RunSQL(
        f"DROP TRIGGER IF EXISTS append_only ON {table};"
        f" CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
        f"DROP TRIGGER append_only ON {table};",
    )


def sealed(table: str) -> RunSQL:
    """Let the worker's sealing job, and nobody else of the serving roles, read `table` whole."""
    return RunSQL(
        f"CREATE POLICY {table}_seal ON {table} FOR SELECT TO steady_worker"
        " USING ((SELECT steady_identity()) = 'job:seal');",
        f"DROP POLICY {table}_seal ON {table};",
    )


def history(table: str, *, read: str = "(SELECT i_am('auditor'))") -> list[RunSQL]:
    """Guard a table of past states: triggers alone add to it, nobody changes it, and it is sealed."""
    return [protect(table, read=read, add="pg_trigger_depth() > 0"), append_only(table), sealed(table)]


def unswitchable() -> RunSQL:
    """No variable switches history off: end every migration with it that adds triggers of history.

    pgtrigger asks a variable, which the web role may set, and each AddTrigger brings its question back.
    """
    return RunSQL(
        "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
        " LANGUAGE sql IMMUTABLE AS 'SELECT false';",
        RunSQL.noop,
    )


def definer(
    signature: str, returns: str, body: str, *, language: str = "sql", volatile: str = "STABLE"
) -> RunSQL:
    """A SECURITY DEFINER function owned by the policy role, executable by the serving roles alone."""
    bare = f"{signature.split('(')[0]}({', '.join(_types(signature))})"
    return RunSQL(
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE {language} {volatile}"
        # public is safe to search, since nobody who signs in may create in it; history triggers need it
        f" SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$ {body} $body$;"
        f" ALTER FUNCTION {bare} OWNER TO steady_policy;"
        f" REVOKE EXECUTE ON FUNCTION {bare} FROM PUBLIC;"
        f" GRANT EXECUTE ON FUNCTION {bare} TO {SERVING}, steady_policy;",
        f"DROP FUNCTION {bare};",
    )


def grant_apps(*labels: str) -> RunPython:
    """Let the serving roles use every table of libraries' apps; none of them holds patient data."""

    def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for label in labels:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                schema_editor.execute(
                    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {model._meta.db_table} TO {SERVING}"
                )

    return RunPython(forwards, RunPython.noop)


def _types(signature: str) -> list[str]:
    """`f(a text, b uuid)` -> `["text", "uuid"]`."""
    arguments = signature.split("(", 1)[1].rsplit(")", 1)[0]
    return [part.strip().split(" ", 1)[1] for part in arguments.split(",") if part.strip()]
