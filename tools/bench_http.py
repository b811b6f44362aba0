#!/usr/bin/env python3
"""Measures the requests that `callbar serve` answers, with the load on the same cores. Needs wrk.

usage: bench_http.py [--test] [BINARY]      (cargo build --release)

A base of one million numbers, 64 connections, ten seconds each:
1. Reads of a single number; one in ten is listed. At least 15,000 a second.
2. Checks of a single number. No bound.
3. Adds, each durable before it is answered. At least 4,000 a second.
The p99 of 1 and 3 is at most 25 ms. Every request must succeed.

`--test` takes a base of a thousand and a second each.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/clients"))

from served import Served  # noqa: E402

CONNECTIONS = 64
DOMAIN = "/domains/load.example"
LIST = f"{DOMAIN}/lists/spam"
V1 = "/callbar/v1"

# Each thread of wrk has its own Lua state. `id` keeps their numbers apart.
COMMON = """
local threads = 0
function setup(thread) thread:set("id", threads) threads = threads + 1 end
function init() math.randomseed(17 + id) wrk.headers["Authorization"] = "Bearer {token}" end
function done(summary, latency, requests)
    io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.connect
        + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""
READ = """
function request()
    return wrk.format("GET", string.format("{list}/entries/%%2B9050%08d", math.random(0, {count} * 10 - 1)))
end
"""
CHECK = """
function request()
    wrk.headers["Content-Type"] = "application/json"
    local body = string.format('{{"number": "+9050%08d"}}', math.random(0, {count} * 10 - 1))
    return wrk.format("POST", "{domain}/check", nil, body)
end
"""
ADD = """
local at = 0
function request()
    at = at + 1
    wrk.headers["Content-Type"] = "application/json"
    local body = string.format('{{"number": "+9053%d%07d"}}', id, at)
    return wrk.format("POST", "{list}/entries", nil, body)
end
"""


def load(served, script, count, seconds):
    """Returns requests a second, and the median and the p99 in milliseconds."""
    text = COMMON.replace("{token}", served.token) + script.format(
        list=V1 + LIST, domain=V1 + DOMAIN, count=count
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(text)
        file.flush()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", file.name]
        command.append(f"http://127.0.0.1:{served.port}")
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, median, p99, errors = map(float, re.search(r"RESULT (\S+) (\S+) (\S+) (\S+)", output).groups())
    if errors:
        raise SystemExit(f"{errors:.0f} requests failed:\n{output}")
    return rate, median, p99


def bad_answers(served):
    """Counts requests that the server refused or failed. 404 is a good answer to a read."""
    connection = served.connect()
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {served.token}"})
    text = connection.getresponse().read().decode()
    counts = re.findall(r'^callbar_rejected_requests_total\{code="([^"]*)"\} (\d+)', text, re.M)
    return {code: int(count) for code, count in counts if code != "unknown_entry" and int(count)}


def main():
    test = "--test" in sys.argv
    rest = [word for word in sys.argv[1:] if word != "--test"]
    callbar = rest[0] if rest else str(ROOT / "target/release/callbar")
    count, seconds = (1_000, 1) if test else (1_000_000, 10)
    served = Served(callbar, "--rate", "1000000")
    served.must("PUT", DOMAIN, {"plan": {"region": "TR"}})
    # Every tenth number of a range.
    base = "".join(f"+9050{at * 10:08d}\n" for at in range(count))
    done = served.must("POST", f"{LIST}/import?make_list=true", base.encode(), "text/plain")
    assert done["added"] == count, done
    print(f"base of {count} numbers, {CONNECTIONS} connections, {seconds} s each")
    print(f"{'':<28}{'a second':>10}{'median ms':>11}{'p99 ms':>9}")
    for name, script, least in [("reads", READ, 15_000), ("checks", CHECK, 0), ("durable adds", ADD, 4_000)]:
        rate, median, p99 = load(served, script, count, seconds)
        reached = rate >= least and (p99 <= 25 or not least)
        mark = "" if not least else "  ok" if reached else f"  SHORT (>= {least}, p99 <= 25 ms)"
        print(f"{name:<28}{rate:>10.0f}{median:>11.2f}{p99:>9.2f}{mark}", flush=True)
    refused = bad_answers(served)
    if refused:
        raise SystemExit(f"requests were refused: {refused}")
    served.end()


if __name__ == "__main__":
    main()
