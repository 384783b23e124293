"""/app/bin/migrate. Fails when STAND_IN_FAIL_MIGRATION is `yes`, or when the database has a table stand_in_fail_migration."""

import os

from ..settings import Refused
from .database import SCHEMA, connect, encrypt
from .releases import VERSION
from .web_settings import load


def main(_arguments: list[str]) -> None:
    values = load(os.environ)
    with connect(values) as connection:
        print(f"migrating to {VERSION}")
        if os.environ.get("STAND_IN_FAIL_MIGRATION") == "yes" or exists(connection, "stand_in_fail_migration"):
            raise Refused("the migration failed, as it was told to")
        with connection.transaction():
            # One at a time.
            connection.execute("select pg_advisory_xact_lock(1)")
            connection.execute(SCHEMA)
            first_rows(connection, values["PRIMARY_ENCRYPTION_KEY"])
            connection.execute("insert into schema_migrations (version) values (%s)", [VERSION])
        print(f"migrated to {VERSION}")


def exists(connection, table: str) -> bool:
    return connection.execute("select to_regclass(%s)", [table]).fetchone()[0] is not None


def first_rows(connection, key: bytes) -> None:
    """A user and an encrypted credential. Random, so that a restored one cannot be mistaken for one made again."""
    if connection.execute("select 1 from credentials").fetchone():
        return
    connection.execute("insert into users (email, role) values ('user@stand-in.example', 'user')")
    connection.execute("insert into credentials (body) values (%s)", [encrypt(key, os.urandom(32))])
