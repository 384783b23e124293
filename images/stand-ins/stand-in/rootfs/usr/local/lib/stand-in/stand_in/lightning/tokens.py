"""The two tokens between web and workers: a worker shows one to connect, and gets one for each run that it claims."""

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

ISSUER = "Lightning"


def verify_worker(token: str, secret: str) -> dict[str, Any]:
    """WORKER_SECRET itself is the key. No time is demanded, but one that is there must fit. Raises jwt.InvalidTokenError."""
    return jwt.decode(token, secret, algorithms=["HS256"], leeway=5)


class RunTokens:
    """Signed with WORKER_RUNS_PRIVATE_KEY, which web alone has; workers verify them with its public half."""

    def __init__(self, private_key: bytes, seconds: int):
        self.private_key = load_pem_private_key(private_key, None)
        self.seconds = seconds

    def issue(self, run: str) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "id": run, "iat": now, "nbf": now, "exp": now + self.seconds}
        return jwt.encode(claims, self.private_key, algorithm="RS256")

    def verify(self, token: object, run: str) -> bool:
        """Whether it is ours, in time, and for this run."""
        try:
            claims = jwt.decode(token, self.private_key.public_key(), algorithms=["RS256"], issuer=ISSUER, options={"require": ["exp"]})
        except jwt.InvalidTokenError:
            return False
        return claims.get("id") == run
