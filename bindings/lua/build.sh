#!/usr/bin/env bash
# Builds the module for one Lua: build.sh lua51|lua52|lua53|lua54|luajit DIRECTORY puts callbar.so there.
set -euo pipefail
lua=$1
mkdir -p "$2"
to=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."
cargo build -q --release -p callbar-lua --no-default-features --features "$lua"
# By rename: a process that has the old one loaded keeps it.
cp target/release/libcallbar_lua.so "$to/callbar.so.new"
mv "$to/callbar.so.new" "$to/callbar.so"
