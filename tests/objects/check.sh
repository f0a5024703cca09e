#!/usr/bin/env bash
# DICOM SR, SEG, SC and GSPS against other people's software: dciodvfy, dicom-validator, dcmtk,
# highdicom. Usage: tests/objects/check.sh [CALXRAY]
# Installs what is missing where it may; says so and ends well where it cannot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

UNTESTED="DICOM SR, SEG, SC and GSPS were NOT checked against dciodvfy, dicom-validator, dcmtk and highdicom"
. tests/support/packages.sh
need_tools dciodvfy:dicom3tools dsrdump:dcmtk
# dicom-standard holds the tables of PS3.3 that dicom-validator is given.
need_python "highdicom, pycocotools, numpy, pydicom, PIL, dicom_validator, dicom_standard" \
    highdicom==0.28.2 pycocotools==2.0.11 dicom-validator==0.9.0 dicom-standard==0.1.0

folder=target/objects-check
mkdir -p "$folder"
calxray=${1:-target/debug/calxray}
[ -x "$calxray" ] || cargo build --locked
rm -rf "$folder/images" "$folder/out"
"$calxray" phantom --out "$folder/images" --count 3 --seed 3 >/dev/null
cp fixtures/radiographs/* "$folder/images/"
timeout 1200 "$python" tests/objects/check.py "$calxray" "$folder/images" "$folder/out"
