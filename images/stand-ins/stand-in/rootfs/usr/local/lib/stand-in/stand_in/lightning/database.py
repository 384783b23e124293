"""Lightning's database, as far as the stand-in keeps one."""

import os

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..settings import Refused
from .releases import VERSION
from .web_settings import on

SCHEMA = """
create extension if not exists citext;
create table if not exists schema_migrations (id serial primary key, version text not null, at timestamptz not null default now());
create table if not exists users (id serial primary key, email citext unique not null, role text not null);
create table if not exists credentials (id serial primary key, body bytea not null);
create table if not exists dataclips (id uuid primary key, type text not null, body jsonb);
create table if not exists runs (
    id uuid primary key,
    position bigserial,
    workflow jsonb not null,
    dataclip_id uuid references dataclips,
    state text not null default 'available',
    worker text,
    worker_name text,
    error_type text,
    error_message text,
    claimed_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz
);
create table if not exists steps (
    id uuid primary key,
    position bigserial,
    run_id uuid not null references runs,
    job_id uuid not null,
    input_dataclip_id uuid,
    output_dataclip_id uuid references dataclips,
    exit_reason text,
    error_type text,
    error_message text,
    started_at timestamptz not null default now(),
    finished_at timestamptz
);
create table if not exists log_lines (
    id bigserial primary key,
    run_id uuid not null references runs,
    step_id uuid references steps,
    source text,
    level text,
    message text not null,
    timestamp timestamptz not null
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
