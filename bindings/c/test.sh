#!/usr/bin/env bash
# Tests the C library from C programs: plain, as C++, under AddressSanitizer and under valgrind, with the
# shared and with the static library. Needs gcc, g++, python3, valgrind and strace; less than a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bindings/routes.sh

for tool in gcc g++ python3 valgrind strace; do
    command -v "$tool" >/dev/null || { echo "this test needs $tool: apt-get install $tool" >&2; exit 1; }
done
cargo build --release -p callbar-cli
cargo build --release -p callbar-capi
cargo test -q -p callbar-capi --release

target=$PWD/target/release
here=$PWD/bindings/c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
valgrind=(valgrind -q --error-exitcode=9 --leak-check=full "--suppressions=$here/tests/valgrind.supp")
gcc=(gcc -std=c11 -Wall -Wextra -Werror -g -I "$here/include")
shared=(-L "$target" -lcallbar "-Wl,-rpath,$target")

# A domain with the entries of the tests. A test that changes data has its own copy.
printf '%s\n' +905050047824 '+90532*' anonymous >"$work/spam"
echo +905321112233 >"$work/vip"
echo +905050047899 >"$work/late"
compile() {
    "$target/callbar" compile --domain my.example --region TR --data "$1" "${@:2}" >/dev/null 2>&1
}
# 607 for reported numbers; the other entries have the response of their class.
sed -n 1p "$work/spam" >"$work/reported" && sed 1d "$work/spam" >"$work/rest"
lists=(--list "spam:deny:607=$work/reported" --list "vip:allow=$work/vip" --list "rest=$work/rest")
mkdir "$work/data"
compile "$work/data" "${lists[@]}"
# A second domain: a directory of several is opened on several threads.
"$target/callbar" compile --domain second.example --region TR --data "$work/data" \
    --list "late=$work/late" >/dev/null 2>&1

say() { printf '    %-60s' "$*"; }
run() { "$@" >"$work/out" 2>&1 || { echo; cat "$work/out"; exit 1; }; echo ok; }
fork_data() {
    rm -rf "$work/fork" && cp -r "$work/data" "$work/fork"
    late="'$target/callbar' compile --domain my.example --region TR --data '$work/fork'"
    late+=" --list late='$work/late' --max-loss 100 >/dev/null 2>&1"
}

python3 bindings/cases.py "$target/callbar" "$work"

for test in answers misuse cases; do
    argument=$work/data
    [ "$test" != cases ] || argument=$work/cases.txt
    "${gcc[@]}" "$here/tests/$test.c" -o "$work/$test" "${shared[@]}"
    say "$test" && run "$work/$test" "$argument"
    say "$test under valgrind"
    run "${valgrind[@]}" "$work/$test" "$argument"
    "${gcc[@]}" -fsanitize=address,undefined "$here/tests/$test.c" -o "$work/$test.asan" "${shared[@]}"
    say "$test under AddressSanitizer" && run "$work/$test.asan" "$argument"
done
say "answers, static library"
"${gcc[@]}" "$here/tests/answers.c" -o "$work/static" "$target/libcallbar.a" -lm -lpthread -ldl
run "$work/static" "$work/data"
say "answers, compiled as C++"
g++ -x c++ -std=c++17 -Wall -Wextra -Werror -I "$here/include" "$here/tests/answers.c" -o "$work/cpp" "${shared[@]}"
run "$work/cpp" "$work/data"

"${gcc[@]}" -D_DEFAULT_SOURCE "$here/tests/fork.c" -o "$work/fork-test" "${shared[@]}"
say "fork" && fork_data && run "$work/fork-test" "$work/fork" "$late"
say "fork under valgrind" && fork_data
run "${valgrind[@]}" "$work/fork-test" "$work/fork" "$late"

"${gcc[@]}" "$here/tests/quiet.c" -o "$work/quiet" "${shared[@]}"
say "questions allocate nothing" && run "$work/quiet" "$work/data"
say "questions make no system call"
strace -f -qq -o "$work/trace" "$work/quiet" "$work/data"
[ "$(grep -c '/checks-begin\|/checks-end' "$work/trace")" = 2 ]
calls=$(sed '1,/checks-begin/d; /checks-end/,$d' "$work/trace")
[ -z "$calls" ] || { echo; echo "$calls"; exit 1; }
echo ok

say "only what the header names is exported"
names() { sort -u | grep -v '^$'; }
diff <(grep -o 'callbar_[a-z0-9_]*(' "$here/include/callbar.h" | tr -d '(' | names) \
    <(nm -D --defined-only "$target/libcallbar.so" | awk '$2 == "T" { print $3 }' | names)
echo ok

say "the example of examples/c"
"${gcc[@]}" examples/c/route.c -o "$work/route" "${shared[@]}"
routes "$work/route" "$work/data" my.example
echo ok
