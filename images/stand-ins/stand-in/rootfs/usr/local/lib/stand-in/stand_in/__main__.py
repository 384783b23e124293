"""python3 -m stand_in <role> [argument...]"""

import importlib
import sys

from .settings import Refused

# Role -> module with `main(arguments)`. Imported only when played: checking settings needs no library beside Python's own.
ROLES = {
    "lightning-web": "stand_in.lightning.web",
    "lightning-migrate": "stand_in.lightning.migrate",
    "lightning-command": "stand_in.lightning.command",
    "lightning-check-web": "stand_in.lightning.web_settings",
}


def main() -> int:
    role = sys.argv[1] if len(sys.argv) > 1 else ""
    if role not in ROLES:
        print(f"stand-in: no role is called {role!r}: known are {', '.join(ROLES)}", file=sys.stderr)
        return 2
    try:
        importlib.import_module(ROLES[role]).main(sys.argv[2:])
    except Refused as refused:
        for line in str(refused).split("\n"):
            print(f"stand-in {role}: {line}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
