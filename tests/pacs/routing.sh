#!/usr/bin/env bash
# Orthanc routes to calxray by the script in docs/pacs.md, taken from there: a radiograph that comes to Orthanc is analysed, its
# report comes back into the same study, once, and nothing goes round in a circle. Usage: tests/pacs/routing.sh [CALXRAY]
# Installs what is missing where it may; says so and ends well where it cannot. Listens on loopback only.
UNTESTED="routing from Orthanc to calxray was NOT tested"
. "$(dirname "${BASH_SOURCE[0]}")/setting.sh"

need_tools storescu:dcmtk Orthanc:orthanc curl:curl
[ -x "$calxray" ] || cargo build --locked

new_folder target/pacs-routing orthanc
read -r dicom web scp monitor < <(free_ports 4)
awk '/^```lua$/ { inside = 1; next } /^```$/ { inside = 0 } inside' docs/pacs.md >"$folder/route.lua"
grep -q SendToModality "$folder/route.lua" || fail "docs/pacs.md has a script"
cat >"$folder/orthanc.json" <<EOF
{
  "Name": "calxray routing test", "StorageDirectory": "orthanc", "IndexDirectory": "orthanc",
  "HttpPort": $web, "DicomPort": $dicom, "DicomAet": "ORTHANC", "LuaScripts": ["route.lua"],
  "DicomModalities": {"calxray": ["CALXRAY", "127.0.0.1", $scp]},
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false
}
EOF
orthanc=
trap 'kill -9 $orthanc $receiver 2>/dev/null || true' EXIT
"$calxray" receive --aet CALXRAY --listen 127.0.0.1 --port "$scp" --monitor "127.0.0.1:$monitor" --allow ORTHANC \
    --spool "$folder/spool" --out "$folder/out" --format sr --send-to "ORTHANC@127.0.0.1:$dicom" 2>>"$folder/receive.log" &
receiver=$!
await 20 "the receiver listens" curl -sf "http://127.0.0.1:$monitor/health"
Orthanc "$folder/orthanc.json" >"$folder/orthanc.log" 2>&1 &
orthanc=$!
await 60 "Orthanc answers" curl -sf "http://127.0.0.1:$web/system"

storescu -aet MODALITY -aec ORTHANC 127.0.0.1 "$dicom" fixtures/radiographs/highdicom_dx_dog_thorax.dcm || fail "storescu to Orthanc"
await 120 "the report is sent to Orthanc" is calxray_results_sent_total 1
series() { curl -sf "http://127.0.0.1:$web/series?expand" | "$python" -c '
import json, sys
print(*sorted(one["MainDicomTags"]["Modality"] for one in json.load(sys.stdin)))'; }
studies() { curl -sf "http://127.0.0.1:$web/studies" | "$python" -c 'import json, sys; print(len(json.load(sys.stdin)))'; }
sleep 3 # time for a circle
[ "$(series)" = "DX SR" ] && [ "$(studies)" = 1 ] || fail "one study with image and report: $(series), $(studies)"
is calxray_objects_stored_total 1 || fail "the image came once, and nothing else"
stop_well
printf 'Orthanc routes to calxray by the script in docs/pacs.md, and has the report in the study of the image\n'
