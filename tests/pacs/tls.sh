#!/usr/bin/env bash
# DICOM over TLS between calxray and dcmtk, both ways: with a certificate of the receiver alone, and with one of the peer too;
# whoever is not to be trusted, or does not speak TLS, gets nothing through, and the service stays alive.
# Usage: tests/pacs/tls.sh [CALXRAY]   (built with --features tls; builds one if not given)
# Needs dcmtk and openssl; installs what is missing where it may, says so and ends well where it cannot. Loopback only.
UNTESTED="DICOM over TLS was NOT tested"
. "$(dirname "${BASH_SOURCE[0]}")/setting.sh"

need_tools storescu:dcmtk openssl:openssl
[ $# -gt 0 ] || cargo build --locked --features tls
new_folder target/pacs-tls stored
node=
trap 'kill -9 $receiver $node 2>/dev/null || true' EXIT
read -r scp monitor archive < <(free_ports 3)
image=fixtures/radiographs/highdicom_dx_dog_thorax.dcm

authority() { # authority NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=synthetic authority $1" \
        -keyout "$folder/$1.key" -out "$folder/$1.pem" 2>/dev/null
}
certificate() { # certificate NAME AUTHORITY
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=synthetic $1" \
        -keyout "$folder/$1.key" -out "$folder/$1.csr" 2>/dev/null
    openssl x509 -req -in "$folder/$1.csr" -CA "$folder/$2.pem" -CAkey "$folder/$2.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$folder/$1.pem" 2>/dev/null
}
authority hospital
authority stranger
certificate receiver hospital
certificate modality hospital
certificate impostor stranger

store() { # store TLS-OPTION...
    timeout 30 storescu -to 5 -ta 5 -aet MODALITY -aec CALXRAY "$@" 127.0.0.1 "$scp" "$image" >>"$folder/storescu.log" 2>&1
}
receive() {
    start_receiver --format sr --tls-certificate "$folder/receiver.pem" --tls-key "$folder/receiver.key" --timeout 5 "$@"
}

# 1. The receiver has a certificate, peers need none.
receive
store +tla +cf "$folder/hospital.pem" || fail "storescu over TLS"
store +tls "$folder/modality.key" "$folder/modality.pem" +cf "$folder/hospital.pem" || fail "storescu with a certificate"
! store || fail "a peer that does not speak TLS gets through"
! store +tla +cf "$folder/stranger.pem" || fail "storescu trusts whom it should not"
for version in tls1_2 tls1_3; do
    openssl s_client -connect "127.0.0.1:$scp" "-$version" -CAfile "$folder/hospital.pem" -verify_return_error \
        </dev/null >"$folder/$version.log" 2>&1 || fail "$version"
done
! openssl s_client -connect "127.0.0.1:$scp" -tls1_1 </dev/null >/dev/null 2>&1 || fail "TLS 1.1 is spoken"
head -c 100000 /dev/urandom >"/dev/tcp/127.0.0.1/$scp" 2>/dev/null || true
exec 5<>"/dev/tcp/127.0.0.1/$scp" # silent, and left open
store +tla +cf "$folder/hospital.pem" || fail "storescu after garbage and beside a silent connection"
exec 5<&-
stop_well

# 2. Peers need a certificate too. Results go to a node that speaks TLS and asks for ours.
storescp +xa -od "$folder/stored" +tls "$folder/receiver.key" "$folder/receiver.pem" +cf "$folder/hospital.pem" "$archive" \
    >"$folder/storescp.log" 2>&1 & node=$!
rm -rf "$folder/out"
receive --tls-peers "$folder/hospital.pem" --tls-trust "$folder/hospital.pem" --send-to "tls:ARCHIVE@127.0.0.1:$archive"
! store +tla +cf "$folder/hospital.pem" || fail "a peer without a certificate gets through"
! store +tls "$folder/impostor.key" "$folder/impostor.pem" +cf "$folder/hospital.pem" || fail "an impostor gets through"
store +tls "$folder/modality.key" "$folder/modality.pem" +cf "$folder/hospital.pem" || fail "storescu, both certified"
await 60 "the report is sent over TLS" is calxray_results_sent_total 1
stop_well
[ "$(find "$folder/stored" -type f | wc -l)" = 1 ] || fail "the report is there once"

# 3. calxray send.
send() { "$calxray" send "$folder/out" --retries 0 --to "tls:ARCHIVE@127.0.0.1:$archive" "$@" >>"$folder/send.log" 2>&1; }
own=(--tls-certificate "$folder/modality.pem" --tls-key "$folder/modality.key")
send --tls-trust "$folder/hospital.pem" "${own[@]}" || fail "calxray send over TLS"
! send --tls-trust "$folder/stranger.pem" "${own[@]}" || fail "calxray send trusts whom it should not"
! send --tls-trust "$folder/hospital.pem" || fail "a node that asks for a certificate gets none and stores"
! send "${own[@]}" || fail "calxray send without anybody to trust"
if grep -aE 'Patient|1\.2\.8' "$folder/receive.log"; then fail "the log names a patient or an instance"; fi
printf 'DICOM over TLS 1.2 and 1.3 agrees with dcmtk and openssl, both ways, with and without certificates of peers\n'
