#!/usr/bin/env bash
# Measures what callbar costs a call: the same SIPp load through Kamailio with and without callbar and a
# domain of a million numbers, and with and without Kamailio's own userblocklist, which holds as many of the
# numbers as fit into its default memory. Prints a table. Ten minutes by default. RATE, SECONDS_EACH, ROUNDS
# and LADDER change the measurement; HELD sets the count of numbers in userblocklist instead of finding it.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
install_packages
[ -n "$(find /usr/lib -name db_sqlite.so -path '*kamailio*')" ] ||
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends kamailio-sqlite-modules
build

RATE=${RATE:-300}
SECONDS_EACH=${SECONDS_EACH:-15}
ROUNDS=${ROUNDS:-3}
LADDER=${LADDER:-"500 1000 1500 2000 2500 3000 4000"}

# A million distinct mobile numbers in random order, and parties that are not among them.
numbers() {
    python3 - "$1" <<'END'
import random, sys
random.seed(5)
for number in random.sample(range(10**9), int(sys.argv[1])):
    print(f"+90{5 * 10**9 + number % 10**9}")
END
}
numbers 1000000 >"$work/million"
{ echo SEQUENTIAL; for i in $(seq 5000); do echo "90455$((1000000 + i));90456$((1000000 + i))"; done; } >"$work/parties.csv"
load_scenario "$work/load.xml"
mkdir "$work/data"
"$callbar" compile --domain "$DOMAIN" --region TR --data "$work/data" --list "spam=$work/million" >"$work/compile.log" 2>&1

database() {
    rm -f "$work/lists.sqlite"
    head -n "$1" "$work/million" | python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE version (table_name VARCHAR(32) PRIMARY KEY, table_version INTEGER)")
db.executemany("INSERT INTO version VALUES (?, 1)", [("globalblocklist",), ("userblocklist",)])
for table in ("globalblocklist", "userblocklist"):
    db.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, username VARCHAR(64) DEFAULT \"\", "
               "domain VARCHAR(64) DEFAULT \"\", prefix VARCHAR(64) DEFAULT \"\", allowlist INTEGER DEFAULT 0)")
db.executemany("INSERT INTO globalblocklist (prefix) VALUES (?)", ((line.strip(" +\n"),) for line in sys.stdin))
db.commit()' "$work/lists.sqlite"
}

# Starts one of: plain, callbar (both in Lua), native, userblocklist (both in Kamailio's language).
start() {
    local native=(-A "DATABASE=\"sqlite:///$work/lists.sqlite\"" -A "GATEWAY=\"sip:127.0.0.1:$GATEWAY_PORT\"")
    case $1 in
    plain) start_kamailio "$here/kamailio.cfg" "$work/data" 1 ;;
    callbar) start_kamailio "$here/kamailio.cfg" "$work/data" 0 ;;
    native) start_kamailio "$here/userblocklist.cfg" "$work/data" 0 "${native[@]}" ;;
    userblocklist)
        start_kamailio "$here/userblocklist.cfg" "$work/data" 0 "${native[@]}" -A WITH_LIST
        # Its workers load the list one after the other, and answer no call meanwhile.
        sleep "${LOADING:-15}"
        ;;
    esac
}

# As many as fit into 64 MB of shared memory, the default, to a thousand. The runs below have 256 MB, for
# calls need some, too.
held=${HELD:-0}
[ -n "${HELD:-}" ] || for step in 64000 32000 16000 8000 4000 2000 1000; do
    database $((held + step))
    if (trap - EXIT; LOADING=0 memory=64 start userblocklist && fits=0 || fits=1; stop_kamailio; exit $fits) >/dev/null 2>&1 &&
        ! grep -qi 'no more shm\|out of mem\|could not allocate' "$work/kamailio.log"; then
        held=$((held + step))
    fi
done
database "$held"
echo "userblocklist holds $held of the numbers in 64 MB"

# Microseconds of processor time of all processes of Kamailio.
cpu_time() {
    local tick sum
    tick=$(getconf CLK_TCK)
    sum=$(cat "/proc/$kamailio_pid/stat" $(pgrep -P "$kamailio_pid" | sed 's|.*|/proc/&/stat|') | awk '{ s += $14 + $15 } END { print s }')
    echo $((sum * 1000000 / tick))
}

start_gateway
variants="plain callbar native userblocklist"
for round in $(seq "$ROUNDS"); do
    for variant in $variants; do
        start "$variant"
        before=$(cpu_time)
        load "$RATE" "$SECONDS_EACH" "$variant-$round"
        python3 "$here/probe.py" "$KAMAILIO_PORT" "$SECONDS_EACH" >"$work/$variant-$round.times"
        wait "$load_pid" || true
        echo $(($(cpu_time) - before)) >"$work/$variant-$round.cpu"
        stop_kamailio
    done
done
for variant in $variants; do
    start "$variant"
    echo 0 >"$work/$variant.sustained"
    for rate in $LADDER; do
        load "$rate" 5 "$variant-$rate"
        wait "$load_pid" || break
        # A retransmission means that an answer took half a second.
        [ "$(figure "$variant-$rate" 'Retransmissions(C)')" -le $((rate * 5 / 100)) ] || break
        echo "$rate" >"$work/$variant.sustained"
    done
    stop_kamailio
done

python3 - "$work" "$ROUNDS" "$RATE" "$SECONDS_EACH" $variants <<'END'
import csv, statistics, sys
work, rounds, rate, seconds, *variants = sys.argv[1:]
print(f"| at {rate} calls/s | median ms | p99 ms | CPU us a call | failed | sent again | sustained calls/s |")
print("| --- | --- | --- | --- | --- | --- | --- |")
for variant in variants:
    times, cpu, failed, resent = [], [], 0, 0
    for n in range(1, int(rounds) + 1):
        times += [float(line) for line in open(f"{work}/{variant}-{n}.times")]
        cpu.append(int(open(f"{work}/{variant}-{n}.cpu").read()) / (int(rate) * int(seconds)))
        with open(f"{work}/{variant}-{n}.csv") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        failed += int(last["FailedCall(C)"])
        resent += int(last["Retransmissions(C)"])
    times.sort()
    sustained = open(f"{work}/{variant}.sustained").read().strip()
    print(f"| {variant} | {statistics.median(times):.3f} | {times[len(times) * 99 // 100]:.3f} "
          f"| {statistics.median(cpu):.0f} | {failed} | {resent} | {sustained} |")
END
