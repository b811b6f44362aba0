#!/usr/bin/env python3
"""Prevents: a server that has acknowledged a change and forgets it when it is killed.

usage: killed.py CALLBAR [ROUNDS]

Clients add numbers, each as fast as its own are acknowledged; some remove again what they added. The
server is killed with SIGKILL in the middle and started again: whatever was acknowledged must be in the
store and in force for checks. What was asked and not acknowledged may be either.
"""

import http.client
import sys
import threading
import time

from served import Served

CLIENTS = 16
SECONDS = 2.0
LIST = "/domains/kill.example/lists/spam"


def number(of_round, client, at):
    return f"+9050{of_round % 10}{client:02}{at:05}"


def add_until_killed(served, of_round, client, acknowledged):
    """Notes in `acknowledged` what each number's last acknowledged state is: listed or not."""
    connection = served.connect()
    at = 0
    try:
        while True:
            written = number(of_round, client, at)
            # Unknown from the request to its answer.
            acknowledged[written] = None
            status, _ = served.ask("POST", f"{LIST}/entries", {"number": written}, connection=connection)
            assert status == 201, f"adding {written}: {status}"
            acknowledged[written] = True
            if at % 3 == 2:
                acknowledged[written] = None
                status, _ = served.ask("DELETE", f"{LIST}/entries/{written}", connection=connection)
                assert status == 200, f"removing {written}: {status}"
                acknowledged[written] = False
            at += 1
    except (OSError, http.client.HTTPException):
        # Killed.
        pass


def verify(served, acknowledged):
    """Every acknowledged state is in the store and in force."""
    connection = served.connect()
    wrong = []
    known = [(written, listed) for written, listed in acknowledged.items() if listed is not None]
    for start in range(0, len(known), 500):
        part = known[start : start + 500]
        asked = {"numbers": [written for written, _ in part]}
        answer = served.must("POST", "/domains/kill.example/check", asked, connection=connection)
        verdicts = [verdict["verdict"] for verdict in answer["answers"]]
        for (written, listed), verdict in zip(part, verdicts, strict=True):
            status, _ = served.ask("GET", f"{LIST}/entries/{written}", connection=connection)
            if (verdict == "deny") != listed or (status == 200) != listed:
                wrong.append((written, listed, verdict, status))
    if wrong:
        raise SystemExit(f"{len(wrong)} acknowledged changes were lost, among them {wrong[:5]}")
    return len(known)


def main():
    callbar = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    served = Served(callbar)
    served.must("PUT", "/domains/kill.example", {"plan": {"region": "TR"}})
    served.must("PUT", LIST, {"action": "deny"})
    acknowledged = {}
    for of_round in range(rounds):
        before = len(acknowledged)
        threads = [
            threading.Thread(target=add_until_killed, args=(served, of_round, client, acknowledged))
            for client in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS)
        served.kill()
        for thread in threads:
            thread.join()
        if len(acknowledged) - before < CLIENTS:
            raise SystemExit("next to nothing was acknowledged before the server was killed")
        served.start()
        print(f"killed {of_round + 1} times: {verify(served, acknowledged)} acknowledged changes hold")
    served.end()


if __name__ == "__main__":
    main()
