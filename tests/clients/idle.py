#!/usr/bin/env python3
"""Prevents: a server that idle connections take from everybody else.

usage: idle.py CALLBAR [CONNECTIONS]

Opens 10,000 connections that send nothing, then a head that never ends on some of them, and asks the
server meanwhile. It must answer within a second, and end the idle ones by itself.
"""

import pathlib
import resource
import socket
import sys
import time

from served import Served

# As `Limits` has it, the time that a head may take.
HEAD_SECONDS = 15
SLOWEST_SECONDS = 1.0


def resident_mb(process):
    status = pathlib.Path("/proc", str(process.pid), "status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main():
    callbar = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 200
    if soft < wanted and hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{count} connections need {wanted} open files and {hard} are allowed: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    served = Served(callbar)
    served.must("PUT", "/domains/idle.example", {"plan": {"region": "TR"}})
    before = resident_mb(served.process)
    opened = time.monotonic()
    idle = []
    for at in range(count):
        connection = socket.create_connection(("127.0.0.1", served.port))
        if at % 10 == 0:
            connection.sendall(b"GET /callbar/v1/domains HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
        idle.append(connection)
    slowest, asked = 0.0, 0
    # A busy machine may have taken that long to open them.
    while asked < 20 or time.monotonic() - opened < HEAD_SECONDS - 5:
        asked += 1
        start = time.monotonic()
        served.must("GET", "/domains/idle.example")
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.1)
    held = resident_mb(served.process)
    print(f"{count} idle connections: {held - before:.0f} MB, slowest answer {slowest * 1000:.0f} ms")
    if slowest > SLOWEST_SECONDS:
        raise SystemExit(f"a request took {slowest:.1f} s beside idle connections")
    # The server closes each: the end of the stream comes, or 408 before it.
    for connection in idle:
        connection.settimeout(HEAD_SECONDS + 15)
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass
        connection.close()
    print(f"all ended by the server within {time.monotonic() - opened:.0f} s")
    served.must("GET", "/domains/idle.example")
    served.end()


if __name__ == "__main__":
    main()
