"""Raw calls through Asterisk: calls.py PORT GATEWAY_PORT LOG TRUST. LOG is what Asterisk writes, TRUST
whether the endpoint is trusted (yes or no), which must make no difference to who is barred.

The lists of its domain are those of test.sh. Asterisk makes its own call to the gateway, so the test looks at
the numbers that the gateway was called for.
"""

import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import sip

port, gateway_port, log, trust = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]
gateway = sip.Gateway(gateway_port)
checks = sip.Checks()
check = checks.check
times = []

BARRED = "+905050047824"
CALLER = "<sip:+905550000001@caller.example>"
SPAM = f"<sip:{BARRED}@gw.example>"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
CALLEE = f"sip:+905550000002@127.0.0.1:{port}"


def to(number):
    return f"sip:{number}@127.0.0.1:{port}"


def place(uri, sender, headers=(), **more):
    """A call, its status, and the users that the gateway was called for."""
    since = len(gateway.seen)
    call = sip.Call(port, uri, sender, headers, **more)
    time.sleep(0.05)
    method = more.get("method", "INVITE")
    seen = {message.uri.split("@")[0] for message in gateway.invites(since, method)}
    return call, call.status, seen


def barred(label, uri, sender, headers=(), code=607, **more):
    call, status, seen = place(uri, sender, headers, **more)
    times.append(call.ms)
    check(label, status == code and not seen, f"{status}, dialled {seen}: {uri} from {sender}")


def passes(label, uri, sender, headers=(), dialled=None, **more):
    call, status, seen = place(uri, sender, headers, **more)
    wanted = {"sip:" + (dialled or uri[4:].split("@")[0])}
    check(label, status == 200 and seen == wanted, f"{status}, dialled {seen}: {uri} from {sender}")


def parties():
    for number in (BARRED, "05050047824", "00905050047824"):
        barred("caller", CALLEE, f"<sip:{number}@gw.example;user=phone>")
        barred("callee", to(number), CALLER)
    barred("anonymous", CALLEE, ANONYMOUS, code=433)
    passes("allowed", CALLEE, "<sip:05321112233@a.example>")
    passes("on no list", CALLEE, CALLER)
    for callee in ("112", "155"):
        passes("a call for help, barred", to(callee), SPAM)
        passes("a call for help, withheld", to(callee), ANONYMOUS)
    barred("a barred caller of a name", to("bob"), SPAM)
    barred("a barred caller of a service code", to("*67"), SPAM)
    barred("a barred caller of one digit", to("5"), SPAM)
    passes("one digit", to("5"), CALLER)
    call, status, seen = place(to("bob"), CALLER)
    check("a name", status == 484 and not seen, status)
    call, status, seen = place(to("h"), CALLER)
    check("an extension of Asterisk's own", status >= 400 and not seen, status)


def identities():
    for header in (f"<sip:alice@gw.example>, <tel:{BARRED}>", f"<tel:{BARRED}>"):
        barred("asserted", CALLEE, CALLER, ["P-Asserted-Identity: " + header])
    barred("asserted in a second header", CALLEE, CALLER,
           ["P-Asserted-Identity: <sip:alice@gw.example>", f"P-Asserted-Identity: <tel:{BARRED}>"])
    barred("behind an asserted one", CALLEE, SPAM, ["P-Asserted-Identity: <tel:+905550000001>"])
    barred("preferred", CALLEE, CALLER, [f"P-Preferred-Identity: <sip:{BARRED}@gw.example>"])
    barred("remote party", CALLEE, CALLER, [f"Remote-Party-ID: <sip:{BARRED}@gw.example>;party=calling;screen=yes"])
    barred("restricted", CALLEE, CALLER, ["P-Asserted-Identity: <tel:+905550000001>", "Privacy: id"], code=433)
    barred("restricted remote party", CALLEE, CALLER,
           ["Remote-Party-ID: <sip:+905550000001@gw.example>;privacy=full;screen=yes"], code=433)
    passes("anonymous, asserted and allowed", CALLEE, ANONYMOUS, ["P-Asserted-Identity: <tel:+905321112233>"])


