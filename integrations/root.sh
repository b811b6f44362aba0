#!/usr/bin/env bash
# Makes the root directory of another Debian release under target/roots, with the servers that Debian 12
# does not have: root.sh trixie|testing prints its path. An existing one is used again.
# Needs root rights, a minute and some 600 MB. Fails with a message if the packages are not available.
set -euo pipefail
suite=$1
packages=kamailio,kamailio-lua-modules
case $suite in
trixie) ;;
testing) packages+=,asterisk ;;
*) echo "no such suite: $suite" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
roots=target/roots
root=$roots/$suite

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

if [ ! -e "$root" ] || [ "$(cat "$root.packages" 2>/dev/null)" != "$packages" ]; then
    if ! command -v debootstrap >/dev/null; then
        as_root apt-get update -q >&2
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends debootstrap >&2
    fi
    # The mirror that this machine uses.
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' "Codename: $codename" | head -n 1)
    [ -n "$mirror" ] || { echo "apt knows no mirror of Debian: add one to its sources" >&2; exit 1; }
    mkdir -p "$roots"
    as_root rm -rf "$root" "$root.new"
    rm -f "$root.packages"
    if ! as_root debootstrap --variant=minbase "--include=$packages" "$suite" "$root.new" \
        "$mirror" >"$root.log" 2>&1; then
        echo "debootstrap of $suite failed; the end of $PWD/$root.log:" >&2
        tail -n 15 "$root.log" >&2
        exit 1
    fi
    as_root mv "$root.new" "$root"
    echo "$packages" >"$root.packages"
fi
echo "$PWD/$root"
