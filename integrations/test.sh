#!/usr/bin/env bash
# Tests the scripts of freeswitch, asterisk and opensips, each under the Lua that the server embeds, with a
# stub of the server's functions. Needs lua5.1, lua5.2, lua5.3 and lua5.4. Arguments: the servers to test; all
# by default. Kamailio and Asterisk also have tests with real calls.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- freeswitch asterisk opensips
for tool in lua5.1 lua5.2 lua5.3 lua5.4; do
    command -v "$tool" >/dev/null || { echo "this test needs $tool: apt-get install $tool" >&2; exit 1; }
done

printf '    %-60s' "the scripts do the same without callbar_call.lua"
copy() { sed -n '/^-- copy: without_callbar$/,/^-- end of copy$/p' "integrations/$1"; }
[ -n "$(copy asterisk/extensions.lua)" ]
for script in freeswitch/callbar.lua opensips/callbar.lua; do
    diff <(copy asterisk/extensions.lua) <(copy "$script")
done
echo ok

cargo build -q --release -p callbar-cli

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo +905050047824 >"$work/spam"
echo +905321112233 >"$work/vip"
echo anonymous >"$work/rest"
mkdir "$work/data"
target/release/callbar compile --domain my.example --region TR --data "$work/data" \
    --list "spam:deny:607=$work/spam" --list "vip:allow=$work/vip" --list "rest=$work/rest" >"$work/log" 2>&1

run() {
    local lua=$1 interpreter=$2 test=$3
    if [ ! -d "$work/$lua" ]; then
        bindings/lua/build.sh "$lua" "$work/$lua"
        cp integrations/lua/callbar_call.lua "$work/$lua"
    fi
    printf '    %-60s' "$test, $interpreter"
    CALLBAR_MODULES=$work/$lua CALLBAR_DATA=$work/data CALLBAR_DOMAIN=my.example \
        "$interpreter" "integrations/$test/test.lua" "integrations/$test"
    echo ok
}

for server in "$@"; do
    case $server in
    freeswitch) run lua52 lua5.2 freeswitch && run lua53 lua5.3 freeswitch ;;
    asterisk) run lua51 lua5.1 asterisk ;;
    opensips) run lua51 lua5.1 opensips && run lua54 lua5.4 opensips ;;
    *) echo "no such server: $server" >&2; exit 2 ;;
    esac
done
