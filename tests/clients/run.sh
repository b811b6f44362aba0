#!/usr/bin/env bash
# Real clients against a running `callbar serve`. Needs node and npm, and the registry of npm.
# Usage: tests/clients/run.sh [CALLBAR]
#        [default: built here]
set -euo pipefail
cd "$(dirname "$0")/../.."

callbar=${1:-}
if [ -z "$callbar" ]; then
    cargo build
    callbar=${CARGO_TARGET_DIR:-target}/debug/callbar
fi

clients=target/clients
mkdir -p "$clients"
[ -e "$clients/package.json" ] || echo '{"private": true}' >"$clients/package.json"
npm install --prefix "$clients" --no-audit --no-fund --ignore-scripts \
    @iletimerkezi/iletimerkezi-node@1.0.1

data=$(mktemp -d)
server=
end() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || true
    fi
    rm -rf "$data"
}
trap end EXIT

# Port 0: the system chooses one that is free, and the server tells it.
"$callbar" serve --data "$data/lists" --listen 127.0.0.1:0 >"$data/token" 2>"$data/log" &
server=$!
url=
for _ in $(seq 100); do
    url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$data/log")
    [ -z "$url" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    cat "$data/log" >&2
    exit 1
fi

node -e '
    const [url, token] = process.argv.slice(1);
    fetch(`${url}/callbar/v1/domains/sms.example`, {
        method: "PUT",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ plan: { region: "TR" } }),
    }).then(async (answer) => {
        if (!answer.ok) throw new Error(await answer.text());
    });
' "$url" "$(cat "$data/token")"
"$callbar" key create --data "$data/lists" --kind iletimerkezi --domain sms.example --list sms \
    --role editor --json >"$data/key"
member() { node -p "JSON.parse(require('fs').readFileSync('$data/key', 'utf8')).$1"; }
CALLBAR_URL=$url CALLBAR_KEY=$(member key) CALLBAR_HASH=$(member hash) CALLBAR_CLIENT=$clients \
    node tests/clients/iletimerkezi.mjs

# Its end is in order: all that was taken is stored.
kill "$server"
wait "$server"
server=
echo "the server ended in order"
