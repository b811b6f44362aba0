"""Raw calls through Kamailio: calls.py PORT GATEWAY_PORT LOG. LOG is what Kamailio writes.

The lists of its domain are those of test.sh. A barred call must get its code and not reach the
gateway. Kamailio itself refuses some of the tricks, which is as good.
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cases
import sip

port, gateway_port, log = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
gateway = sip.Gateway(gateway_port)
checks = sip.Checks()
check = checks.check

BARRED = "+905050047824"
CALLER = "<sip:+905550000001@caller.example>"
SPAM = f"<sip:{BARRED}@gw.example>"
CALLEE = "sip:+905550000002@pbx.example"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'


def place(uri, sender, headers=(), **more):
    """A call, its status, and the request as the gateway saw it."""
    since = len(gateway.seen)
    call = sip.Call(port, uri, sender, headers, **more)
    method = more.get("method", "INVITE")
    seen = [message for message in gateway.invites(since, method) if message.get("Call-ID") == call.id]
    return call, call.status, seen[0] if seen else None


def barred(label, uri, sender, headers=(), code=607, **more):
    call, status, seen = place(uri, sender, headers, **more)
    reason = call.answer.get("Reason") if call.answer else ""
    fine = status == code and not seen and reason.startswith(f"SIP;cause={code};")
    check(label, fine, f"{status} {reason!r}{' AND RELAYED' if seen else ''}: {uri} from {sender}")


def kept_out(label, uri, sender, headers=(), **more):
    """Barred, or not read by Kamailio at all. Returns whether it was the latter."""
    call, status, seen = place(uri, sender, headers, timeout=1.2, **more)
    check(label, not seen and (status >= 400 or status == 0), f"{status}{' AND RELAYED' if seen else ''}: {uri} from {sender}")
    return status not in (433, 603, 607, 608)


def passes(label, uri, sender, headers=(), mark=None, **more):
    call, status, seen = place(uri, sender, headers, **more)
    fine = status == 200 and seen and (seen.get("X-Callbar") or None) == mark
    check(label, fine, f"{status}, mark {seen and seen.get('X-Callbar')!r}: {uri} from {sender}")
    return seen


def parties():
    for number in (BARRED, "05050047824", "00905050047824"):
        for form in (f"sip:{number}@gw.example;user=phone", f"tel:{number}", f"sips:{number}@gw.example"):
            barred("caller", CALLEE, f"<{form}>")
            barred("callee", form, CALLER)
    barred("a name", CALLEE, '"Ali, the <caller>" <sip:05050047824@gw.example>')
    barred("a prefix", CALLEE, "<sip:05321112234@a.example>", code=603)
    barred("a shared list", CALLEE, "<sip:05070000000@a.example>", code=608)
    barred("anonymous", CALLEE, ANONYMOUS, code=433)
    barred("the compact form of From", CALLEE, f"f: {SPAM}")
    passes("allowed, and marked", CALLEE, "<sip:05321112233@a.example>", mark="caller allowed by vip")
    passes("on no list", CALLEE, CALLER)
    passes("no numbers", "sip:bob@b.example", "<sip:alice@a.example>")
    passes("a forged mark", CALLEE, CALLER, ["X-Callbar: caller allowed by vip"])
    seen = passes("a route of the caller's own", CALLEE, CALLER, ["Route: <sip:192.0.2.7;lr>"])
    check("a route of the caller's own is removed", seen and not seen.get("Route"), seen and seen.get("Route"))
    for callee in ("sip:112@pbx.example", "sip:155@pbx.example", "urn:service:sos", "urn:service:sos.fire"):
        passes("a call for help, barred", callee, SPAM)
        passes("a call for help, withheld", callee, ANONYMOUS)
    kept_out("two From headers", CALLEE, CALLER, [f"From: {SPAM};tag=2"])


def identities():
    for header in (f"<sip:alice@gw.example>, <tel:{BARRED}>", f"sip:alice@gw.example, tel:{BARRED}"):
        barred("asserted", CALLEE, CALLER, ["P-Asserted-Identity: " + header])
    barred("asserted in a second header", CALLEE, CALLER,
           ["P-Asserted-Identity: <sip:alice@gw.example>", f"P-Asserted-Identity: <tel:{BARRED}>"])
    barred("preferred", CALLEE, CALLER, [f"P-Preferred-Identity: <sip:{BARRED}@gw.example>"])
    barred("remote party", CALLEE, CALLER, [f"Remote-Party-ID: <sip:{BARRED}@gw.example>;party=calling;screen=yes"])
    barred("restricted remote party", CALLEE, CALLER,
           ["Remote-Party-ID: <sip:+905550000001@gw.example>;privacy=full;screen=yes"], code=433)
    barred("restricted", CALLEE, CALLER, ["P-Asserted-Identity: <tel:+905550000001>", "Privacy: id"], code=433)
    barred("restricted in a second header", CALLEE, CALLER,
           ["P-Asserted-Identity: <tel:+905550000001>", "Privacy: header", "Privacy: id;critical"], code=433)
    barred("anonymous, asserted on no list", CALLEE, ANONYMOUS,
           ["P-Asserted-Identity: <tel:+905550000001>"], code=433)
    passes("anonymous, asserted and allowed", CALLEE, ANONYMOUS,
           ['P-Asserted-Identity: "A, <b>" <tel:+905321112233>'], mark="caller allowed by vip")


def tricks():
    count = unread = 0
    for uri in (
        "sip:{0};x=<tel:112>@h", "sip:{0};x=x?x=<tel:112>@h", "sip:{0}?x=<tel:112>@h", "sip:{0}@h;x=<tel:112>",
        "sip:{0}@h?x=<tel:112>", "sip:{0};phone-context=ims.example@h", "tel:{0};phone-context=ims.example",
        "sip:{0}%00@h", "sip:{0}%40x@h", "sip:{0}#@h", "sip:{0}%23@h", "sip:{0}p1@h", "sip:{0}99@h",
        "sip:*31#{0}@h", "sip:{0},1@h", "sip:{0}=1@h", "sip:{0}&x@h", "sip:{0}~@h", "sip:{0}/1@h", "sip:{0}!@h",
        "sip:\"{0}\"@h", "sip:'{0}'@h", "sip:{0}", "sip:{0}:5060", "sip:{0}:x@h", "sips:{0}@h", "SIP:{0}@h",
        "sip:0090505004782%34@h", "sip:0505(004)7824@h", "sip:0505-004-78-24@h", "tel:0505-004-78-24",
    ):
        for number in (BARRED, "05050047824"):
            count += 1
            unread += kept_out("trick", uri.format(number), CALLER)
    print(f"    of {count} tricks Kamailio itself refuses {unread}", flush=True)


def methods():
    barred("MESSAGE from", CALLEE, SPAM, method="MESSAGE")
    barred("MESSAGE to", f"sip:{BARRED}@pbx.example", CALLER, method="MESSAGE")
    passes("MESSAGE", CALLEE, CALLER, method="MESSAGE")
    barred("REFER from", CALLEE, SPAM, [f"Refer-To: <{CALLEE}>"], method="REFER")
    barred("REFER to a barred number", CALLEE, CALLER, [f"Refer-To: <sip:{BARRED}@pbx.example>"], method="REFER")
    barred("the compact form of Refer-To", CALLEE, CALLER, [f"r: <sip:{BARRED}@pbx.example>"], method="REFER")
    barred("REFER of an emergency number to a barred one", "sip:112@pbx.example", CALLER,
           [f"Refer-To: <sip:{BARRED}@pbx.example>"], method="REFER")
    passes("REFER", CALLEE, CALLER, ["Refer-To: <sip:+905550000003@pbx.example>"], method="REFER")
    call, status, seen = place(CALLEE, CALLER, method="SUBSCRIBE")
    check("SUBSCRIBE", status == 405 and not seen, status)
    # The caller of a redirected call asks anew.
    gateway.answers["+905550000302"] = ("302 Moved", [f"Contact: <sip:{BARRED}@pbx.example>"])
    call, status, seen = place("sip:+905550000302@pbx.example", CALLER)
    check("302", status == 302, status)
    barred("the target of a 302", call.answer.get("Contact").strip("<>"), CALLER)


def dialogs():
    own = f"Route: <sip:127.0.0.1:{port};lr>"
    elsewhere = f"sip:victim@127.0.0.1:{gateway_port}"
    for method in ("INVITE", "BYE", "MESSAGE", "REFER", "INFO", "SUBSCRIBE"):
        for routes in ([own], [own, "Route: <sip:127.0.0.1:%d;lr>" % gateway_port], []):
            call, status, seen = place(elsewhere, CALLER, routes, method=method, to_tag=";tag=forged")
            check("forged dialog, " + method, status == 481 and not seen, status)
    since = len(gateway.seen)
    call = sip.Call(port, CALLEE, CALLER, hang_up=False)
    check("call", call.status == 200, call.status)
    answer = call.within("INVITE", body=sip.SDP)
    check("INVITE in a dialog", answer and answer.status == 200, answer and answer.first)
    for method in ("INVITE", "MESSAGE", "INFO", "UPDATE", "OPTIONS"):
        answer = call.within(method, f"sip:{BARRED}@127.0.0.1:{gateway_port}")
        check(method + " in a dialog to a barred number", answer and answer.status == 607, answer and answer.first)
    answer = call.within("REFER", headers=[f"Refer-To: <sip:{BARRED}@pbx.example>"])
    check("REFER in a dialog to a barred number", answer and answer.status == 607, answer and answer.first)
    to, call.to = call.to, "To: <sip:somebody@pbx.example>;tag=other"
    answer = call.within("INVITE")
    check("another To tag", answer and answer.status == 481, answer and answer.first)
    call.to = to
    # The other end sends requests, too.
    invite = gateway.invites(since)[0]
    back = sip.Call.__new__(sip.Call)
    back.__dict__.update(call.__dict__)
    back.sender, back.to = "From: " + to[4:], call.sender.replace("From:", "To:")
    back.routes = ["Route: " + route for route in invite.all("Record-Route")]
    answer = back.within("INFO", f"sip:caller@127.0.0.1:{call.port}", timeout=2)
    check("a request of the callee", answer and answer.status == 200, answer and answer.first)
    check("BYE", call.hang_up() == 200)
    answer = call.within("BYE", timeout=1)
    # A dialog that has ended is known for some seconds.
    check("BYE once more", answer and answer.status in (200, 481), answer and answer.first)
    # Each end names itself as it likes.
    call = sip.Call(port, CALLEE, CALLER, hang_up=False, contact=BARRED)
    answer = call.within("INVITE", f"sip:{BARRED}@127.0.0.1:{call.port}", body=sip.SDP)
    check("INVITE in a dialog to the caller's own address", answer and answer.status == 607, answer and answer.first)
    check("BYE", call.hang_up() == 200)
    # A barred caller's call for help goes on as any other call.
    call = sip.Call(port, "sip:112@pbx.example", SPAM, hang_up=False)
    answer = call.within("INVITE", body=sip.SDP)
    check("INVITE within a call for help", answer and answer.status == 200, answer and answer.first)
    check("BYE of a call for help", call.hang_up() == 200)


def logs():
    place(CALLEE, f'"a\x1b[31m" {SPAM}', ["Subject: x"])
    call, status, seen = place(CALLEE, f'"a"\r\n {SPAM}')
    time.sleep(0.3)
    lines = [line for line in log.read_bytes().split(b"\n") if b"callbar: " in line]
    line = next((line for line in lines if call.id.encode() in line), b"")
    check("a line about a barred call", b"caller barred by list spam, entry +905050047824" in line and b"\\x0d\\x0a" in line, line)
    check("no control characters in the log", all(byte >= 32 for line in lines for byte in line))


def many():
    unread = 0
    for case in cases.load():
        call = case["call"]
        action, code, party = cases.wanted(case)
        headers = [*cases.headers(call), "X-Test-Domain: " + case["domain"]]
        made, status, seen = place(call["callee"], call["from"], headers, timeout=1.2)
        label = f"{case['want']}: {case['why']}"
        found = f"{status}{' AND RELAYED' if seen else ''}: {call}"
        if action == "deny":
            if status in (0, 400, 404, 478, 500) and not seen:
                unread += 1
                continue
            check(label, not seen and status == (code or status), found)
            time.sleep(0.01)
            line = next((line for line in log.read_text("latin-1").split("\n") if made.id in line), "")
            check(label + " (party)", f"{party} barred" in line, line)
        else:
            mark = seen.get("X-Callbar") if seen else ""
            check(label, seen and status == 200 and bool(mark) == (action == "allow"), found + f" mark {mark}")
    print(f"    of {len(cases.load())} cases Kamailio itself refuses {unread}", flush=True)


checks.run(parties, identities, tricks, methods, dialogs, logs, many)
