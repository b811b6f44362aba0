#!/usr/bin/env bash
# Compares how Kamailio and callbar read 100,000 mutated request URIs and From headers: no text may hide a
# number from callbar that Kamailio finds. COUNT and SEED change the requests. Ten seconds.
set -euo pipefail
suite=${1:-}
source "$(dirname "$0")/lib.sh"
install_packages
build
echo +905050047824 >"$work/spam"
echo +905321112233 >"$work/vip"
mkdir "$work/data"
"$callbar" compile --domain "$DOMAIN" --region TR --data "$work/data" --list "spam:deny:607=$work/spam" \
    --list "vip:allow=$work/vip" >"$work/compile.log" 2>&1
script=oracle.lua start_kamailio kamailio.cfg "$work/data" 0 -A WORKERS=1
seed=${SEED:-$(date +%s)}
echo "    $(inside kamailio -v | head -n 1), seed $seed (set SEED to repeat it)"
python3 -B "$here/oracle.py" "$KAMAILIO_PORT" "${COUNT:-100000}" "$seed"
stop_kamailio