def tricks():
    for text in (
        f"0555&PJSIP%2F{BARRED}", f"05550000002%26PJSIP%2F{BARRED}@gateway", f"05550000002,{BARRED}",
        f"05550000002%2C{BARRED}", f"{BARRED}%00", f"{BARRED}%0d%0a", f"{BARRED}=1", f"{BARRED}~", f"{BARRED}!",
        f"{BARRED}/1", f"'{BARRED}'", f'"{BARRED}"', f"{BARRED}p1", f"{BARRED};phone-context=ims.example",
        f"{BARRED}%40x", f"{BARRED}%23", f"*31%23{BARRED}", f"{BARRED}99", f"{BARRED}&x", f"${{{BARRED}}}",
        f"05550000002%5E{BARRED}", f"05550000002:{BARRED}@",
    ):
        call, status, seen = place(to(text), CALLER, timeout=1)
        # The number before a password or a parameter is no trick.
        seen -= {"sip:05550000002"} if ":" in text else set()
        check("trick", not seen and (status == 0 or status >= 400 or ":" in text), f"{status}, dialled {seen}: {text}")
    passes("parameters of the user part are not dialled", to("05550000002;phone-context=+90"), CALLER,
           dialled="05550000002")
    gateway.answers["+905550000302"] = ("302 Moved", [f"Contact: <sip:{BARRED}@pbx.example>"])
    call, status, seen = place(to("+905550000302"), CALLER)
    check("302 to a barred number", status >= 400 and seen == {"sip:+905550000302"}, f"{status}, dialled {seen}")


def transfers():
    for number, goes in (("+905550000003", True), (BARRED, False)):
        call = sip.Call(port, CALLEE, CALLER, hang_up=False)
        # Asterisk answers before it has joined both ends, and transfers what is joined.
        time.sleep(0.5)
        since = len(gateway.seen)
        answer = call.within("REFER", headers=[f"Refer-To: <{to(number)}>", f"Referred-By: {CALLER}"], timeout=2)
        check("REFER", answer and answer.status == 202, answer and answer.first)
        for _ in range(50 if goes else 10):
            time.sleep(0.1)
            seen = {message.uri.split("@")[0] for message in gateway.invites(since)}
            if goes and seen:
                break
        check("REFER to " + number, ("sip:" + number in seen) == goes, f"dialled {seen}")
        call.hang_up()


def messages():
    # Asterisk accepts a message before the dialplan sees it.
    call, status, seen = place(CALLEE, CALLER, method="MESSAGE", body="hello")
    check("MESSAGE", status == 202, status)
    time.sleep(0.3)
    check("MESSAGE goes on", gateway.invites(0, "MESSAGE"))
    for uri, sender, headers in (
        (CALLEE, SPAM, []), (to(BARRED), CALLER, []), (CALLEE, CALLER, [f"P-Asserted-Identity: <tel:{BARRED}>"]),
    ):
        since = len(gateway.seen)
        place(uri, sender, headers, method="MESSAGE", body="hello")
        time.sleep(0.3)
        check("barred MESSAGE", not gateway.invites(since, "MESSAGE"), f"{uri} from {sender}")


def logs():
    call, status, seen = place(CALLEE, f'"a\x1b[31m, b" {SPAM}')
    call, status, seen = place(to(BARRED + "%0d%0aforged"), SPAM)
    time.sleep(0.3)
    lines = [line for line in log.read_bytes().split(b"\n") if b"callbar: " in line]
    check("a line about a barred call", any(b"caller barred by list spam, entry +905050047824" in line for line in lines))
    check("no control characters in the log", all(byte >= 32 for line in lines for byte in line), lines)
    check("no forged line", not any(line.startswith(b"forged") for line in log.read_bytes().split(b"\n")))
    # Each variable would wait for the thread that serves the channel: 200 ms together.
    check("a barred call ends at once", min(times) < 50, f"{min(times):.0f} ms")
    print(f"    a barred call takes {statistics.median(times):.0f} ms, {min(times):.0f} at least", flush=True)


checks.run(parties, identities, tricks, transfers, messages, logs)
