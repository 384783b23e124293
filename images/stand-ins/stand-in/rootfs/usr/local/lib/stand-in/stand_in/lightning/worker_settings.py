"""What the worker of OpenFn Lightning accepts in its environment."""

import os
import re
from pathlib import Path
from typing import Mapping

from ..settings import Unfit, matching, one_of, public_pem, read, refuse, require, text, whole


def workloops(value: str) -> int:
    """`fast_lane:1 manual>*:4`: the sum of its slots."""
    if not re.fullmatch(r"\S+:[1-9][0-9]*( +\S+:[1-9][0-9]*)*", value):
        raise Unfit("must be queues with slots, e.g. fast_lane:1 manual>*:4")
    return sum(int(slots) for slots in re.findall(r":([0-9]+)(?: |$)", value))


READERS = {
    "WORKER_SECRET": text,
    "WORKER_LIGHTNING_PUBLIC_KEY": public_pem,
    "WORKER_LIGHTNING_SERVICE_URL": matching(r"wss?://[^/\s]+(/\S*)?/worker", "must begin with ws:// or wss:// and end with /worker"),
    "WORKER_CAPACITY": whole(1),
    "WORKER_WORKLOOPS": workloops,
    "WORKER_MAX_RUN_DURATION_SECONDS": whole(1),
    "WORKER_MAX_RUN_MEMORY_MB": whole(1),
    "WORKER_MAX_PAYLOAD_MB": whole(1),
    "WORKER_PORT": whole(1, 65535),
    "WORKER_REPO_DIR": text,
    "WORKER_LOG_LEVEL": one_of("none", "info", "debug", "success"),
    "WORKER_BACKOFF": matching(r"[0-9.]+/[0-9.]+", "must be the shortest and longest wait in seconds, e.g. 1/10"),
    "WORKER_STATE_PROPS_TO_REMOVE": text,
    "WORKER_COLLECTIONS_URL": matching(r"https?://\S+", "must be a URL"),
    "WORKER_COLLECTIONS_VERSION": text,
    "NODE_ENV": text,
    "NODE_OPTIONS": text,
}

# The worker must never see these.
FOREIGN = ["WORKER_RUNS_PRIVATE_KEY", "PRIMARY_ENCRYPTION_KEY", "SECRET_KEY_BASE", "DATABASE_URL"]


def load(environment: Mapping[str, str]) -> dict[str, object]:
    problems: list[str] = []
    values = read(environment, READERS, problems)
    require(environment, ["WORKER_SECRET"], problems)
    require(environment, ["WORKER_LIGHTNING_PUBLIC_KEY"], problems, "is not set: the real worker would not verify run tokens and say nothing")
    if "WORKER_CAPACITY" in environment and "WORKER_WORKLOOPS" in environment:
        problems.append("WORKER_WORKLOOPS: excludes WORKER_CAPACITY")
    if "WORKER_COLLECTIONS_URL" in environment:
        require(environment, ["WORKER_COLLECTIONS_VERSION"], problems, "is not set: the real worker would ask npm before it connects")
    problems.extend(f"{name}: belongs to web, not to a worker" for name in FOREIGN if name in environment)
    check_cache(values, problems)
    refuse(problems)
    return values


def check_cache(values: dict[str, object], problems: list[str]) -> None:
    if "WORKER_REPO_DIR" not in values:
        return
    try:
        directory = Path(str(values["WORKER_REPO_DIR"]))
        directory.mkdir(parents=True, exist_ok=True)
        (directory / ".stand-in").write_text("writable\n")
    except OSError as error:
        problems.append(f"WORKER_REPO_DIR: cannot be written to ({error.strerror})")


def main(_arguments: list[str]) -> None:
    load(os.environ)
    print("accepted")
