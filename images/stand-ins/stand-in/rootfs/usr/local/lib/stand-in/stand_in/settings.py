"""Readers of environment variables, as strict as the programs that are stood in for. No message shows a value: it may be a secret."""

import base64
import re
import subprocess
from typing import Callable, Mapping

Reader = Callable[[str], object]


class Refused(Exception):
    """The program does not start. One problem a line, each beginning with the variable."""


class Unfit(Exception):
    """What is wrong with one value."""


def read(environment: Mapping[str, str], readers: Mapping[str, Reader], problems: list[str]) -> dict[str, object]:
    """The values of all variables that are set. An empty one is a problem, whatever its kind."""
    values: dict[str, object] = {}
    for name, reader in readers.items():
        if name not in environment:
            continue
        try:
            if environment[name] == "":
                raise Unfit("is empty: leave it out instead")
            values[name] = reader(environment[name])
        except Unfit as unfit:
            problems.append(f"{name}: {unfit}")
    return values


def require(environment: Mapping[str, str], names: list[str], problems: list[str], why: str = "is not set") -> None:
    problems.extend(f"{name}: {why}" for name in names if name not in environment)


def together(environment: Mapping[str, str], names: list[str], problems: list[str]) -> bool:
    """All or none. Whether they are set."""
    given = [name for name in names if name in environment]
    if given:
        require(environment, names, problems, f"is not set, but {given[0]} is: they belong together")
    return bool(given)


def refuse(problems: list[str]) -> None:
    if problems:
        raise Refused("\n".join(problems))


def text(value: str) -> str:
    return value


def one_of(*words: str) -> Reader:
    def reader(value: str) -> str:
        if value not in words:
            raise Unfit(f"must be one of {', '.join(words)}")
        return value

    return reader


def whole(least: int = 0, most: int | None = None) -> Reader:
    def reader(value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            raise Unfit("must be a whole number")
        number = int(value)
        if number < least or (most is not None and number > most):
            raise Unfit(f"must be at least {least}" + ("" if most is None else f" and at most {most}"))
        return number

    return reader


def decimal(least: float) -> Reader:
    def reader(value: str) -> float:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
            raise Unfit("must be a number")
        if float(value) < least:
            raise Unfit(f"must be at least {least}")
        return float(value)

    return reader


def longer(least: int) -> Reader:
    def reader(value: str) -> str:
        if len(value.encode()) < least:
            raise Unfit(f"must have at least {least} bytes")
        return value

    return reader


def matching(pattern: str, problem: str) -> Reader:
    def reader(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise Unfit(problem)
        return value

    return reader


def strict_base64(value: str) -> bytes:
    """Standard alphabet, padded, one line."""
    if "-----BEGIN" in value or value.lstrip().startswith("{"):
        raise Unfit("must be Base64, on one line, of the whole text: this is the text itself")
    if len(value) % 4 != 0 or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", value):
        raise Unfit("must be Base64: standard alphabet, padded, on one line")
    return base64.b64decode(value)


def base64_key(size: int) -> Reader:
    def reader(value: str) -> bytes:
        key = strict_base64(value)
        if len(key) != size:
            raise Unfit(f"must be Base64 of exactly {size} bytes, and is of {len(key)}")
        return key

    return reader


def unpadded_base64(value: str) -> bytes:
    """Padding or not; the rest as strict as above."""
    bare = value.rstrip("=")
    return strict_base64(bare + "=" * (-len(bare) % 4))


def private_pem(value: str) -> bytes:
    """Base64 of an RSA private key in PEM form, PKCS#1 or PKCS#8."""
    pem = unpadded_base64(value)
    if not re.match(rb"-----BEGIN (RSA )?PRIVATE KEY-----", pem):
        raise Unfit("must be Base64 of a private key in PEM form")
    check_rsa(pem)
    return pem


def check_rsa(pem: bytes) -> None:
    result = subprocess.run(["openssl", "rsa", "-noout", "-text"], input=pem, capture_output=True, check=False)
    size = re.search(rb"-Key: \(([0-9]+) bit", result.stdout)
    if result.returncode != 0 or size is None:
        raise Unfit("must be an RSA key")
    if int(size[1]) < 2048:
        raise Unfit(f"must be an RSA key of 2048 bits or more, and has {int(size[1])}")
