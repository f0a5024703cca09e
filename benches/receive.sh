#!/usr/bin/env bash
# How fast objects come in: calxray receive against the bare storescp of dcmtk, the same objects over four associations.
# Usage: benches/receive.sh CALXRAY [OBJECTS [IMAGE]]   (needs dcmtk, and python3 with pydicom as PYTHON)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
calxray=$1
objects=${2:-1000}
image=${3:-fixtures/radiographs/DDH_pelvis_1.dcm}
python=${PYTHON:-target/objects-check/python/bin/python}
folder=$(mktemp -d)
server=
trap 'kill -9 $server 2>/dev/null || true; rm -rf "$folder"' EXIT
"$python" tests/pacs/e2e.py objects "$image" "$folder/objects" "$objects"
port=11113
monitor=11181

now() { date +%s.%N; }
send() {
    local begun senders=()
    begun=$(now)
    for part in 0 1 2 3; do
        storescu -xw -aet MODALITY -aec CALXRAY +sd 127.0.0.1 $port "$folder/objects/$part" &
        senders+=($!)
    done
    wait "${senders[@]}"
    awk -v n="$objects" -v a="$begun" -v b="$(now)" -v what="$1" \
        'BEGIN { printf "%-42s %8.2f s %8.0f objects/s\n", what, b - a, n / (b - a) }'
}
await() { for _ in $(seq 100); do if echoscu -aec CALXRAY 127.0.0.1 $port 2>/dev/null; then return; fi; sleep 0.1; done; }

mkdir "$folder/bare"
storescp --fork +xa -od "$folder/bare" -aet CALXRAY $port & server=$!
await
send "storescp --fork (no sync), to the last answer"
kill "$server"; wait "$server" 2>/dev/null || true

"$calxray" receive --quiet --listen 127.0.0.1 --port $port --monitor 127.0.0.1:$monitor \
    --spool "$folder/spool" --out "$folder/out" --format jsonl,sr,seg 2>/dev/null & server=$!
await
begun=$(now)
send "calxray receive, to the last answer"
until curl -s "http://127.0.0.1:$monitor/metrics" | grep -q '^calxray_spool_objects 0$'; do sleep 0.2; done
awk -v n="$objects" -v a="$begun" -v b="$(now)" \
    'BEGIN { printf "%-42s %8.2f s %8.1f objects/s\n", "calxray receive, to the last result", b - a, n / (b - a) }'
grep -E 'VmHWM|VmRSS' "/proc/$server/status"
[ "$(find "$folder/out/sr" -name '*.dcm' | wc -l)" = "$objects" ] || { echo "not one report per object" >&2; exit 1; }
# One image, from the C-STORE to its report.
"$python" tests/pacs/e2e.py objects "$image" "$folder/one" 1
rm -rf "$folder/out/sr"; mkdir "$folder/out/sr"
begun=$(now)
storescu -xw -aec CALXRAY 127.0.0.1 $port "$folder/one/0/000000.dcm"
until [ -n "$(ls "$folder/out/sr")" ]; do sleep 0.005; done
awk -v a="$begun" -v b="$(now)" 'BEGIN { printf "%-42s %8.3f s\n", "one image, from C-STORE to its report", b - a }'
