"""Sends mutated request URIs and From headers through Kamailio with oracle.lua, and prints those that
Kamailio and callbar read differently: oracle.py PORT COUNT SEED. Kamailio must have one worker, so that it
answers in order.
"""

import collections
import random
import socket
import sys

port, count, seed = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)

NUMBERS = ["+905050047824", "05050047824", "00905050047824", "5050047824"] * 3 + [
    "112", "155", "+905321112233", "+905550000001", "0900123", "sos",
]
URIS = [
    "sip:{n}@h.example", "sip:{n}@h.example;user=phone", "sips:{n}@10.0.0.1:5061", "tel:{n}", "sip:{n}",
    "sip:{n};phone-context=+90@h", "tel:{n};phone-context=h.example", "sip:{n}:pw@h", "sip:{n}@[::1]:5060;lr",
    "sip:h.example;x={n}", "sip:{n}@h?X=y", "sip:x@{n}", "sip:{n}%40x@h", "urn:service:sos", "SIP:{n}@H",
    "sip:{n}@h;x=<tel:{m}>", "tel:{n};x=<{m}>", "sip:{n}:<{m}>@h", "sip:{m}@{n}@h", "{n}", "cid:{n}@h",
]
FROMS = [
    "<{u}>", "<{u}>;tag=1", '"A" <{u}>;tag=1', "A B <{u}>;tag=1", "{u}", "{u};tag=1", '"A, \\"<{v}>\\"" <{u}>;tag=1',
    '"<{v}>" <{u}>', "<{u}>;x=\"<{v}>\"", "{u};x=<{v}>", "<{u}>, <{v}>", "{v}, <{u}>", '"A\r\n B" <{u}>;tag=1',
    "\r\n <{u}>;tag=1", "(c <{v}>) <{u}>", "A <{v}> <{u}>", '<{u}>;tag=1;+sip.instance="<urn:uuid:1>"', '"" <{u}>',
]
PARTS = [
    "<", ">", '"', "'", ";", ":", "@", ",", "?", "&", "=", "%", "%00", "%40", "%3c", "%3C", "%3e", "%3b", "%3a", "%2b",
    "%2B", "%22", "%0d%0a", "%30", "%35", "+", "#", "*", "\t", "\x01", "\x7f", "\x80", "\xff", "\\", "\\\"", "/", "!",
    "~", "$", "(", ")", "[", "]", "-", ".", "p1", "0", "00", "9", "90", "112", "x", ";tag=1", ";x=1", ";lr",
    ";user=phone", ";phone-context=+90", ";isub=1", ";ext=1", "@h", "sip:", "tel:", "sips:", "<tel:112>",
    "<sip:+905321112233@v>", "?x=<tel:112>", "*31#", "urn:service:sos", "<>", "@@", "::", "//", "|", "^", "`", "{", "}",
]
IN_HEADERS = [" ", "\r\n ", "\r\n\t", "  ", ", "]


def uri():
    return rng.choice(URIS).format(n=rng.choice(NUMBERS), m=rng.choice(NUMBERS))


def mutate(text, parts):
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 2, 3, 5))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(8)
        if kind < 4:
            text = text[:at] + rng.choice(parts) + text[at:]
        elif kind == 4:
            text = text[:at] + text[at + rng.randrange(1, 4):]
        elif kind == 5:
            end = rng.randrange(at, len(text) + 1)
            text = text[:end] + text[at:end] + text[end:]
        elif kind == 6:
            text = text[:at] + rng.choice(parts) + text[at + 1:]
        else:
            other = uri()
            text = text[:at] + other[rng.randrange(len(other)):]
    return text


def request(number, target, sender):
    return (
        f"OPTIONS {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{number}\r\nFrom: {sender}\r\n"
        f"To: <sip:t@t.example>\r\nCall-ID: {number}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode("latin-1")


sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
sock.bind(("127.0.0.1", 0))
sock.settimeout(5)
own = sock.getsockname()[1]
statuses = collections.Counter()
kinds = collections.Counter()
differ = 0
sent = {}


def collect():
    """The answers up to that to a request that is always answered."""
    global differ
    sock.sendto(request("end", "sip:h.example", "<sip:a@b>;tag=1"), ("127.0.0.1", port))
    while True:
        head = sock.recv(65535).decode("latin-1").split("\r\n")
        number = next(line[8:].strip() for line in head if line.startswith("Call-ID:"))
        if number == "end":
            break
        kind, text = sent.pop(number)
        status = head[0].split(" ")[1]
        statuses[status] += 1
        if status == "202":
            kinds[kind] += 1
        if status[0] == "5":
            differ += 1
            if differ <= 200:
                print(f"DIFFER {kind} {head[0][8:]}: {ascii(text)}", flush=True)
    statuses["not read"] += len(sent)
    sent.clear()


for number in range(count):
    if number % 2:
        text = mutate(uri(), PARTS).replace("\r\n", "")
        kind, target, sender = "uri", text, "<sip:a@b>;tag=1"
    else:
        text = mutate(rng.choice(FROMS).format(u=uri(), v=uri()), PARTS + IN_HEADERS)
        kind, target, sender = "from", "sip:h.example", text
    sent[str(number)] = (kind, text)
    sock.sendto(request(number, target, sender), ("127.0.0.1", port))
    if number % 50 == 49:
        collect()
collect()
names = {"200": "no number", "201": "a number", "202": "a barred number", "203": "help"}
print(f"    {count} texts of seed {seed}:", ", ".join(
    f"{names.get(status, status)} {statuses[status]}" for status in sorted(statuses)), f"(barred: {dict(kinds)})")
print(f"    {differ} read in different ways")
sys.exit(differ > 0 or statuses["202"] < count // 20)
