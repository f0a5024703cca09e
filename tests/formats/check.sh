#!/usr/bin/env bash
# Formats of labelling tools against other people's readers, and report.html in a browser.
# Usage: tests/formats/check.sh [CALXRAY] [PYTHON]
# Installs what is missing where it may; says so and ends well where it cannot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

skip() {
    printf '\n!!! SKIPPED: formats were NOT checked against their readers: %s\n\n' "$1" >&2
    exit 0
}

folder=target/formats-check
calxray=${1:-target/debug/calxray}
python=${2:-$folder/python/bin/python}
packages='import pycocotools, pandas, polars, duckdb, pyarrow, label_studio_sdk, fiftyone, playwright, cv2'
mkdir -p "$folder"
if ! "$python" -c "$packages" 2>/dev/null; then
    python3 -m venv "$folder/python" >/dev/null 2>&1 || skip "python3 cannot make a virtual environment"
    python=$folder/python/bin/python
    timeout 900 "$python" -m pip install -q pycocotools pandas polars duckdb pyarrow label-studio-sdk fiftyone playwright \
        opencv-python-headless >/dev/null 2>&1 || skip "the Python packages cannot be installed"
fi
[ -x "$calxray" ] || cargo build --locked
rm -rf "$folder/images" "$folder/out"
"$calxray" phantom --out "$folder/images" --count 4 --seed 3 --normal 0 >/dev/null
cp fixtures/radiographs/* "$folder/images/"
"$calxray" scan "$folder/images" --out "$folder/out" --min-score 0.1 \
    --format csv,coco,html,parquet,label-studio,cvat,yolo,yolo-segment,masks >/dev/null
timeout 600 "$python" tests/formats/check.py "$folder/out"
if command -v chromium >/dev/null; then
    timeout 600 "$python" tests/formats/browser.py "$folder/out/report.html" "$folder/screenshots"
else
    skip "no chromium to open report.html with"
fi
