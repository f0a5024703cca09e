#!/usr/bin/env bash
# DICOM SR and SEG against other people's software: dciodvfy, dsrdump, highdicom. Usage: tests/objects/check.sh [CALXRAY]
# Installs what is missing where it may; says so and ends well where it cannot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

skip() {
    printf '\n!!! SKIPPED: DICOM SR and SEG were NOT checked against dciodvfy, dsrdump and highdicom: %s\n\n' "$1" >&2
    exit 0
}

for tool in dciodvfy:dicom3tools dsrdump:dcmtk; do
    if ! command -v "${tool%%:*}" >/dev/null; then
        timeout 300 sh -c "apt-get update -q && apt-get install -q -y --no-install-recommends ${tool##*:}" \
            >/dev/null 2>&1 || skip "no ${tool%%:*}, and no package ${tool##*:} to be had"
    fi
done

folder=target/objects-check
python="$folder/python/bin/python"
packages='import highdicom, pycocotools, numpy, pydicom'
mkdir -p "$folder"
if ! "$python" -c "$packages" 2>/dev/null; then
    python3 -m venv "$folder/python" >/dev/null 2>&1 || skip "python3 cannot make a virtual environment"
    timeout 300 "$python" -m pip install -q highdicom==0.28.2 pycocotools==2.0.11 >/dev/null 2>&1 \
        || skip "the Python packages highdicom and pycocotools cannot be installed"
fi

calxray=${1:-target/debug/calxray}
[ -x "$calxray" ] || cargo build --locked
rm -rf "$folder/images" "$folder/out"
"$calxray" phantom --out "$folder/images" --count 3 --seed 3 >/dev/null
cp fixtures/radiographs/* "$folder/images/"
timeout 600 "$python" tests/objects/check.py "$calxray" "$folder/images" "$folder/out"
