"""A SIP caller and a recording gateway on loopback, for calls that no well-behaved client makes.

Messages are sent as they are: nothing is escaped, ordered or checked. As a command, sip.py PORT FROM URI
[HEADER...] makes one call and prints the status of the answer; sip.py gateway PORT answers calls until it is
stopped.
"""

import random
import re
import socket
import sys
import threading
import time

HOST = "127.0.0.1"
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 18002 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
)


class Message:
    """A request or a response, split into its first line and its headers."""

    def __init__(self, data):
        self.text = data.decode("latin-1")
        head, _, self.body = self.text.partition("\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.first = lines[0]
        self.lines = lines[1:]
        words = self.first.split(" ")
        self.status = int(words[1]) if words[0] == "SIP/2.0" else 0
        self.method = words[0]
        self.uri = " ".join(words[1:-1])

    def all(self, name):
        """The values of all headers of this name."""
        found = []
        for line in self.lines:
            key, _, value = line.partition(":")
            if key.strip().lower() == name.lower():
                found.append(value.strip())
        return found

    def get(self, name):
        return (self.all(name) or [""])[0]


def text(first, lines, body=""):
    if body:
        lines = [*lines, "Content-Type: " + ("application/sdp" if body.startswith("v=") else "text/plain")]
    lines = [first, *lines, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode("latin-1")


def reply(request, status, extra=(), body="", tag=""):
    lines = []
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        for value in request.all(name):
            if name == "To" and tag and "tag=" not in value:
                value += ";tag=" + tag
            lines.append(f"{name}: {value}")
    return text("SIP/2.0 " + status, [*lines, *extra], body)


def new(prefix=""):
    return f"{prefix}{random.randrange(10**15)}"


class Gateway(threading.Thread):
    """Answers every call, and keeps the requests that reached it, in `seen`."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, port))
        self.port = port
        self.seen = []
        # Other answers to an INVITE, by a text that its URI holds: status and headers.
        self.answers = {}
        self.start()

    def run(self):
        while True:
            data, address = self.socket.recvfrom(65535)
            message = Message(data)
            if message.status or message.method == "CANCEL":
                continue
            self.seen.append(message)
            if message.method == "ACK":
                continue
            contact = f"Contact: <sip:gateway@{HOST}:{self.port}>"
            if message.method == "INVITE":
                for part, (status, headers) in self.answers.items():
                    if part in message.uri:
                        answer = reply(message, status, headers, tag=new("g"))
                        break
                else:
                    answer = reply(message, "200 OK", [contact], SDP, tag=new("g"))
            else:
                answer = reply(message, "200 OK", [contact], tag=new("g"))
            self.socket.sendto(answer, address)

    def invites(self, since=0, method="INVITE"):
        return [message for message in self.seen[since:] if message.method == method]


class Call:
    """One call from a socket of its own. `answer` is the final response, None if there was none."""

    def __init__(self, server, uri, sender, headers=(), method="INVITE", to=None, to_tag="", timeout=5,
                 call_id=None, hang_up=True, body=None, contact="caller"):
        self.server = server
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.port = self.socket.getsockname()[1]
        self.id = call_id or new("call")
        if not re.search(r"^(From|f)\s*:", sender, re.I):
            sender = "From: " + sender
        self.sender = sender if ";tag=" in sender else sender + ";tag=" + new("c")
        self.to = f"To: {to or '<sip:somebody@pbx.example>'}{to_tag}"
        self.contact = contact
        self.cseq = 1
        self.uri = uri
        self.headers = list(headers)
        start = time.perf_counter()
        branch = new("z9hG4bK")
        self.answer = self.ask(method, uri, headers, branch, timeout,
                               SDP if body is None and method == "INVITE" else body or "")
        self.ms = (time.perf_counter() - start) * 1000
        self.routes = []
        self.target = uri
        if self.answer and method == "INVITE":
            self.to = "To: " + self.answer.get("To")
            if self.answer.status < 300:
                self.target = re.search(r"<([^>]*)>", self.answer.get("Contact"))[1]
                self.routes = ["Route: " + route for route in reversed(self.answer.all("Record-Route"))]
                self.send("ACK", self.target, self.routes, new("z9hG4bK"))
                if hang_up:
                    self.hang_up()
            else:
                self.send("ACK", uri, [], branch)

    def hang_up(self):
        """The status of the answer to a BYE."""
        answer = self.within("BYE")
        return answer.status if answer else 0

    def within(self, method, uri=None, headers=(), routes=None, timeout=5, body=""):
        """A request inside the dialog."""
        self.cseq += 1
        routes = self.routes if routes is None else routes
        answer = self.ask(method, uri or self.target, [*routes, *headers], new("z9hG4bK"), timeout, body)
        if method == "INVITE" and answer and answer.status < 300:
            self.send("ACK", uri or self.target, routes, new("z9hG4bK"))
        return answer

    def send(self, method, uri, headers, branch, body=""):
        lines = [
            f"Via: SIP/2.0/UDP {HOST}:{self.port};branch={branch};rport", *headers, self.sender, self.to,
            f"Call-ID: {self.id}", f"CSeq: {self.cseq} {method}",
            f"Contact: <sip:{self.contact}@{HOST}:{self.port}>", "Max-Forwards: 70",
        ]
        self.socket.sendto(text(f"{method} {uri} SIP/2.0", lines, body), (HOST, self.server))

    def ask(self, method, uri, headers, branch, timeout, body=""):
        """Sends a request, again each half second until something comes back; its final response."""
        end = time.monotonic() + timeout
        heard = False
        self.send(method, uri, headers, branch, body)
        self.socket.settimeout(0.5)
        while time.monotonic() < end:
            try:
                message = Message(self.socket.recv(65535))
            except TimeoutError:
                if not heard:
                    self.send(method, uri, headers, branch, body)
                continue
            if not message.status:
                if message.method != "ACK":
                    self.socket.sendto(reply(message, "200 OK"), (HOST, self.server))
                continue
            # An answer to a request that could not be read has no CSeq to go by.
            if message.get("CSeq").split(" ")[-1] not in (method, ""):
                continue
            heard = True
            if message.status >= 200:
                return message
        return None

    @property
    def status(self):
        return self.answer.status if self.answer else 0


class Checks:
    """Counts what held, and prints what did not."""

    def __init__(self):
        self.count = self.failures = 0

    def check(self, label, fine, found=""):
        self.count += 1
        if not fine:
            self.failures += 1
            print(f"    FAILED {label}: {ascii(found)}", flush=True)

    def run(self, *parts):
        for part in parts:
            before, start = self.failures, time.monotonic()
            part()
            result = "ok" if self.failures == before else "FAILED"
            print(f"    {part.__name__}: {result}, {time.monotonic() - start:.1f} s", flush=True)
        print(f"    {self.count} checks, {self.failures} failed")
        sys.exit(self.failures > 0)


if __name__ == "__main__":
    if sys.argv[1] == "gateway":
        Gateway(int(sys.argv[2])).join()
    port, sender, uri, *headers = sys.argv[1:]
    print(Call(int(port), uri, sender, headers).status)
