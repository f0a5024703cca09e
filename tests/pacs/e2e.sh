#!/usr/bin/env bash
# calxray receive between dcmtk and Orthanc, and back: a real radiograph goes in by storescu; SR and SEG come out in Orthanc
# by C-STORE and by STOW-RS, are found by QIDO-RS in the same study, fetched by WADO-RS and read by highdicom. Then many
# small objects over four senders while the receiver is killed three times: none lost, none twice.
# Usage: tests/pacs/e2e.sh [CALXRAY [OBJECTS]]
# Installs what is missing where it may; says so and ends well where it cannot. Listens on loopback only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
calxray=${1:-target/debug/calxray}
objects=${2:-60}

skip() {
    printf '\n!!! SKIPPED: calxray receive was NOT tested against Orthanc and dcmtk: %s\n\n' "$1" >&2
    exit 0
}
fail() {
    printf 'FAILED: %s\n' "$1" >&2
    tail -n 20 "$folder"/*.log >&2 || true
    exit 1
}

for tool in storescu:dcmtk Orthanc:orthanc; do
    if ! command -v "${tool%%:*}" >/dev/null; then
        timeout 300 sh -c "apt-get update -q && apt-get install -q -y --no-install-recommends ${tool##*:}" \
            >/dev/null 2>&1 || skip "no ${tool%%:*}, and no package ${tool##*:} to be had"
    fi
done
plugin=/usr/share/orthanc/plugins/libOrthancDicomWeb.so
if [ ! -e "$plugin" ]; then
    timeout 300 apt-get install -q -y --no-install-recommends orthanc-dicomweb >/dev/null 2>&1 \
        || skip "no package orthanc-dicomweb to be had"
fi
python=target/objects-check/python/bin/python
if ! "$python" -c 'import highdicom, pydicom' 2>/dev/null; then
    python3 -m venv target/objects-check/python >/dev/null 2>&1 || skip "python3 cannot make a virtual environment"
    timeout 300 "$python" -m pip install -q highdicom==0.28.2 >/dev/null 2>&1 \
        || skip "the Python package highdicom cannot be installed"
fi
[ -x "$calxray" ] || cargo build --locked

folder=target/pacs-e2e
rm -rf "$folder"
mkdir -p "$folder/orthanc"
read -r dicom web scp monitor < <("$python" - <<'EOF'
import socket
sockets = [socket.socket() for _ in range(4)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
EOF
)
cat >"$folder/orthanc.json" <<EOF
{
  "Name": "calxray end-to-end test", "StorageDirectory": "$folder/orthanc", "IndexDirectory": "$folder/orthanc",
  "Plugins": ["$plugin"], "HttpPort": $web, "DicomPort": $dicom, "DicomAet": "ORTHANC",
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}
}
EOF
Orthanc "$folder/orthanc.json" >"$folder/orthanc.log" 2>&1 &
orthanc=$!
receiver=
trap 'kill -9 $orthanc $receiver 2>/dev/null || true' EXIT

receive() {
    "$calxray" receive --aet CALXRAY --listen 127.0.0.1 --port "$scp" --monitor "127.0.0.1:$monitor" --allow MODALITY \
        --spool "$folder/spool" --out "$folder/out" --format jsonl,sr,seg --min-score 0.01 "$@" 2>>"$folder/receive.log" &
    receiver=$!
    await 20 "the receiver listens" echoscu -aet MODALITY -aec CALXRAY 127.0.0.1 "$scp"
}
await() {
    local until=$((SECONDS + $1)) what=$2
    shift 2
    while [ "$SECONDS" -lt "$until" ]; do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.2
    done
    fail "waited in vain: $what"
}
metric() { curl -sf "http://127.0.0.1:$monitor/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
is() { [ "$(metric "$1")" = "$2" ]; }
idle() { is calxray_spool_objects 0 && is calxray_outbox_objects 0; }
stop_well() {
    kill -TERM "$receiver"
    wait "$receiver" || fail "the receiver does not stop well"
}

await 60 "Orthanc answers" curl -sf "http://127.0.0.1:$web/dicom-web/studies?limit=1"

# 1. One radiograph, there and back, by both ways at once: the second changes nothing in the archive.
source=fixtures/radiographs/WG04_RG3_leg_J2KR.dcm
receive --send-to "ORTHANC@127.0.0.1:$dicom" --send-to "http://127.0.0.1:$web/dicom-web"
if echoscu -aet MODALITY -aec OTHER 127.0.0.1 "$scp" 2>/dev/null; then fail "another AE title is answered"; fi
if echoscu -aet STRANGER -aec CALXRAY 127.0.0.1 "$scp" 2>/dev/null; then fail "a stranger is answered"; fi
storescu -xv -aet MODALITY -aec CALXRAY 127.0.0.1 "$scp" "$source" || fail "storescu to the receiver"
storescu -xv -aet MODALITY -aec ORTHANC 127.0.0.1 "$dicom" "$source" || fail "storescu to Orthanc"
await 120 "results are sent both ways" is calxray_results_sent_total 4
storescu -xv -aet MODALITY -aec CALXRAY 127.0.0.1 "$scp" "$source" || fail "storescu a second time"
await 120 "results are sent again" is calxray_results_sent_total 8
curl -sf "http://127.0.0.1:$monitor/health" | grep -q '"status":"ok"' || fail "health"
stop_well
"$python" tests/pacs/e2e.py study "http://127.0.0.1:$web" "$source" "$folder/out" || fail "what Orthanc holds"
"$calxray" send "$folder/out" --to "ORTHANC@127.0.0.1:$dicom" >"$folder/send.log" || fail "calxray send by C-STORE"
"$calxray" send "$folder/out" --to "http://127.0.0.1:$web/dicom-web" >>"$folder/send.log" || fail "calxray send by STOW-RS"
"$python" tests/pacs/e2e.py study "http://127.0.0.1:$web" "$source" "$folder/out" || fail "what Orthanc holds after send"

"$calxray" pull "http://127.0.0.1:$web/dicom-web" --out "$folder/pulled" >"$folder/pull.log" || fail "calxray pull"
grep -q '^1 fetched, 0 there already, 0 failed$' "$folder/pull.log" || fail "calxray pull fetches the radiograph alone"
"$calxray" pull "http://127.0.0.1:$web/dicom-web" --out "$folder/pulled" >"$folder/pull.log" || fail "calxray pull again"
grep -q '^0 fetched, 1 there already, 0 failed$' "$folder/pull.log" || fail "calxray pull fetches nothing twice"
"$python" tests/pacs/e2e.py same "$source" "$folder/pulled" || fail "what calxray pull fetched"

# 2. Many objects, four senders, a receiver that is killed three times. A sender repeats what was not acknowledged, and
#    never what was.
rm -rf "$folder/spool" "$folder/out"
"$python" tests/pacs/e2e.py objects fixtures/radiographs/DDH_pelvis_1.dcm "$folder/objects" "$objects"
receive --send-to "ORTHANC@127.0.0.1:$dicom"
senders=()
for part in 0 1 2 3; do
    (
        for file in "$folder/objects/$part"/*.dcm; do
            for _ in $(seq 200); do
                if storescu -xw -to 5 -aet MODALITY -aec CALXRAY 127.0.0.1 "$scp" "$file" 2>/dev/null; then break; fi
                echo again >>"$folder/again.log"
                sleep 0.1
            done
        done
    ) &
    senders+=($!)
done
for _ in 1 2 3; do
    sleep 0.4
    kill -9 "$receiver"
    wait "$receiver" 2>/dev/null || true
    receive --send-to "ORTHANC@127.0.0.1:$dicom"
done
wait "${senders[@]}"
await 600 "everything is analysed and sent" idle
stop_well
"$python" tests/pacs/e2e.py all "http://127.0.0.1:$web" "$folder/objects" "$folder/out" || fail "what came of many objects"
[ -z "$(find "$folder"/spool/{received,failed,incoming,refused} -type f)" ] || fail "the spool is not empty"
if grep -aE '1\.[23]\.[0-9.]{8}|Patient|DDH' "$folder/receive.log"; then fail "the log names a patient or an instance"; fi
printf 'calxray receive agrees with dcmtk, Orthanc and highdicom: 1 radiograph there and back; %s objects, 3 kills, %s sent again\n' \
    "$objects" "$(cat "$folder/again.log" 2>/dev/null | wc -l)"
