#!/usr/bin/env bash
# What calxray writes, in a viewer: OHIF in headless Chromium, over Orthanc, opens a synthetic radiograph with its report,
# segmentation and Secondary Capture, and leaves screenshots to be looked at in target/pacs-viewer/screenshots.
# Usage: tests/pacs/viewer.sh [CALXRAY]
# Needs Orthanc, npm, chromium and the Python package playwright, and OHIF from npm (48 MB); installs what it may, says so and ends well where it cannot.
UNTESTED="results were NOT shown in a viewer"
. "$(dirname "${BASH_SOURCE[0]}")/setting.sh"
ohif=3.12.10

plugin=/usr/share/orthanc/plugins/libOrthancDicomWeb.so
need_tools Orthanc:orthanc chromium:chromium npm:npm
[ -e "$plugin" ] || need_package orthanc-dicomweb
need_python "playwright, pydicom, numpy, PIL" playwright pydicom numpy pillow
[ -x "$calxray" ] || cargo build --locked

folder=target/pacs-viewer
if [ ! -d "$folder/package/dist" ]; then
    mkdir -p "$folder"
    (cd "$folder" && timeout 300 npm pack --silent "@ohif/app@$ohif" >/dev/null && tar xzf "ohif-app-$ohif.tgz") \
        || skip "@ohif/app cannot be had from npm"
fi
rm -rf "$folder"/{orthanc,images,out,screenshots}
mkdir -p "$folder/orthanc"
read -r dicom web page < <(free_ports 3)
cat >"$folder/orthanc.json" <<EOF
{
  "Name": "calxray viewer test", "StorageDirectory": "orthanc", "IndexDirectory": "orthanc",
  "Plugins": ["$plugin"], "HttpPort": $web, "DicomPort": $dicom, "RemoteAccessAllowed": false,
  "AuthenticationEnabled": false, "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}
}
EOF
Orthanc "$folder/orthanc.json" >"$folder/orthanc.log" 2>&1 &
receiver=$!
trap 'kill -9 $receiver 2>/dev/null || true' EXIT
await 60 "Orthanc answers" curl -sf "http://127.0.0.1:$web/dicom-web/studies?limit=1"
"$calxray" phantom --out "$folder/images" --count 1 --seed 3 --normal 0 >/dev/null
"$calxray" scan "$folder/images" --out "$folder/out" --quiet --progress none --format csv,overlay,sr,seg,sc,gsps
"$calxray" send "$folder/images" "$folder/out" --to "http://127.0.0.1:$web/dicom-web" >"$folder/send.log"
timeout 300 "$python" tests/pacs/viewer.py "$folder" "$page" "http://127.0.0.1:$web" || fail "the viewer"
