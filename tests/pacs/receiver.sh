# Sourced by scripts that run `calxray receive`: starts, watches and stops it. They set `calxray`, `python` and `folder`,
# and the ports `scp` and `monitor`.
receiver=

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    tail -n 20 "$folder"/*.log >&2 || true
    exit 1
}

# free_ports COUNT   Ports of the loopback that nobody uses.
free_ports() {
    "$python" - "$1" <<'EOF'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
EOF
}

# start_receiver OPTION...   Started, and listening.
start_receiver() {
    "$calxray" receive --aet CALXRAY --listen 127.0.0.1 --port "$scp" --monitor "127.0.0.1:$monitor" --allow MODALITY \
        --spool "$folder/spool" --out "$folder/out" "$@" 2>>"$folder/receive.log" &
    receiver=$!
    await 20 "the receiver listens" curl -sf "http://127.0.0.1:$monitor/health"
}

kill_receiver() {
    kill -9 "$receiver"
    wait "$receiver" 2>/dev/null || true
}

stop_well() {
    kill -TERM "$receiver"
    wait "$receiver" || fail "the receiver does not stop well"
}

# await SECONDS WHAT COMMAND...   Until the command succeeds.
await() {
    local until=$((SECONDS + $1)) what=$2
    shift 2
    while [ "$SECONDS" -lt "$until" ]; do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.2
    done
    fail "waited in vain: $what"
}

metric() { curl -sf "http://127.0.0.1:$monitor/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
is() { [ "$(metric "$1")" = "$2" ]; }
idle() { is calxray_spool_objects 0 && is calxray_outbox_objects 0; }
