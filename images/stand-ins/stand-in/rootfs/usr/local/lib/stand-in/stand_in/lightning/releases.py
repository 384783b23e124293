"""What depends on the release of Lightning that is stood in for."""

import os
from typing import Mapping

VERSION = os.environ.get("STAND_IN_VERSION", "0")

NEVER = "0"

# Variable -> release that was the first to read it.
SINCE = {
    "AI_ASSISTANT_API_KEY": "2.10.9",
    "QUEUE_RESULT_RETENTION_PERIOD_MINUTES": "2.13.2",
}

# Variable -> release that was the first not to read it any more.
UNTIL = {
    "OPENAI_API_KEY": "2.10.9",
    "QUEUE_RESULT_RETENTION_PERIOD_SECONDS": "2.13.2",
    # In the guide, and in no code.
    "KAFKA_ALTERNATE_STORAGE_PATH": NEVER,
    "MIX_ENV": NEVER,
    "NODE_ENV": NEVER,
}


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-")[0].split("."))


def reads(name: str, version: str = VERSION) -> bool:
    """Whether this release looks at a variable. One that it does not look at is ignored, whatever its value."""
    return number(SINCE.get(name, NEVER)) <= number(version) and not (name in UNTIL and number(UNTIL[name]) <= number(version))


def seen(environment: Mapping[str, str], version: str = VERSION) -> dict[str, str]:
    """The environment as this release sees it."""
    return {name: value for name, value in environment.items() if reads(name, version)}
