#!/usr/bin/env bash
# Runs `calxray scan` and a peer pipeline alternately on the same files and prints images per second, CPU time,
# memory, and the ratio between them.
#
# usage: benches/race.sh FOLDER PEER [ROUNDS]
#   FOLDER  DICOM files
#   PEER    a Python script called as `PEER FOLDER OUT.csv --jobs N` (environment PYTHON: the interpreter)
#   ROUNDS  default 3
# Environment: JOBS (default 1), FORMAT (default csv: one table, as the peer writes), CALXRAY (default: a release build).
# Needs bash and Python 3. The peak memory is that of the largest process.
set -euo pipefail
if [ $# -lt 2 ]; then
    sed -n '2,10s/^# \{0,1\}//p' "$0"
    exit 2
fi
folder=$1 peer=$2 rounds=${3:-3}
python=${PYTHON:-python3} jobs=${JOBS:-1} format=${FORMAT:-csv}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
calxray=${CALXRAY:-}
if [ -z "$calxray" ]; then
    cargo build --release --quiet --manifest-path "$root/Cargo.toml"
    calxray=$root/target/release/calxray
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# Prints wall seconds, CPU seconds and the peak memory in MiB of the largest process of a command.
measure() {
    "$python" - "$@" <<'PY'
import resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.perf_counter() - begin
if done.returncode not in (0, 1):
    sys.exit(done.stderr.decode())
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{wall:.3f} {use.ru_utime + use.ru_stime:.3f} {use.ru_maxrss / 1024:.0f}")
PY
}

images=$(find -L "$folder" -type f | wc -l)
printf '%s files, %s jobs, %s rounds\n' "$images" "$jobs" "$rounds"
for round in $(seq "$rounds"); do
    for who in calxray peer; do
        if [ $who = calxray ]; then
            figures=$(measure "$calxray" scan "$folder" --out "$place/out$round" --format "$format" --modality any \
                --jobs "$jobs" --progress none)
        else
            figures=$(measure "$python" "$peer" "$folder" "$place/peer.csv" --jobs "$jobs")
        fi
        echo "$who $figures" | tee -a "$place/figures"
    done
done
"$python" - "$place/figures" "$images" <<'PY'
import statistics, sys
figures, images = {}, int(sys.argv[2])
for line in open(sys.argv[1]):
    who, *numbers = line.split()
    figures.setdefault(who, []).append([float(number) for number in numbers])
middle = {who: [statistics.median(column) for column in zip(*rows)] for who, rows in figures.items()}
for who, (wall, cpu, rss) in middle.items():
    print(f"{who:8} {images / wall:7.2f} images/s wall  {images / cpu:7.2f} images/s per core of CPU time  {rss:5.0f} MiB")
ours, theirs = middle["calxray"], middle["peer"]
print(f"calxray is {theirs[0] / ours[0]:.2f} x as fast by wall time, {theirs[1] / ours[1]:.2f} x by CPU time")
PY
