#!/usr/bin/env python3
"""Prevents: an OpenAPI document that the running server does not keep to.

usage: schema.py CALLBAR [SECONDS]      (with the Python that has schemathesis)

schemathesis makes requests from `/callbar/v1/openapi.json`, right and wrong ones, and holds the answers
to it: documented statuses and bodies, no 5xx, wrong data refused, keys asked for. Two checks are left out:
that whatever the document allows is taken (what a number is, a schema cannot say), and that what was made
is there (an entry may be made whose expiry has passed, and is then not there for anybody).
"""

import pathlib
import subprocess
import sys

from served import Served


def main():
    callbar = sys.argv[1]
    seconds = sys.argv[2] if len(sys.argv) > 2 else "60"
    served = Served(callbar)
    served.must("PUT", "/domains/my.example", {"plan": {"region": "TR"}})
    served.must("PUT", "/domains/my.example/lists/spam", {"action": "deny"})
    served.must("POST", "/domains/my.example/lists/spam/entries", {"number": "+905050047824"})
    command = [
        pathlib.Path(sys.executable).with_name("schemathesis"),
        "run",
        f"http://127.0.0.1:{served.port}/callbar/v1/openapi.json",
        "--header",
        f"Authorization: Bearer {served.token}",
        "--exclude-checks",
        "positive_data_acceptance,ensure_resource_availability",
        # It would find its own key in the list of keys, and revoke it.
        "--exclude-path",
        "/callbar/v1/keys/{kind}/{key}",
        "--max-time",
        seconds,
        # With more, Python's own parser fails beside another thread.
        "--workers",
        "1",
        "--no-color",
    ]
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    served.end()
    # An error of its own ends a phase, and not the run.
    if told.returncode or "Runtime Error" in told.stdout:
        raise SystemExit(told.stdout)
    print("\n".join(told.stdout.splitlines()[-25:]))


if __name__ == "__main__":
    main()
