"""/app/bin/lightning eval|rpc <Elixir>. It understands no Elixir, only which of the known things it is about."""

import os
import re
from pathlib import Path

from ..settings import Refused
from .database import connect
from .web_settings import load

PASSWORD = Path("/run/secrets/superuser-password")


def main(arguments: list[str]) -> None:
    verb, script = (arguments + ["", ""])[:2]
    if verb == "eval" and "register_superuser" in script:
        return make_superuser()
    if verb == "rpc" and "recover_messages" in script:
        return recover_messages()
    raise Refused("knows only eval with register_superuser and rpc with recover_messages")


def make_superuser() -> None:
    values = load(os.environ)
    email = os.environ.get("SUPERUSER_EMAIL", "")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise Refused("SUPERUSER_EMAIL: must be a mail address")
    if not PASSWORD.exists() or len(PASSWORD.read_text()) < 12:
        raise Refused(f"{PASSWORD}: must hold a password of 12 characters or more")
    with connect(values) as connection:
        if connection.execute("select 1 from users where role = 'superuser'").fetchone():
            return print("there is a superuser already")
        connection.execute("insert into users (email, role) values (%s, 'superuser')", [email])
        print("made the superuser")


def recover_messages() -> None:
    """Below the directory: a folder per workflow, a file per message; recovered ones stay under another name."""
    directory = os.environ.get("KAFKA_ALTERNATE_STORAGE_FILE_PATH")
    if not directory:
        raise Refused("KAFKA_ALTERNATE_STORAGE_FILE_PATH: is not set")
    files = sorted(Path(directory).glob("*/*.json"))
    for file in files:
        file.rename(f"{file}.recovered")
    print(f"recovered {len(files)} messages")
