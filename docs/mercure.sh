#!/bin/sh
# What the image for mercure runs (docs/pacs.md): a series or study from MERCURE_IN_DIR; DICOM objects, and result.json for mercure's data
# base, into MERCURE_OUT_DIR. No folders there: mercure sends the *.dcm of folders too, and a module after this one cannot enter them.
set -eu
in=${MERCURE_IN_DIR:-/tmp/data} out=${MERCURE_OUT_DIR:-/tmp/output} work=$(mktemp -d)
/calxray scan "$in" --out "$work" --objects "$out" --format jsonl,sr,seg,sc --progress none "$@"
{
    printf '{"images":['
    # Without task.json and the *.tags files, for which there is a line too, and without the long lists of what was rejected.
    grep -v '"outcome":{"status":"skipped"' "$work/findings.jsonl" | sed 's/"rejected":\[.*\],\("warnings":\)/\1/' | paste -s -d , -
    printf ']'
    # Nothing to send, not even the images: where the rule has dynamic routing, mercure then does not try to.
    if ! ls "$out"/*.dcm >/dev/null 2>&1 && ! grep -q '"retain_input_images": *true' "$in/task.json"; then
        printf ',"__mercure_routing":{"discard":true}'
    fi
    printf '}\n'
} >"$out/result.json"
rm -r "$work"
