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

new_key() {
    [ ! -e "$1" ] || { echo "ca.sh: $1 is there already" >&2; exit 1; }
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

sign() {
    name=$1 subject=$2 extensions=$3
    new_key "$name.key"
    openssl req -new -key "$name.key" -subj "/CN=$subject" |
        { printf '%s\n' "$extensions" >"$name.ext"; openssl x509 -req -CA ca.crt -CAkey ca.key -days "$days" -extfile "$name.ext" -out "$name.crt" 2>/dev/null; }
    rm "$name.ext"
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
    sign "$first" "$first" "basicConstraints=CA:FALSE
extendedKeyUsage=serverAuth
subjectAltName=${names#,}"
    ;;
client)
    [ $# = 2 ] || usage
    sign "$2" "$2" "basicConstraints=CA:FALSE
extendedKeyUsage=clientAuth"
    ;;
*) usage ;;
esac
