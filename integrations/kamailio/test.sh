#!/usr/bin/env bash
# Real calls through a real Kamailio that asks callbar: installs Debian's kamailio,
# kamailio-lua-modules and sip-tester where they are missing, starts Kamailio with four workers on
# loopback, and drives it with raw requests and with SIPp. Two minutes.
#
# test.sh SUITE runs the Kamailio of another Debian release, trixie or testing, in a root directory.
# STORM_SECONDS=60 for the long form of the last part, 0 to leave it out.
set -euo pipefail
suite=${1:-}
source "$(dirname "$0")/lib.sh"
install_packages
build
echo "    $(inside kamailio -v | head -n 1), $(embedded_lua)"

CALLER='<sip:+905550000001@caller.example>'
CALLEE=sip:+905550000002@pbx.example
SPAM='<sip:05050047824@gw.example>'

printf '%s\n' +905050047824 >"$work/spam"
printf '%s\n' +905321112233 >"$work/vip"
printf '%s\n' '+90532*' anonymous >"$work/rest"
printf '%s\n' +905070000000 >"$work/shared"
data=$work/data
mkdir "$data"
"$callbar" compile --domain shared.example --region TR --data "$data" --list dnc="$work/shared" >"$work/compile.log" 2>&1
"$callbar" compile --domain "$DOMAIN" --region TR --data "$data" --list "spam:deny:607=$work/spam" \
    --list "vip:allow=$work/vip" --list "rest=$work/rest" --subscribe shared.example >>"$work/compile.log" 2>&1
python3 -B "$here/../cases.py" "$callbar" "$data" >>"$work/compile.log" 2>&1

say() { printf '    %-60s' "$*"; }
export CALLBAR_REFRESH=1

echo "raw calls, four workers:"
script=cases.lua start_kamailio kamailio.cfg "$data" 0
python3 -B "$here/calls.py" "$KAMAILIO_PORT" "$GATEWAY_PORT" "$work/kamailio.log"
say "barred calls are counted"
count=$(inside kamcmd -s "unix:$work/run/kamailio_ctl" stats.get_statistics callbar_barred | sed 's/.*= *//')
[ "$count" -gt 100 ] && echo "ok, $count"
stop_kamailio

start_gateway
# logged TEXT: whether Kamailio has written it.
logged() { grep -q "$1" "$work/kamailio.log" || { echo "not in the log: $1" >&2; return 1; }; }

say "no such domain: calls go on, and the log says so"
domain=none.example start_kamailio kamailio.cfg "$data" 0
for _ in 1 2 3 4 5 6 7 8; do answered 200 "$SPAM" "$CALLEE"; done
logged 'callbar: no decision, calls go on: no such domain'
[ "$(grep -c 'no decision' "$work/kamailio.log")" -le 4 ]
stop_kamailio
echo ok
say "no directory, and calls are to be denied: 503"
CALLBAR_ON_ERROR=deny start_kamailio kamailio.cfg "$work/nowhere" 0
answered 503 "$CALLER" "$CALLEE"
logged 'callbar: no decision, calls are answered 503'
stop_kamailio
echo ok
say "no module: calls go on, and the log says so"
mkdir "$work/half"
cp "$work/modules/callbar_call.lua" "$work/half"
modules=$work/half start_kamailio kamailio.cfg "$data" 0
answered 200 "$SPAM" "$CALLEE"
logged "module 'callbar' not found"
stop_kamailio
echo ok
say "strict: 484 for what is not plainly one number"
CALLBAR_STRICT=1 start_kamailio kamailio.cfg "$data" 0
answered 200 "$CALLER" "$CALLEE"
answered 200 "$CALLER" sip:bob@pbx.example
answered 200 "$SPAM" sip:112@pbx.example
answered 484 "$CALLER" 'sip:+905550000002=1@pbx.example'
stop_kamailio
echo ok
say "without a gateway it does not start, and says why"
! env -u CALLBAR_GATEWAY CALLBAR_MODULES="$work/modules" timeout 10 bash -c "$(declare -f inside_exec)
    system=$system; inside_exec kamailio -DD -E -w $work/run -Y $work/run -f $work/etc/kamailio.cfg \
    -A PORT=$KAMAILIO_PORT -A 'SCRIPT=\"$work/etc/callbar.lua\"'" >"$work/kamailio.log" 2>&1
logged 'callbar: CALLBAR_GATEWAY is not set'
echo ok

# Parties that nobody bars, far from the numbers above.
{ echo SEQUENTIAL; for i in $(seq 1000); do echo "90555$((1000000 + i));90556$((1000000 + i))"; done; } >"$work/parties.csv"
load_scenario "$work/load.xml"
no_call_failed() {
    wait "$load_pid" || { echo "calls failed: $(figure "$1" 'FailedCall(C)')" >&2; return 1; }
    [ "$(figure "$1" 'FailedCall(C)')" = 0 ]
    echo "ok, $(figure "$1" 'SuccessfulCall(C)') calls, $(figure "$1" 'Retransmissions(C)') retransmissions"
}

echo "SIPp, four workers:"
start_kamailio kamailio.cfg "$data" 0
say "a number added while calls run"
load 100 8 added
sleep 2
late='<sip:05050047899@a.example>'
answered 200 "$late" "$CALLEE"
"$change" add "$data" "$DOMAIN" spam +905050047899 >"$work/change.log"
for _ in 1 2 3 4 5 6 7 8; do # so that every worker has its turn
    answered 607 "$late" "$CALLEE"
done
"$change" remove "$data" "$DOMAIN" spam +905050047899 >>"$work/change.log"
answered 200 "$late" "$CALLEE"
no_call_failed added

say "the lists replaced while calls run"
load 100 6 replaced
sleep 2
"$callbar" compile --domain "$DOMAIN" --region TR --data "$data" --list "spam:deny:608=$work/shared" \
    --max-loss 100 >>"$work/compile.log" 2>&1
answered 608 '<sip:05070000000@a.example>' "$CALLEE"
answered 200 '<sip:05050047824@a.example>' "$CALLEE"
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
    answered 607 '<sip:05050047824@a.example>' "$CALLEE"
done
answered 200 '<sip:05070000000@a.example>' "$CALLEE"
no_call_failed moved

seconds=${STORM_SECONDS:-10}
if [ "$seconds" -gt 0 ]; then
    say "without publishes, $seconds s"
    load 200 "$seconds" calm && no_call_failed calm
    say "10 publishes a second, $seconds s"
    load 200 "$seconds" storm
    "$change" storm "$data" "$DOMAIN" 10 "$seconds" 10000
    no_call_failed storm
    [ "$(figure storm 'Retransmissions(C)')" -le "$(figure calm 'Retransmissions(C)')" ]
fi

stop_kamailio
