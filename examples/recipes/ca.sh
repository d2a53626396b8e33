#!/bin/sh
# A small certificate authority for client certificates (and, where you like, the server's), with openssl.
#   ca.sh init "My VPN"        makes ca.crt and ca.key; keep ca.key off the server
#   ca.sh server vpn.example.com [more names]
#   ca.sh client ada           makes ada.crt and ada.key
# In the folder CA_DIR, by default the current one. Certificates last CA_DAYS days, by default 825.
#   vpn-ws --http :443 --tls-cert vpn.crt --tls-key vpn.key --client-ca ca.crt
#   vpn-ws-client --crt ada.crt --key ada.key vpn0 wss://vpn.example.com/vpn
set -eu
cd "${CA_DIR:-.}"
days=${CA_DAYS:-825}
umask 077

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

fail() {
    echo "ca.sh: $1" >&2
    exit 1
}

new_key() {
    [ ! -e "$1" ] || fail "$1 is there already"
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# Nothing is left behind of what fails.
sign() {
    name=$1 extensions=$2
    case $name in */* | .* | '') fail "'$name' is no name for a file: leave out slashes, and a dot at the beginning" ;; esac
    [ -r ca.crt ] && [ -r ca.key ] || fail "there are no ca.crt and ca.key to read in $PWD; make them with: ca.sh init NAME"
    new_key "$name.key"
    trap 'rm -f "$name.csr" "$name.ext" "$name.key" "$name.crt"' EXIT
    printf '%s\n' "$extensions" >"$name.ext"
    openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -days "$days" -extfile "$name.ext" -out "$name.crt" 2>"$name.log" ||
        { cat "$name.log" >&2; rm "$name.log"; exit 1; }
    trap - EXIT
    rm "$name.csr" "$name.ext" "$name.log"
    echo "$name.crt $name.key"
}

case ${1:-} in
init)
    [ $# = 2 ] || usage
    new_key ca.key
    openssl req -x509 -new -key ca.key -subj "/CN=$2" -days 3650 -addext "keyUsage=critical,keyCertSign,cRLSign" -out ca.crt
    echo "ca.crt ca.key"
    ;;
server)
    [ $# -ge 2 ] || usage
    first=$2 names=
    shift
    for name; do
        case $name in
        *[!0-9.]*:* | *:*) names="$names,IP:$name" ;;
        *[!0-9.]*) names="$names,DNS:$name" ;;
        *) names="$names,IP:$name" ;;
        esac
    done
    sign "$first" "basicConstraints=CA:FALSE
extendedKeyUsage=serverAuth
subjectAltName=${names#,}"
    ;;
client)
    [ $# = 2 ] || usage
    sign "$2" "basicConstraints=CA:FALSE
extendedKeyUsage=clientAuth"
    ;;
*) usage ;;
esac
