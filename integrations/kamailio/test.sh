#!/usr/bin/env bash
# Real calls through a real Kamailio that asks callbar: installs Debian's kamailio,
# kamailio-lua-modules and sip-tester where they are missing, starts Kamailio with four workers on
# loopback and drives it with SIPp. Two minutes. STORM_SECONDS=60 for the long form of the last part.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
install_packages
build

CALLER='<sip:+905550000001@caller.example>'
CALLEE=sip:+905550000002@pbx.example

printf '%s\n' +905050047824 >"$work/spam"
printf '%s\n' +905321112233 >"$work/vip"
printf '%s\n' '+90532*' anonymous >"$work/rest"
printf '%s\n' +905070000000 >"$work/shared"
data=$work/data
mkdir "$data"
"$callbar" compile --domain shared.example --region TR --data "$data" --list dnc="$work/shared" >"$work/compile.log" 2>&1
"$callbar" compile --domain "$DOMAIN" --region TR --data "$data" --list "spam:deny:607=$work/spam" \
    --list "vip:allow=$work/vip" --list "rest=$work/rest" --subscribe shared.example >>"$work/compile.log" 2>&1

start_gateway
export CALLBAR_REFRESH=1
start_kamailio "$here/kamailio.cfg" "$data" 0

say() { printf '    %-60s' "$*"; }

echo "calls, four workers:"
for number in 05050047824 +905050047824 00905050047824; do
    for form in "sip:$number@gw.example;user=phone" "tel:$number"; do
        say "607: from $form" && call "$(barred 607 Unwanted)" "<$form>" "$CALLEE" && echo ok
        say "607: to $form" && call "$(barred 607 Unwanted)" "$CALLER" "$form" && echo ok
    done
done
say "607: from a header with a name"
call "$(barred 607 Unwanted)" '"Ali, the <caller>" <sip:05050047824@gw.example>' "$CALLEE" && echo ok
say "603: by a prefix" && call "$(barred 603 Decline)" '<sip:05321112234@a.example>' "$CALLEE" && echo ok
say "608: by a shared list" && call "$(barred 608 Rejected)" '<sip:05070000000@a.example>' "$CALLEE" && echo ok
say "433: anonymous"
call "$(barred 433 "Anonymity Disallowed")" '"Anonymous" <sip:anonymous@anonymous.invalid>' "$CALLEE" && echo ok
say "allowed, and marked" && call "$here/sipp/allow.xml" '<sip:05321112233@a.example>' "$CALLEE" && echo ok
say "on no list" && call "$here/sipp/pass.xml" "$CALLER" "$CALLEE" && echo ok
say "no number at all" && call "$here/sipp/pass.xml" '<sip:alice@a.example>' 'sip:bob@b.example' && echo ok

say "a call for help by a barred caller"
call "$here/sipp/pass.xml" '<sip:05050047824@gw.example>' 'sip:112@pbx.example' && echo ok
say "a call for help by a withheld caller"
call "$here/sipp/pass.xml" '"Anonymous" <sip:anonymous@anonymous.invalid>' 'urn:service:sos' && echo ok
# asserted IDENTITIES SCENARIO ...: a call with what a peer asserts.
asserted() {
    awk -v line="P-Asserted-Identity: $1" '{ print } /^CSeq: 1 INVITE/ { print line }' "$2" >"$work/asserted.xml"
    call "$work/asserted.xml" "${@:3}"
}
say "607: asserted beside another identity"
asserted '<sip:alice@gw.example>, <tel:+905050047824>' "$(barred 607 Unwanted)" "$CALLER" "$CALLEE" && echo ok
say "607: asserted beside another, both without brackets"
asserted 'sip:alice@gw.example, tel:+905050047824' "$(barred 607 Unwanted)" "$CALLER" "$CALLEE" && echo ok
say "433: anonymous, with an asserted number on no list"
asserted '<tel:+905550000001>' "$(barred 433 "Anonymity Disallowed")" \
    '"Anonymous" <sip:anonymous@anonymous.invalid>' "$CALLEE" && echo ok
