"""The PostgreSQL roles Steady lives with, and what a database grants them.

Each function takes a cursor with a superuser's rights in autocommit mode and may be run again at any
time; it raises psycopg.Error as PostgreSQL gave it. No Django here, because the embedded server and the
`database_roles` command for a real server both call it.
"""

from typing import Any

from psycopg import Cursor, sql

ROLES = {
    "steady_owner": "LOGIN CREATEDB",  # owns the tables, runs migrations
    "steady_web": "LOGIN",
    "steady_worker": "LOGIN",
    "steady_backup": "LOGIN BYPASSRLS",  # pg_dump must see every row
    "steady_policy": "NOLOGIN",  # owns the definer functions
}
# A request that outlives these limits is a fault; the worker's long jobs may run, but not idle or wait.
LIMITS = {
    "steady_web": {
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "60s",
        "lock_timeout": "5s",
    },
    "steady_worker": {"idle_in_transaction_session_timeout": "60s", "lock_timeout": "5s"},
}
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")


def create_roles(cursor: Cursor[Any]) -> None:
    """Make the roles exist with exactly these attributes, memberships and limits."""
    cursor.execute("SELECT rolname FROM pg_roles")
    known = {name for (name,) in cursor.fetchall()}
    for name, attributes in ROLES.items():
        verb = "ALTER" if name in known else "CREATE"
        cursor.execute(sql.SQL(f"{verb} ROLE {{}} {attributes}").format(sql.Identifier(name)))
    # Plain GRANT gives INHERIT and SET on every version; WITH SET TRUE is a syntax error before 16.
    cursor.execute("GRANT steady_policy TO steady_owner; GRANT pg_read_all_data TO steady_backup")
    for name, limits in LIMITS.items():
        for setting, value in limits.items():
            cursor.execute(f"ALTER ROLE {name} SET {setting} = '{value}'")


def grant_database(cursor: Cursor[Any]) -> None:
    """Open the database the cursor is in to Steady's roles and to nobody else, and add the extensions."""
    cursor.execute(
        sql.SQL(
            "REVOKE ALL ON DATABASE {0} FROM PUBLIC;"
            "GRANT CONNECT ON DATABASE {0} TO steady_web, steady_worker, steady_backup;"
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
            "GRANT USAGE ON SCHEMA public TO steady_web, steady_worker, steady_policy;"
            # policy needs CREATE too: PostgreSQL asks it of a function's new owner
            "GRANT CREATE, USAGE ON SCHEMA public TO steady_owner, steady_policy;"
            # the key that signs identities lies in a file of the server, see `portal.identity`
            "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO steady_policy;"
            "GRANT EXECUTE ON FUNCTION pg_control_system() TO steady_policy;"
            # a statement holds what somebody typed and their signed identity: not for other sessions
            "REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer)"
            " FROM PUBLIC;"
            # nothing is kept outside the tables
            "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)"
            " FROM PUBLIC"
        ).format(sql.Identifier(cursor.connection.info.dbname))
    )
    for name in EXTENSIONS:
        cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
