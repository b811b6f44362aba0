"""Times calls through Kamailio while SIPp loads it: milliseconds from INVITE to 200, one a line.

SIPp's own clock is too coarse for that. A call without an answer counts as 2 s. Sends 20 calls a second:
probe.py PORT SECONDS.
"""

import socket
import sys
import time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
sock.settimeout(2)
own = sock.getsockname()[1]


def header(message, name):
    lines = message.split("\r\n")
    return [line for line in lines if line.lower().startswith(name.lower() + ":")]


def send(method, uri, call, cseq, to, routes=()):
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK-{method}-{call}",
        f"From: <sip:+904570000001@probe.example>;tag=probe-{call}",
        to,
        f"Call-ID: probe-{own}-{call}",
        f"CSeq: {cseq} {method}",
        f"Contact: <sip:probe@127.0.0.1:{own}>",
        "Max-Forwards: 70",
        *routes,
        "Content-Length: 0",
    ]
    sock.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", port))


def answer(call, method):
    while True:
        message = sock.recv(65535).decode()
        if f"probe-{own}-{call}\r\n" in message and header(message, "CSeq")[0].endswith(method):
            if not message.startswith("SIP/2.0 1"):
                return message


end = time.monotonic() + seconds
call = 0
while time.monotonic() < end:
    call += 1
    uri = f"sip:+9045800{call:05}@pbx.example"
    start = time.perf_counter()
    send("INVITE", uri, call, 1, f"To: <{uri}>")
    try:
        reply = answer(call, "INVITE")
    except TimeoutError:
        print(2000)
        continue
    print(f"{(time.perf_counter() - start) * 1000:.4f}")
    assert reply.startswith("SIP/2.0 200"), reply
    to = header(reply, "To")[0]
    contact = header(reply, "Contact")[0].split("<")[1].split(">")[0]
    routes = [line.replace("Record-Route", "Route") for line in header(reply, "Record-Route")]
    send("ACK", contact, call, 1, to, routes)
    send("BYE", contact, call, 2, to, routes)
    answer(call, "BYE")
    time.sleep(max(0, start + 0.05 - time.perf_counter()))
