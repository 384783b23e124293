"""What OpenFn Lightning accepts in its environment. Web and migrations read the same, whole, before they do anything."""

import json
import os
import re
from pathlib import Path
from typing import Mapping
from urllib.parse import unquote, urlsplit

from ..settings import (
    Unfit,
    base64_key,
    decimal,
    longer,
    matching,
    one_of,
    private_pem,
    read,
    refuse,
    require,
    strict_base64,
    text,
    together,
    whole,
)
from .releases import reads, seen

# Nothing else, in lower case.
flag = one_of("true", "yes", "false", "no")


def on(value: object) -> bool:
    return value in ("true", "yes")


def database_url(value: str) -> dict[str, str]:
    try:
        parts = urlsplit(value)
        port = parts.port or 5432
    except ValueError:
        raise Unfit("is not a URL") from None
    name = parts.path.removeprefix("/")
    if parts.scheme not in ("postgresql", "ecto"):
        raise Unfit("must begin with postgresql:// or ecto://")
    if not (parts.hostname and parts.username and name) or "/" in name or parts.query:
        raise Unfit("must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE, user and password percent-encoded")
    return {
        "host": parts.hostname,
        "port": str(port),
        "user": unquote(parts.username),
        "password": unquote(parts.password or ""),
        "dbname": unquote(name),
    }


