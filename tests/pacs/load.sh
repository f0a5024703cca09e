#!/usr/bin/env bash
# Many radiographs over four associations at once, with the receiver killed three times (kill -9) on the way: none lost, none
# twice, memory flat; objects/s beside the bare storescp of dcmtk, and the time from C-STORE to the result.
# Usage: tests/pacs/load.sh [CALXRAY [OBJECTS [IMAGE]]]   (a release build, 1000, a small radiograph; PYTHON for another python)
# Installs what is missing where it may; says so and ends well where it cannot. Listens on loopback only. The course of the
# run, every second, is in target/pacs-load/course.csv.
UNTESTED="calxray receive was NOT tested under load"
. "$(dirname "${BASH_SOURCE[0]}")/setting.sh"
calxray=${1:-target/release/calxray}
objects=${2:-1000}
image=${3:-fixtures/radiographs/highdicom_dx_dog_thorax.dcm}

need_tools storescu:dcmtk pgrep:procps
need_python "highdicom, pydicom" highdicom==0.28.2

new_folder target/pacs-load bare
read -r scp monitor < <(free_ports 2)
course=
trap 'kill -9 $receiver $course 2>/dev/null || true' EXIT
now() { date +%s.%N; }
took() { # took WHAT FROM COUNT
    awk -v what="$1" -v a="$2" -v b="$(now)" -v n="$3" \
        'BEGIN { printf "%-58s %8.2f s %8.1f objects/s\n", what, b - a, n / (b - a) }'
}
acknowledged() { find "$1" -name '*.dcm.done' | wc -l; }
results() { find "$folder/out/sr" -name '[0-9a-f]*.dcm' 2>/dev/null | wc -l; }
# A sender per folder, each over one association for as long as it lasts. What was acknowledged is renamed and never sent
# again; the rest goes over the next association.
send() {
    local part senders=()
    for part in 0 1 2 3; do
        (
            for _ in $(seq 300); do
                find "$1/$part" -name '*.bad' -exec sh -c 'mv "$1" "${1%.bad}"' _ {} \;
                if [ -z "$(find "$1/$part" -name '*.dcm' -print -quit)" ]; then exit 0; fi
                storescu -xw -to 5 -aet MODALITY -aec CALXRAY +rn +sd +sp '*.dcm' 127.0.0.1 "$scp" "$1/$part" \
                    >/dev/null 2>&1 || echo again >>"$folder/again.log"
                sleep 0.1
            done
        ) &
        senders+=($!)
    done
    sent=("${senders[@]}")
}

# 1. The bare storescp: it neither syncs nor analyses.
"$python" tests/pacs/e2e.py objects "$image" "$folder/for-bare" "$objects"
storescp --fork +xa -od "$folder/bare" -aet CALXRAY "$scp" & receiver=$!
await 20 "storescp listens" echoscu -aec CALXRAY 127.0.0.1 "$scp"
begun=$(now)
send "$folder/for-bare"
wait "${sent[@]}"
took "storescp --fork (no sync), to the last acknowledgement" "$begun" "$objects"
kill_receiver

# 2. calxray receive, killed twice while objects come in and once while they are analysed.
"$python" tests/pacs/e2e.py objects "$image" "$folder/objects" "$objects"
receive() { start_receiver --quiet --format jsonl,sr,seg --min-score 0.01; }
receive
(
    echo "seconds,process,rss_kb,threads,files,acknowledged,results"
    while sleep 1; do
        process=$(pgrep -n -f "receive --aet CALXRAY --listen 127.0.0.1 --port $scp" || true)
        read -r rss threads < <(awk '/^VmRSS/ { rss = $2 } /^Threads/ { n = $2 } END { print rss, n }' \
            "/proc/$process/status" 2>/dev/null) || continue
        files=$(find "/proc/$process/fd" 2>/dev/null | wc -l)
        echo "$SECONDS,$process,$rss,$threads,$files,$(acknowledged "$folder/objects"),$(results)"
    done
) >"$folder/course.csv" 2>/dev/null & course=$!
begun=$(now)
send "$folder/objects"
until_count() { # until_count COUNT COMMAND...
    local least=$1 until=$((SECONDS + 1200))
    shift
    until [ "$("$@")" -ge "$least" ]; do
        [ "$SECONDS" -lt "$until" ] || fail "no more than $("$@") of $least: $*"
        sleep 0.05
    done
}
for share in 20 50; do
    until_count $((objects * share / 100)) acknowledged "$folder/objects"
    kill_receiver
    receive
done
wait "${sent[@]}"
took "calxray receive, 2 kills, to the last acknowledgement" "$begun" "$objects"
until_count $((objects / 2)) results
kill_receiver
receive
await 3600 "everything is analysed" idle
took "calxray receive, 3 kills, to the last result" "$begun" "$objects"
kill "$course"
"$python" tests/pacs/e2e.py once "$folder/objects" "$folder/out" || fail "what came of the objects"
[ -z "$(find "$folder"/spool/{received,failed,incoming,refused,work} -type f)" ] || fail "the spool is not empty"
printf 'associations that broke off and were begun again: %s\n' "$(cat "$folder/again.log" 2>/dev/null | wc -l)"
# The last process has analysed half of the objects: its memory over that time, in fifths.
awk -F, -v process="$receiver" '$2 == process { rss[n++] = $3; if ($3 > most) most = $3 }
    END { printf "memory of the last process (MB):"; for (i = 0; i <= 5; i++) printf " %.0f", rss[int(i * (n - 1) / 5)] / 1024
          printf "; most %.0f\n", most / 1024
          if (n > 20 && rss[n - 1] > 1.25 * rss[int(n / 4)]) { print "FAILED: it grows"; exit 1 } }' "$folder/course.csv"

# 3. One at a time, nothing else to do: from the start of storescu to the report on the disk.
rm -rf "$folder/out/sr"
mkdir "$folder/out/sr"
"$python" tests/pacs/e2e.py objects "$image" "$folder/single" 10
for file in "$folder"/single/*/*.dcm; do
    before=$(results)
    begun=$(now)
    storescu -xw -aet MODALITY -aec CALXRAY 127.0.0.1 "$scp" "$file"
    until [ "$(results)" -gt "$before" ]; do sleep 0.02; done
    awk -v a="$begun" -v b="$(now)" 'BEGIN { print b - a }'
done | sort -n | awk '{ t[NR] = $1 } END { printf "one at a time, from C-STORE to its report: median %.2f s, longest %.2f s\n", t[int((NR + 1) / 2)], t[NR] }'
stop_well
