#!/usr/bin/env bash
# Builds the Lua module for each Lua and runs its tests under that interpreter. Needs Debian's lua5.1,
# lua5.2, lua5.3, lua5.4, luajit and python3. Arguments: the features to test, all of them by default.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bindings/routes.sh

interpreter() { case $1 in luajit) echo luajit ;; lua5*) echo "lua5.${1#lua5}" ;; esac; }
[ $# -gt 0 ] || set -- lua51 lua52 lua53 lua54 luajit
for lua in "$@"; do
    command -v "$(interpreter "$lua")" >/dev/null ||
        { echo "this test needs $(interpreter "$lua"): apt-get install $(interpreter "$lua")" >&2; exit 1; }
done
cargo build -q --release -p callbar-cli
callbar=$PWD/target/release/callbar

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo +905050047824 >"$work/reported"
printf '%s\n' '+90532*' anonymous >"$work/rest"
echo +905321112233 >"$work/vip"
echo +905050047899 >"$work/late"
compile="'$callbar' compile --domain my.example --region TR --data '$work/data' >/dev/null 2>&1"
lists="--list spam:deny:607='$work/reported' --list vip:allow='$work/vip' --list rest='$work/rest'"

python3 bindings/cases.py "$callbar" "$work"

for lua in "$@"; do
    bindings/lua/build.sh "$lua" "$work/$lua"
    rm -rf "$work/data" && mkdir "$work/data"
    eval "$compile $lists"
    for test in bindings/lua/tests/*.lua; do
        printf '    %-60s' "$(interpreter "$lua"): $(basename "$test")"
        "$(interpreter "$lua")" "$test" "$work/$lua" "$work/data" "$compile $lists --list late='$work/late'" \
            "$work/cases.lua"
        echo ok
    done
    [ "$lua" = "$1" ] || continue
    printf '    %-60s' "$(interpreter "$lua"): the example of examples/lua"
    routes "$(interpreter "$lua")" examples/lua/route.lua "$work/$lua" "$work/data" my.example
    echo ok
done
