# Shared by the scripts of this directory, which source it: packages, lists, Kamailio and SIPp on loopback.
# It ends by process id what it starts.
#
# If suite is set, Kamailio of that Debian release runs in a root directory of its own. The caller and the
# gateway run on this machine.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
callbar=$root/target/release/callbar
# As the tests of the repository build it: its speed does not matter.
change=$root/target/debug/examples/change
DOMAIN=my.example
KAMAILIO_PORT=${KAMAILIO_PORT:-15060}
GATEWAY_PORT=${GATEWAY_PORT:-15070}
CALLER_PORT=${CALLER_PORT:-15080}
suite=${suite:-}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Runs a command where Kamailio is installed.
system=/
inside() { if [ "$system" = / ]; then "$@"; else chroot "$system" "$@"; fi; }

install_packages() {
    local missing=()
    if [ -z "$suite" ]; then
        command -v kamailio >/dev/null || missing+=(kamailio)
        [ -n "$(find /usr/lib -name app_lua.so -path '*kamailio*' 2>/dev/null)" ] || missing+=(kamailio-lua-modules)
    fi
    command -v sipp >/dev/null || missing+=(sip-tester)
    [ ${#missing[@]} = 0 ] && return
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# The Lua that Kamailio embeds, as build.sh calls it.
embedded_lua() {
    local module
    module=$(inside find /usr/lib -name app_lua.so -path '*kamailio*')
    inside ldd "$module" | sed -n 's/.*liblua5\.\([0-9]\).*/lua5\1/p' | head -n 1
}

build() {
    (cd "$root" && cargo build -q --release -p callbar-cli && cargo build -q --example change)
    "$root/bindings/lua/build.sh" "$(embedded_lua)" "$work/modules"
    cp "$here/../lua/callbar_call.lua" "$work/modules"
    # What Kamailio reads must lie in its root directory.
    mkdir "$work/etc"
    cp "$here"/*.lua "$here"/*.cfg "$work/etc"
}

pids=()
clean_up() {
    local status=$?
    [ $status = 0 ] || { echo "failed; the end of each log:"; tail -n 15 "$work"/*.log; } >&2
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$(realpath "$work")" "$work"
    exit $status
}

if [ -n "$suite" ]; then
    [ "$(id -u)" = 0 ] || { echo "a root directory of $suite needs root rights" >&2; exit 1; }
    system=$("$here/../root.sh" "$suite")
    # One path, there and here.
    work=$(mktemp -d -p "$system/tmp")
    ln -s "$work" "/tmp/${work##*/}"
    work=/tmp/${work##*/}
else
    work=$(mktemp -d)
fi
trap clean_up EXIT

# wait_for_udp PORT PID: until somebody listens there, or the process that is to do so has ended.
wait_for_udp() {
    local hex tries
    hex=$(printf ':%04X ' "$1")
    for tries in $(seq 200); do
        grep -q "$hex" /proc/net/udp && return
        kill -0 "$2" 2>/dev/null || break
        sleep 0.05
    done
    echo "nobody listens on port $1" >&2
    return 1
}

# start_kamailio CONFIGURATION DATA OFF [ARGUMENT...]: with the script, modules and domain that the
# variables `script`, `modules` and `domain` name, and the options of the environment.
start_kamailio() {
    local configuration=$1 data=$2 off=$3
    shift 3
    mkdir -p "$work/run"
    CALLBAR_MODULES=${modules:-$work/modules} CALLBAR_DATA=$data CALLBAR_DOMAIN=${domain-$DOMAIN} CALLBAR_OFF=$off \
        CALLBAR_GATEWAY=sip:127.0.0.1:$GATEWAY_PORT CALLBAR_SCRIPT=$work/etc/callbar.lua \
        inside_exec kamailio -DD -E -w "$work/run" -Y "$work/run" -m "${memory:-256}" -M 64 \
        -f "$work/etc/${configuration##*/}" -A "PORT=$KAMAILIO_PORT" \
        -A "SCRIPT=\"$work/etc/${script:-callbar.lua}\"" "$@" >"$work/kamailio.log" 2>&1 &
    kamailio_pid=$!
    pids+=("$kamailio_pid")
    wait_for_udp "$KAMAILIO_PORT" "$kamailio_pid"
    # The socket is there before the workers are: the first call would wait for them.
    local deadline=$((SECONDS + 15))
    until [ "$SECONDS" -ge "$deadline" ] || options; do sleep 0.1; done
}

# As `inside`, in place of the shell, so that its process id is that of the command.
inside_exec() { if [ "$system" = / ]; then exec "$@"; else exec chroot "$system" "$@"; fi; }

# Whether a worker answers.
options() {
    sipp "127.0.0.1:$KAMAILIO_PORT" -sf "$here/sipp/options.xml" -i 127.0.0.1 -p "$CALLER_PORT" -m 1 \
        -timeout 2s -timeout_error -nostdin >/dev/null 2>&1
}

stop_kamailio() {
    kill "$kamailio_pid"
    wait "$kamailio_pid" || true
}

start_gateway() {
    sipp -sf "$here/sipp/answer.xml" -i 127.0.0.1 -p "$GATEWAY_PORT" -nostdin >"$work/gateway.log" 2>&1 &
    pids+=($!)
    wait_for_udp "$GATEWAY_PORT" $!
}

# answered CODE FROM URI [HEADER...]: one call; fails if it is not answered so.
answered() {
    local code=$1 status
    shift
    status=$(python3 -B "$here/../sip.py" "$KAMAILIO_PORT" "$@")
    [ "$status" = "$code" ] || { echo "answered $status, not $code: from $1 to $2" >&2; return 1; }
}

# load_scenario FILE: pass.xml with parties out of the lines of -inf.
load_scenario() {
    sed 's/\[caller\]/<sip:+[field0]@caller.example>/; s/\[callee\]/sip:+[field1]@pbx.example/
         s/\[caller\]/<sip:+[field0]@caller.example>/g; s/\[callee\]/sip:+[field1]@pbx.example/g' \
        "$here/sipp/pass.xml" >"$1"
}

# load RATE SECONDS NAME: calls at a fixed rate between parties on no list, in the background. Its
# figures are in NAME.csv. Sets load_pid.
load() {
    local rate=$1 seconds=$2 name=$3
    (
        cd "$work"
        exec sipp "127.0.0.1:$KAMAILIO_PORT" -sf "$work/load.xml" -inf "$work/parties.csv" \
            -i 127.0.0.1 -p "$CALLER_PORT" -r "$rate" -m $((rate * seconds)) -l 15000 -nostdin \
            -trace_err -trace_stat -stf "$work/$name.csv" -fd 1 \
            -recv_timeout 10000 -timeout $((seconds + 30))s -timeout_error >"$work/$name.log" 2>&1
    ) &
    load_pid=$!
    pids+=("$load_pid")
}

# figure NAME COLUMN: the last value of a column of SIPp's statistics.
figure() {
    awk -F';' -v column="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
        NF > 1 { last = $at } END { print last }' "$work/$1.csv"
}
