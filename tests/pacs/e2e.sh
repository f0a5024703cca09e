#!/usr/bin/env bash
# calxray receive between dcmtk and Orthanc, and back: a real radiograph goes in by storescu; SR and SEG come out in Orthanc
# by C-STORE and by STOW-RS, are found by QIDO-RS in the same study, fetched by WADO-RS and read by highdicom. Then many
# small objects over four senders while the receiver is killed three times: none lost, none twice.
# Usage: tests/pacs/e2e.sh [CALXRAY [OBJECTS]]
# Installs what is missing where it may; says so and ends well where it cannot. Listens on loopback only.
UNTESTED="calxray receive was NOT tested against Orthanc and dcmtk"
. "$(dirname "${BASH_SOURCE[0]}")/setting.sh"
objects=${2:-60}

plugin=/usr/share/orthanc/plugins/libOrthancDicomWeb.so
need_tools storescu:dcmtk Orthanc:orthanc
[ -e "$plugin" ] || need_package orthanc-dicomweb
need_python "highdicom, pydicom" highdicom==0.28.2
[ -x "$calxray" ] || cargo build --locked

new_folder target/pacs-e2e orthanc
read -r dicom web scp monitor < <(free_ports 4)
cat >"$folder/orthanc.json" <<EOF
{
  "Name": "calxray end-to-end test", "StorageDirectory": "orthanc", "IndexDirectory": "orthanc",
  "Plugins": ["$plugin"], "HttpPort": $web, "DicomPort": $dicom, "DicomAet": "ORTHANC",
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}
}
EOF
Orthanc "$folder/orthanc.json" >"$folder/orthanc.log" 2>&1 &
orthanc=$!
trap 'kill -9 $orthanc $receiver 2>/dev/null || true' EXIT

receive() { start_receiver --format jsonl,sr,seg --min-score 0.01 "$@"; }

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
"$python" tests/pacs/e2e.py objects fixtures/radiographs/highdicom_dx_dog_thorax.dcm "$folder/objects" "$objects"
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
    kill_receiver
    receive --send-to "ORTHANC@127.0.0.1:$dicom"
done
wait "${senders[@]}"
await $((600 + 2 * objects)) "everything is analysed and sent" idle
stop_well
"$python" tests/pacs/e2e.py all "http://127.0.0.1:$web" "$folder/objects" "$folder/out" || fail "what came of many objects"
[ -z "$(find "$folder"/spool/{received,failed,incoming,refused} -type f)" ] || fail "the spool is not empty"
if grep -aE '1\.[23]\.[0-9.]{8}|Patient|DDH' "$folder/receive.log"; then fail "the log names a patient or an instance"; fi
printf 'calxray receive agrees with dcmtk, Orthanc and highdicom: 1 radiograph there and back; %s objects, 3 kills, %s sent again\n' \
    "$objects" "$(cat "$folder/again.log" 2>/dev/null | wc -l)"