say "allowed by the asserted number, though anonymous"
asserted '"A, <b>" <tel:+905321112233>' "$here/sipp/allow.xml" \
    '"Anonymous" <sip:anonymous@anonymous.invalid>' "$CALLEE" && echo ok

say "a mark that the caller made is not passed on"
awk '{ print } /^CSeq: 1 INVITE/ { print "X-Callbar: caller allowed by vip" }' "$here/sipp/pass.xml" |
    sed 's|<recv response="200" rtd="1" rrs="true"/>|<recv response="200" rtd="1" rrs="true"><action>\
        <ereg regexp="X-Seen: X-Callbar" search_in="msg" check_it_inverse="true" assign_to="1"/>\
        </action></recv><Reference variables="1"/>|' >"$work/forged.xml"
call "$work/forged.xml" "$CALLER" "$CALLEE" && echo ok

# Parties that nobody bars, far from the numbers above.
{ echo SEQUENTIAL; for i in $(seq 1000); do echo "90555$((1000000 + i));90556$((1000000 + i))"; done; } >"$work/parties.csv"
load_scenario "$work/load.xml"
no_call_failed() {
    wait "$load_pid" || { echo "calls failed: $(figure "$1" 'FailedCall(C)')" >&2; return 1; }
    [ "$(figure "$1" 'FailedCall(C)')" = 0 ]
    echo "ok, $(figure "$1" 'SuccessfulCall(C)') calls, $(figure "$1" 'Retransmissions(C)') retransmissions"
}

say "a number added while calls run"
load 100 8 added
sleep 2
late='<sip:05050047899@a.example>'
call "$here/sipp/pass.xml" "$late" "$CALLEE" -p $((CALLER_PORT + 1))
"$change" add "$data" "$DOMAIN" spam +905050047899 >"$work/change.log"
for _ in 1 2 3 4 5 6 7 8; do # so that every worker has its turn
    call "$(barred 607 Unwanted)" "$late" "$CALLEE" -p $((CALLER_PORT + 1))
done
"$change" remove "$data" "$DOMAIN" spam +905050047899 >>"$work/change.log"
call "$here/sipp/pass.xml" "$late" "$CALLEE" -p $((CALLER_PORT + 1))
no_call_failed added

say "the lists replaced while calls run"
load 100 6 replaced
sleep 2
"$callbar" compile --domain "$DOMAIN" --region TR --data "$data" --list "spam:deny:608=$work/shared" \
    --max-loss 100 >>"$work/compile.log" 2>&1
call "$(barred 608 Rejected)" '<sip:05070000000@a.example>' "$CALLEE" -p $((CALLER_PORT + 1))
call "$here/sipp/pass.xml" '<sip:05050047824@a.example>' "$CALLEE" -p $((CALLER_PORT + 1))
no_call_failed replaced

say "the data directory replaced while calls run"
cp -r "$data" "$work/next"
"$callbar" compile --domain "$DOMAIN" --region TR --data "$work/next" --list "spam:deny:607=$work/spam" \
    --max-loss 100 >>"$work/compile.log" 2>&1
load 100 6 moved
sleep 2
mv "$data" "$work/former"
mv "$work/next" "$data"
sleep 2
for _ in 1 2 3 4 5 6 7 8; do # every worker looks for it, and finds it
    call "$(barred 607 Unwanted)" '<sip:05050047824@a.example>' "$CALLEE" -p $((CALLER_PORT + 1))
done
call "$here/sipp/pass.xml" '<sip:05070000000@a.example>' "$CALLEE" -p $((CALLER_PORT + 1))
no_call_failed moved

seconds=${STORM_SECONDS:-10}
say "without publishes, $seconds s"
load 200 "$seconds" calm && no_call_failed calm
say "10 publishes a second, $seconds s"
load 200 "$seconds" storm
"$change" storm "$data" "$DOMAIN" 10 "$seconds" 10000
no_call_failed storm
[ "$(figure storm 'Retransmissions(C)')" -le "$(figure calm 'Retransmissions(C)')" ]

stop_kamailio
