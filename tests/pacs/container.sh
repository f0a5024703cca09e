#!/usr/bin/env bash
# The Dockerfile: both images are built by buildah and run by podman, as docs/pacs.md says to run them: a static binary, as a user without rights,
# over a read-only root. `scan` writes what it writes outside; `receive`, process 1 there, loses nothing to a kill and ends at SIGTERM; the image
# for mercure does what mercure expects of a module, given folders laid out as mercure lays them out.
# Usage: tests/pacs/container.sh [CALXRAY]
# Base images come from their registry; where it is out of reach others stand in for them, and a line says so. Needs root, buildah, podman;
# installs what is missing where it may, says so and ends well where it cannot. Loopback only.
UNTESTED="the container images were NOT tested"
. "$(dirname "${BASH_SOURCE[0]}")/setting.sh"

[ "$(id -u)" = 0 ] || skip "only root may set up containers here"
need_tools buildah:buildah podman:podman runc:runc conmon:conmon storescu:dcmtk curl:curl
[ -x "$calxray" ] || cargo build --locked

folder=$PWD/target/pacs-container
unmount() { awk -v under="$folder/storage/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount; }
unmount # what a run that was killed left
rm -rf "$folder"/{storage,stand-in,images,native,results,mercure} "$folder"/*.log
mkdir -p "$folder/storage" "$folder/target" # what cargo made is kept
run=$(mktemp -d /tmp/calxray-run.XXXXXX) # podman wants short paths for its sockets
store=(--root "$folder/storage" --runroot "$run/root" --storage-driver overlay)
engine=(podman "${store[@]}" --tmpdir "$run/tmp" --cgroup-manager cgroupfs --runtime runc)
"${engine[@]}" info >/dev/null 2>&1 || { store=("${store[@]/overlay/vfs}") engine=("${engine[@]/overlay/vfs}"); }
tidy() {
    "${engine[@]}" rm --all --force --time 0 >/dev/null 2>&1 || true
    "${engine[@]}" volume prune --force >/dev/null 2>&1 || true
    unmount
    rm -rf "$run" "$folder/storage"
}
trap tidy EXIT

# Little is allowed, and nothing is asked that a container inside a container could not have.
start() { "${engine[@]}" run --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --cap-drop ALL --security-opt no-new-privileges "$@"; }

# 1. The images that ours are built from.
rust=docker.io/library/rust:1-alpine
busybox=docker.io/library/busybox:stable-musl
pull() { timeout 120 "${engine[@]}" pull -q "$1" >>"$folder/pull.log" 2>&1; }
instead() { printf '\n!!! %s cannot be had here: %s stands in for it\n\n' "$1" "$2" >&2; }
from_folder() { # from_folder IMAGE FOLDER CONFIGURATION...
    local image=$1 content=$2 container
    shift 2
    container=$(buildah "${store[@]}" from scratch)
    buildah "${store[@]}" copy -q "$container" "$content" / >/dev/null
    buildah "${store[@]}" config "$@" "$container"
    buildah "${store[@]}" commit -q --rm "$container" "$image" >/dev/null
}
binds=(-v "$folder/target:/calxray/target")
if ! pull "$busybox"; then
    instead "$busybox" "Debian's busybox-static"
    [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || need_package busybox-static
    mkdir -p "$folder"/stand-in/busybox/{bin,tmp}
    chmod 1777 "$folder/stand-in/busybox/tmp"
    cp /bin/busybox "$folder/stand-in/busybox/bin"
    /bin/busybox --list | grep -vx busybox | xargs -I{} ln -s busybox "$folder/stand-in/busybox/bin/{}"
    from_folder "$busybox" "$folder/stand-in/busybox" --cmd sh
fi
start --rm --network none "$busybox" true >"$folder/probe.log" 2>&1 || skip "podman cannot run a container here: $(tail -n 1 "$folder/probe.log")"
if ! pull "$rust"; then
    instead "$rust" "the toolchain of this machine, told to build for musl,"
    sysroot=$(rustc --print sysroot)
    musl=$(uname -m)-unknown-linux-musl
    [ -d "$sysroot/lib/rustlib/$musl" ] || timeout 300 rustup -q target add "$musl" >/dev/null 2>&1 || skip "Rust's $musl cannot be had"
    standing=$folder/stand-in/rust
    cargo=${CARGO_HOME:-$HOME/.cargo}
    mkdir -p "$standing"/{stand-in,etc,usr,tmp}
    for one in bin lib lib64 sbin; do ln -s "usr/$one" "$standing/$one"; done
    printf '#!/bin/sh\n' | tee "$standing/stand-in/apk" >"$standing/stand-in/cargo"
    # Alpine's own target is musl, and its cargo puts what it makes into target/release.
    printf '"%s/bin/cargo" "$@" --target %s && mkdir -p target/release && cp target/%s/release/calxray target/release\n' \
        "$sysroot" "$musl" "$musl" >>"$standing/stand-in/cargo"
    chmod +x "$standing"/stand-in/*
    from_folder "$rust" "$standing" --env "PATH=/stand-in:$sysroot/bin:/usr/bin:/bin" --env "CARGO_HOME=$cargo"
    binds+=(-v /usr:/usr:ro -v /etc/alternatives:/etc/alternatives:ro -v /etc/ssl:/etc/ssl:ro -v "$sysroot:$sysroot:ro"
        -v "$cargo:$cargo")
fi

# 2. The Dockerfile.
build() { # build IMAGE OPTION...
    timeout 1800 buildah "${store[@]}" bud --isolation chroot --layers "${binds[@]}" -t "$@" . >>"$folder/build.log" 2>&1 || fail "the Dockerfile: $1"
}
build localhost/calxray-mercure:latest --target mercure
build localhost/calxray:latest
image=localhost/calxray:latest
inside=$("${engine[@]}" image mount "$image")
ldd "$inside/calxray" 2>&1 | grep -qE 'statically linked|not a dynamic executable' || fail "the binary is static"
[ "$(cd "$inside" && find . -mindepth 1 -printf '%P %U %y\n' | sort | tr '\n' ,)" = "calxray 65532 f,out 65532 d,spool 65532 d," ] \
    || fail "nothing else is in the image: $(ls -lA "$inside")"
"${engine[@]}" image unmount "$image" >/dev/null
[ "$("${engine[@]}" image inspect --format '{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Cmd}}' "$image")" = "65532:65532 [/calxray] [--help]" ] \
    || fail "user and command of the image"
start --rm --network none "$image" | grep -q Usage || fail "the image says how it is used"

# 3. scan: the same bytes as outside, and nothing where nothing may be written.
"$calxray" phantom --out "$folder/images" --count 3 --seed 3 --normal 0 --label rice_grain --density 1.5,2 >/dev/null # all with foci
cp fixtures/radiographs/*.dcm "$folder/images"
scan=(scan --format csv,jsonl,sr,seg,sc --progress none --quiet)
"$calxray" "${scan[@]}" "$folder/images" --out "$folder/native" || [ $? = 1 ] || fail "scan outside"
mkdir "$folder/results"
chown 65532:65532 "$folder/results"
start --rm --network none --read-only -v "$folder/images:/in:ro" -v "$folder/results:/out" "$image" "${scan[@]}" /in --out /out/scan \
    || [ $? = 1 ] || fail "scan in the container"
diff -r --exclude=journal --exclude=.lock "$folder/native" "$folder/results/scan" >"$folder/differences.log" || fail "scan comes to the same inside and outside"
refused=0
start --rm --network none --read-only -v "$folder/images:/in:ro" "$image" "${scan[@]}" /in --out /out 2>/dev/null || refused=$?
[ "$refused" = 2 ] || fail "status 2 where nothing can be written, not $refused"

# 4. receive, over volumes that the engine makes; killed once, and begun again.
read -r scp monitor < <(free_ports 2)
receive() {
    start --detach --name receiver --replace --network host --read-only -v spool:/spool -v out:/out "$image" receive --spool /spool --out /out \
        --listen 127.0.0.1 --port "$scp" --monitor "127.0.0.1:$monitor" --allow MODALITY --format sr >/dev/null
    await 20 "the receiver listens" curl -sf "http://127.0.0.1:$monitor/health"
}
ended() { # ended STATUS SIGNAL   Sent to process 1 of the container.
    "${engine[@]}" kill --signal "$2" receiver >/dev/null
    local status
    status=$(timeout 60 "${engine[@]}" wait receiver) || fail "the receiver ends at $2"
    "${engine[@]}" logs receiver >>"$folder/receiver.log" 2>&1
    [ "$status" = "$1" ] || fail "status $1 at $2, not $status"
}
receive
store() { storescu -aet MODALITY -aec CALXRAY 127.0.0.1 "$scp" "$folder"/images/synthetic*.dcm; }
store || fail "storescu to the container"
ended 137 KILL
receive
await 120 "what was acknowledged is analysed" idle
store || fail "storescu after a kill"
await 120 "what came again is analysed" idle
ended 0 TERM
receive
ended 0 INT
kept=$("${engine[@]}" volume inspect --format '{{.Mountpoint}}' out)
[ "$(find "$kept/sr" -name '*.dcm' | wc -l)" = 3 ] || fail "each image has one report: $(ls "$kept/sr")"
[ -z "$(find "$kept" ! -user 65532)" ] || fail "all is the user's own"

# 5. mercure: as app/process/process_series.py of 2026 has it. Any user; both folders open to all; the images named <series>#<file>.dcm,
#    a file of tags beside each, and task.json; the command that the image has; first a question for a manifest, by an image's `cat`.
module=localhost/calxray-mercure:latest
answer=0
start --rm --network none --entrypoint "" "$module" cat /etc/monai/app.json 2>/dev/null || answer=$?
[ "$answer" = 1 ] || fail "the image has a cat, which finds no manifest: $answer"
process() { # process RETAIN IMAGE...   Sets `out`.
    rm -rf "$folder/mercure"
    mkdir -p "$folder"/mercure/{in,out}
    out=$folder/mercure/out
    printf '{"id": "1", "process": {"module_name": "calxray", "settings": {}, "retain_input_images": %s}}' "$1" >"$folder/mercure/in/task.json"
    for one in "${@:2}"; do
        cp "$one" "$folder/mercure/in/1.2.3#$(basename "$one")"
        printf '{"Modality": "DX"}' >"$folder/mercure/in/1.2.3#$(basename "$one" .dcm).tags"
    done
    chmod 777 "$folder"/mercure/{in,out}
    chmod 666 "$folder"/mercure/in/*
    start --rm --network none --user 1000:1000 --group-add 1000 -v "$folder/mercure/in:/tmp/data" -v "$out:/tmp/output" \
        -e MERCURE_IN_DIR=/tmp/data -e MERCURE_OUT_DIR=/tmp/output "$module" >>"$folder/mercure.log" 2>&1
}
left() { (cd "$out" && find . -mindepth 1 -printf '%P\n' | sed 's/^[0-9a-f]\{16\}/X/' | sort | tr '\n' ' '); }
result() { "$python" -c 'import json, sys; found = json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"found": found}))' "$out/result.json" "$1"; }
process false "$folder/images/synthetic-3-000000.dcm" || fail "the module for mercure"
[ "$(left)" = "X-sc.dcm X-seg.dcm X-sr.dcm result.json " ] || fail "what mercure sends lies flat, beside result.json: $(left)"
cmp "$out"/*-sr.dcm "$folder"/native/sr/"$(basename "$out"/*-sr.dcm -sr.dcm).dcm" || fail "mercure gets the same report"
[ "$(result '[len(found["images"]), len(found["images"][0]["foci"]) > 0, len(found)]')" = "[1, True, 1]" ] || fail "result.json has the findings"
printf 'no image' >"$folder/none.dcm"
process false "$folder/none.dcm" || fail "a series of nothing to analyse ends well"
[ "$(left)$(result found)" = "result.json {'images': [], '__mercure_routing': {'discard': True}}" ] || fail "nothing comes of nothing: $(left)"
process true "$folder/none.dcm" && [ "$(result found)" = "{'images': []}" ] || fail "what mercure sends itself is not held back"
head -c 20000 "$folder/images/synthetic-3-000000.dcm" >"$folder/cut.dcm"
! process false "$folder/cut.dcm" || fail "a broken image is an error to mercure"
printf 'both images are built, hold what they should, and run: scan, receive, and as a module of mercure\n'
