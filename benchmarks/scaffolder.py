"""What it costs the small portal to judge many components, the source of one of which hangs.

    python benchmarks/scaffolder.py [--components N]

Each is a service of its own in a repository of its own, two are judged at once, and the hanging source is given up
after five seconds. The second scan finds nothing changed. Memory is the most that was resident: of the backend alone,
and of all the programs that it had started together.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORTAL = ROOT / "scaffolder" / "portal"
NODE = ROOT / "build" / "node" / "bin"

BOUND = 600
"""The most that the backend may hold while it judges 200 components, in MiB."""


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--components", type=int, default=200, help="how many are judged (default: 200)")
    components = options.parse_args().components
    if not (ROOT / "scaffolder" / "node_modules" / ".installed").is_file():
        print("the portal is left out: run `make tools`")
        return 0
    command = [str(NODE / "node"), "--import", "tsx", "src/bench.ts", str(components)]
    environment = os.environ | {"GOLDENPATH_PYTHON": sys.executable}
    done = subprocess.run(command, cwd=PORTAL, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return done.returncode
    scans = json.loads(done.stdout.splitlines()[-1])
    print(f"{components} components in a portal{'time':>9}{'backend':>14}{'programs':>14}{'reads':>8}")
    for name, scan in (("all are read", scans["first"]), ("nothing has changed", scans["second"])):
        backend, children = (f"{scan[part]:.0f} MiB" for part in ("backend", "children"))
        print(f"  {name:<24}{scan['seconds']:>7.1f} s{backend:>14}{children:>14}{scan['reads']:>8}")
    return int(scans["first"]["backend"] > BOUND)


if __name__ == "__main__":
    sys.exit(main())
