"""Lightning's database, as far as the stand-in keeps one."""

import os

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..settings import Refused
from .web_settings import on

VERSION = os.environ.get("STAND_IN_VERSION", "0")

SCHEMA = """
create extension if not exists citext;
create table if not exists schema_migrations (id serial primary key, version text not null, at timestamptz not null default now());
create table if not exists users (id serial primary key, email citext unique not null, role text not null);
create table if not exists credentials (id serial primary key, body bytea not null);
create table if not exists runs (
    id serial primary key, seconds float not null, state text not null default 'available', worker text, claimed_at timestamptz
);
"""


def connection_settings(values: dict[str, object]) -> dict[str, object]:
    """TLS is required unless it is switched off; the certificate is not looked at, as in versions of the guide's time."""
    mode = "disable" if on(values.get("DISABLE_DB_SSL")) else "require"
    return {**values["DATABASE_URL"], "sslmode": mode, "connect_timeout": 5, "autocommit": True}


def connect(values: dict[str, object]) -> psycopg.Connection:
    """For the start of a program, which fails without a database."""
    try:
        return psycopg.connect(**connection_settings(values))
    except psycopg.OperationalError as error:
        raise Refused(f"DATABASE_URL: no connection: {str(error).strip().splitlines()[-1]}") from None


def encrypt(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def decrypt(key: bytes, body: bytes) -> bytes | None:
    """None with another key than the one it was encrypted with."""
    try:
        return AESGCM(key).decrypt(body[:12], body[12:], None)
    except InvalidTag:
        return None