def private_key_file(value: str) -> bytes:
    pem = strict_base64(value)
    if not re.match(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----", pem):
        raise Unfit("must be Base64 of a private key in PEM form")
    return pem


def service_account(value: str) -> dict:
    try:
        account = json.loads(strict_base64(value))
    except ValueError:
        raise Unfit("must be Base64 of a JSON file") from None
    missing = [name for name in ("client_email", "private_key") if not isinstance(account, dict) or name not in account]
    if missing:
        raise Unfit(f"lacks {' and '.join(missing)}")
    return account


def ipv4(value: str) -> str:
    numbers = value.split(".")
    if len(numbers) != 4 or not all(re.fullmatch(r"[0-9]{1,3}", number) and int(number) < 256 for number in numbers):
        raise Unfit("must be a dotted IPv4 address")
    return value


host_name = matching(r"[^/:\s]+", "must be a name alone, without scheme, port and path")
http_url = matching(r"https?://[^\s/]+\S*", "must be a URL")
port_number = whole(1, 65535)

READERS = {
    "DATABASE_URL": database_url,
    "DISABLE_DB_SSL": flag,
    "DATABASE_POOL_SIZE": whole(1),
    "DATABASE_TIMEOUT": whole(1),
    "DATABASE_QUEUE_TARGET": whole(1),
    "DATABASE_QUEUE_INTERVAL": whole(1),
    "ECTO_IPV6": flag,
    "PRIMARY_ENCRYPTION_KEY": base64_key(32),
    "SECRET_KEY_BASE": longer(64),
    "WORKER_RUNS_PRIVATE_KEY": private_pem,
    "WORKER_SECRET": text,
    "LISTEN_ADDRESS": ipv4,
    "PORT": port_number,
    "URL_SCHEME": one_of("http", "https"),
    "URL_HOST": host_name,
    "URL_PORT": port_number,
    "ORIGINS": text,
    "CORS_ORIGIN": text,
    "IDLE_TIMEOUT": text,
    "LOG_LEVEL": one_of("emergency", "alert", "critical", "error", "warning", "warn", "notice", "info", "debug"),
    "SENTRY_DSN": http_url,
    "MIX_ENV": text,
    "RTM": flag,
    "WORKER_MAX_RUN_DURATION_SECONDS": whole(1),
    "RUN_GRACE_PERIOD_SECONDS": whole(0),
    "MAX_DATACLIP_SIZE_MB": whole(1),
    "STORAGE_BACKEND": one_of("local", "gcs"),
    "STORAGE_PATH": text,
    "GCS_BUCKET": text,
    "GOOGLE_APPLICATION_CREDENTIALS_JSON": service_account,
    "MAIL_PROVIDER": one_of("local", "mailgun", "smtp"),
    "EMAIL_ADMIN": matching(r"[^@\s]+@[^@\s]+", "must be a mail address"),
    "EMAIL_SENDER_NAME": text,
    "MAILGUN_API_KEY": text,
    "MAILGUN_DOMAIN": text,
    "SMTP_USERNAME": text,
    "SMTP_PASSWORD": text,
    "SMTP_RELAY": text,
    "SMTP_TLS": one_of("true", "false", "if_available"),
    "SMTP_PORT": port_number,
    "GITHUB_APP_ID": text,
    "GITHUB_APP_NAME": text,
    "GITHUB_APP_CLIENT_ID": text,
    "GITHUB_APP_CLIENT_SECRET": text,
    "GITHUB_CERT": private_key_file,
    "REPO_CONNECTION_SIGNING_SECRET": text,
    "GOOGLE_CLIENT_ID": text,
    "GOOGLE_CLIENT_SECRET": text,
    "SALESFORCE_CLIENT_ID": text,
    "SALESFORCE_CLIENT_SECRET": text,
    "AI_ASSISTANT_API_KEY": text,
    "OPENAI_API_KEY": text,
    "APOLLO_ENDPOINT": matching(r"https?://[^\s/]+\S*[^/\s]", "must be a URL without a slash at the end"),
    "ALLOW_SIGNUP": flag,
    "IS_RESETTABLE_DEMO": flag,
    "ADAPTORS_PATH": text,
    "SCHEMAS_PATH": text,
    "QUEUE_RESULT_RETENTION_PERIOD_MINUTES": whole(1),
    "QUEUE_RESULT_RETENTION_PERIOD_SECONDS": whole(1),
    "K8S_HEADLESS_SERVICE": text,
    "USAGE_TRACKING_ENABLED": flag,
    "USAGE_TRACKER_HOST": http_url,
    "USAGE_TRACKING_UUIDS": one_of("cleartext", "hashed_only"),
    "USAGE_TRACKING_DAILY_BATCH_SIZE": whole(1),
    "USAGE_TRACKING_RESUBMISSION_BATCH_SIZE": whole(1),
    "USAGE_TRACKING_RUN_CHUNK_SIZE": whole(1),
    "KAFKA_TRIGGERS_ENABLED": flag,
    "KAFKA_NUMBER_OF_CONSUMERS": whole(1),
    "KAFKA_NUMBER_OF_MESSAGES_PER_SECOND": decimal(0.1),
    "KAFKA_NUMBER_OF_PROCESSORS": whole(1),
    "KAFKA_DUPLICATE_TRACKING_RETENTION_SECONDS": whole(1),
    "KAFKA_NOTIFICATION_EMBARGO_SECONDS": whole(0),
    "KAFKA_ALTERNATE_STORAGE_ENABLED": flag,
    "KAFKA_ALTERNATE_STORAGE_FILE_PATH": text,
    "KAFKA_ALTERNATE_STORAGE_PATH": text,
    "NODE_ENV": text,
}

MANDATORY = ["DATABASE_URL", "PRIMARY_ENCRYPTION_KEY", "SECRET_KEY_BASE", "WORKER_RUNS_PRIVATE_KEY", "WORKER_SECRET"]
GITHUB = ["GITHUB_APP_ID", "GITHUB_APP_NAME", "GITHUB_APP_CLIENT_ID", "GITHUB_APP_CLIENT_SECRET", "GITHUB_CERT"]
MAIL = {"mailgun": ["MAILGUN_API_KEY", "MAILGUN_DOMAIN"], "smtp": ["SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_RELAY"]}


def load(environment: Mapping[str, str]) -> dict[str, object]:
    """Every problem at once, where the real program stops at the first."""
    environment = seen(environment)
    problems: list[str] = []
    values = read(environment, READERS, problems)
    require(environment, MANDATORY, problems)
    check_groups(environment, values, problems)
    check_kafka(values, problems)
    refuse(problems)
    return values


def check_exports(values: dict[str, object]) -> None:
    """For web alone. The real program starts without, and fails at the first export."""
    problems: list[str] = []
    if values.get("STORAGE_BACKEND") != "gcs":
        check_writable("STORAGE_PATH", values, problems)
    refuse(problems)


def check_groups(environment: Mapping[str, str], values: dict[str, object], problems: list[str]) -> None:
    # The real program starts with a part of these, and fails when they are used.
    if together(environment, GITHUB, problems):
        require(environment, ["REPO_CONNECTION_SIGNING_SECRET"], problems, "is not set, but GITHUB_APP_ID is")
    together(environment, ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"], problems)
    together(environment, ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"], problems)
    together(environment, ["AI_ASSISTANT_API_KEY" if reads("AI_ASSISTANT_API_KEY") else "OPENAI_API_KEY", "APOLLO_ENDPOINT"], problems)
    if values.get("STORAGE_BACKEND") == "gcs":
        require(environment, ["GCS_BUCKET", "GOOGLE_APPLICATION_CREDENTIALS_JSON"], problems, "is not set, but STORAGE_BACKEND is gcs")
    provider = values.get("MAIL_PROVIDER")
    require(environment, MAIL.get(str(provider), []), problems, f"is not set, but MAIL_PROVIDER is {provider}")


def check_kafka(values: dict[str, object], problems: list[str]) -> None:
    if not on(values.get("KAFKA_ALTERNATE_STORAGE_ENABLED")):
        return
    # The code reads this name, whatever the guide says.
    require(values, ["KAFKA_ALTERNATE_STORAGE_FILE_PATH"], problems, "is not set, but KAFKA_ALTERNATE_STORAGE_ENABLED is on")
    check_writable("KAFKA_ALTERNATE_STORAGE_FILE_PATH", values, problems)


def check_writable(name: str, values: dict[str, object], problems: list[str]) -> None:
    if name not in values:
        return
    try:
        Path(str(values[name]), ".stand-in").write_text("writable\n")
    except OSError as error:
        problems.append(f"{name}: cannot be written to ({error.strerror})")


def main(_arguments: list[str]) -> None:
    check_exports(load(os.environ))
    print("accepted")
