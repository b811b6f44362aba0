#!/usr/bin/env bash
# Real calls through a real Asterisk: takes Asterisk 22 of Debian testing in a root directory of its
# own, starts it on loopback with extensions.lua, and sends it raw requests. Needs root rights. Half a
# minute, and one more where the root directory is not there yet.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
callbar=$root/target/release/callbar
port=${ASTERISK_PORT:-15160}
gateway_port=${GATEWAY_PORT:-15170}

[ "$(id -u)" = 0 ] || { echo "a root directory of its own needs root rights" >&2; exit 1; }
system=$("$here/../root.sh" testing)
# One path, there and here.
inner=$(mktemp -d -p "$system/tmp")
work=/tmp/${inner##*/}
ln -s "$inner" "$work"
pid=
gateway=
clean_up() {
    local status=$?
    [ $status = 0 ] || { echo "failed; the end of each log:"; tail -n 15 "$work"/*.log; } >&2
    for pid in $pid $gateway; do
        kill "$pid" 2>/dev/null && wait "$pid" || true
    done
    rm -rf "$inner" "$work"
    exit $status
}
trap clean_up EXIT

(cd "$root" && cargo build -q --release -p callbar-cli)
"$root/bindings/lua/build.sh" lua51 "$work/modules"
cp "$here/../lua/callbar_call.lua" "$work/modules"
echo +905050047824 >"$work/spam"
echo +905321112233 >"$work/vip"
printf '%s\n' anonymous >"$work/rest"
mkdir "$work/data"
"$callbar" compile --domain my.example --region TR --data "$work/data" --list "spam:deny:607=$work/spam" \
    --list "vip:allow=$work/vip" --list "rest=$work/rest" >"$work/compile.log" 2>&1

# The packaged configuration with our dialplan and endpoints.
cp -r "$system/etc/asterisk" "$work/etc"
rm -f "$work"/etc/extensions.*
cp "$here/extensions.lua" "$work/etc"
mkdir -p "$work/log/cdr-csv" "$work/run" "$work/db"
sed "s|^astetcdir.*|astetcdir => $work/etc|; s|^astlogdir.*|astlogdir => $work/log|
    s|^astrundir.*|astrundir => $work/run|; s|^astdbdir.*|astdbdir => $work/db|; s|(!)||" \
    "$system/etc/asterisk/asterisk.conf" >"$work/etc/asterisk.conf"

# start TRUST: until it answers.
start() {
    sed "s/PORT/$port/; s/GATEWAY/$gateway_port/; s/TRUST/$1/" "$here/pjsip.conf" >"$work/etc/pjsip.conf"
    CALLBAR_MODULES=${modules:-$work/modules} CALLBAR_DATA=${data:-$work/data} CALLBAR_DOMAIN=my.example \
        chroot "$system" asterisk -f -C "$work/etc/asterisk.conf" >"$work/asterisk.log" 2>&1 &
    pid=$!
    local try
    for try in $(seq 300); do
        [ "$(asterisk_says 'core waitfullybooted' 2>/dev/null)" = "Asterisk has fully booted." ] && return
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "Asterisk did not start" >&2
    return 1
}
asterisk_says() { chroot "$system" asterisk -C "$work/etc/asterisk.conf" -rx "$*"; }
stop() {
    kill "$pid"
    wait "$pid" || true
    pid=
}
# answered CODE FROM NUMBER: one call; fails if it is not answered so.
answered() {
    local status
    status=$(python3 -B "$here/../sip.py" "$port" "$2" "sip:$3@127.0.0.1:$port")
    [ "$status" = "$1" ] || { echo "answered $status, not $1: from $2 to $3" >&2; return 1; }
}
logged() { grep -q "$1" "$work/log/messages.log" || { echo "not in the log: $1" >&2; return 1; }; }
say() { printf '    %-60s' "$*"; }

export CALLBAR_REFRESH=1
for trust in no yes; do
    start "$trust"
    echo "raw calls, $(asterisk_says core show version | cut -d' ' -f1-2), trust_id_inbound=$trust:"
    python3 -B "$here/calls.py" "$port" "$gateway_port" "$work/log/messages.log" "$trust"
    stop
done

python3 -B "$here/../sip.py" gateway "$gateway_port" &
gateway=$!
CALLER='<sip:+905550000001@caller.example>'
SPAM='<sip:05050047824@gw.example>'

say "no module: it starts, calls go on, and the log says so"
mkdir "$work/half" "$work/none"
cp "$work/modules/callbar_call.lua" "$work/half"
modules=$work/half start no
answered 200 "$SPAM" 05550000002
logged "no decision, calls go on: module 'callbar' not found"
stop
echo ok
say "no script of ours and calls are to be denied: 503"
CALLBAR_ON_ERROR=deny modules=$work/none start no
answered 503 "$CALLER" 05550000002
logged "callbar: module 'callbar_call' not found"
stop
echo ok
say "no directory, then one: found without a restart"
data=$work/later start no
for _ in 1 2 3; do answered 200 "$SPAM" 05550000002; done
logged 'no decision, calls go on'
[ "$(grep -c "$work/later" "$work/log/messages.log")" = 1 ]
mv "$work/data" "$work/later"
answered 607 "$SPAM" 05550000002
echo ok
say "a directory in place of another"
cp -r "$work/later" "$work/next"
"$callbar" compile --domain my.example --region TR --data "$work/next" --list "vip:allow=$work/vip" \
    --max-loss 100 >>"$work/compile.log" 2>&1
mv "$work/later" "$work/former"
mv "$work/next" "$work/later"
sleep 1.1
answered 200 "$SPAM" 05550000002
stop
echo ok
say "strict: 484 for what is not plainly one number"
data=$work/former CALLBAR_STRICT=1 start no
answered 200 "$CALLER" 05550000002
answered 200 "$SPAM" 112
answered 484 "$CALLER" '05550000002%23'
stop
echo ok
