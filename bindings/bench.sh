#!/usr/bin/env bash
# Compares a check of a number, and a decision on a call from it, through Rust, C and Lua.
#
# One domain has a million numbers. Each language asks about the same 100,000 texts in the same order,
# on and off the list. All take turns, three times. Prints nanoseconds: the median of 21 rounds and the
# least, of the best of the three turns. Takes two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build -q --release -p callbar-cli
cargo build -q --release -p callbar-capi --lib --example ask
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for lua in lua51 luajit; do bindings/lua/build.sh "$lua" "$work/$lua"; done
target=$PWD/target/release
gcc -std=gnu11 -O2 -I bindings/c/include bindings/bench/ask.c -o "$work/ask" \
    -L "$target" -lcallbar "-Wl,-rpath,$target"
python3 - "$work" <<'END'
import random, sys
random.seed(7)
numbers = random.sample(range(10**9), 1_100_000)
def write(name, some):
    with open(f"{sys.argv[1]}/{name}", "w") as file:
        file.writelines(f"+90{5 * 10**9 + number}\n" for number in some)
write("listed", numbers[:1_000_000])
write("on", random.sample(numbers[:1_000_000], 100_000))
write("off", numbers[1_000_000:])
END
mkdir "$work/data"
"$target/callbar" compile --domain my.example --region TR --list "spam=$work/listed" --data "$work/data" >"$work/log" 2>&1

for round in 1 2 3; do
    for question in check decide; do
        for texts in off on; do
            in="$question $work/data $work/$texts"
            # shellcheck disable=SC2086
            {
                echo "$question $texts Rust $("$target/examples/ask" $in)"
                echo "$question $texts C $("$work/ask" $in)"
                echo "$question $texts Lua-5.1 $(lua5.1 bindings/bench/ask.lua "$work/lua51" $in)"
                echo "$question $texts LuaJIT $(luajit bindings/bench/ask.lua "$work/luajit" $in)"
            } >>"$work/figures"
        done
    done
done
# All must have barred the same numbers.
[ "$(awk '{ print $2, $6 }' "$work/figures" | sort -u)" = "$(printf 'off 0\non 100000')" ]
printf '%-10s%-10s%-10s%10s%10s\n' question texts through median least
sort -k1,1 -k2,2 -k3,3 -k4,4n "$work/figures" | awk '!seen[$1 $2 $3]++ {
    printf "%-10s%-10s%-10s%10.1f%10.1f ns\n", $1, $2 == "on" ? "listed" : "unlisted", $3, $4, $5
}'
