#!/usr/bin/env bash
# Two machines on one Ethernet over WebSockets, for real: builds the programs, makes a network namespace for the server and
# one for each of two clients, joins them with taps, pings across over IPv4 and IPv6, shows the peers, and cleans up.
# Run it as root. Nothing outside the namespaces is touched. VPNWS_BIN=FOLDER takes programs that are already built.
set -euo pipefail
cd "$(dirname "$0")/.."

hub="vpnws-example-$$-hub"
work=
started=()
namespaces=()

fail() {
    echo "two-node-lan: $1" >&2
    exit 1
}

clean_up() {
    trap '' INT TERM
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
    for namespace in "${namespaces[@]}"; do ip netns delete "$namespace" || true; done
    [ -z "$work" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

[ "$(id -u)" = 0 ] || fail "network namespaces and taps need root; try: sudo $0"
for tool in ip ping dotnet; do
    command -v "$tool" >/dev/null || fail "the program '$tool' is missing (Debian: iproute2, iputils-ping, dotnet-sdk-10.0)"
done
[ -c /dev/net/tun ] || fail "/dev/net/tun is missing: load the kernel module 'tun'"

# Waits up to 20 s for a command to succeed.
until_true() {
    local what=$1
    shift
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    cat "$work"/*.log >&2
    fail "not within 20 s: $what"
}

# Asks the control interface, which speaks the uwsgi protocol with modifier1 1 on the server's trusted socket.
control() {
    perl -MIO::Socket::UNIX -e '
        my $socket = IO::Socket::UNIX->new($ARGV[0]) or exit 1;
        my $variables = pack "(v/a)*", QUERY_STRING => $ARGV[1];
        print $socket pack("C v C", 1, length $variables, 0), $variables;
        local $/;
        print <$socket>;' "$work/vpn.sock" "$1" | sed '1,/^\r$/d'
}

two_peers() {
    [ "$(control '' | grep -o '"MAC"' | wc -l)" = 2 ]
}

start() {
    local namespace=$1 log=$2
    shift 2
    timeout 300 ip netns exec "$namespace" "$@" >"$work/$log.log" 2>&1 &
    started+=($!)
}

# Makes a namespace with a cable to the hub's bridge; its side is called "uplink".
add_machine() {
    local namespace=$1 number=$2
    ip netns add "$namespace"
    namespaces+=("$namespace")
    ip -n "$namespace" link add uplink type veth peer name "port$number" netns "$hub"
    ip -n "$hub" link set "port$number" master wire up
    ip -n "$namespace" addr add "10.77.0.$number/24" dev uplink
    ip -n "$namespace" link set uplink up
}

bin=${VPNWS_BIN:-}
if [ -z "$bin" ]; then
    echo "Building the programs ..."
    bin=artifacts/bin
    for program in vpn-ws vpn-ws-client; do
        dotnet publish "src/$program" --configuration Release --output "$bin" --nologo --verbosity quiet
    done
fi

work=$(mktemp -d)
ip netns add "$hub"
namespaces+=("$hub")
ip -n "$hub" link add wire type bridge
ip -n "$hub" addr add 10.77.0.1/24 dev wire
ip -n "$hub" link set wire up

echo "Starting the server in $hub ..."
start "$hub" server "$bin/vpn-ws" --http 10.77.0.1:8080 "$work/vpn.sock"
until_true "the server is up" control ''

for number in 11 12; do
    client="vpnws-example-$$-client$number"
    echo "Joining $client ..."
    add_machine "$client" "$number"
    start "$client" "client$number" "$bin/vpn-ws-client" \
        --address "10.88.0.$number/24" --address "fd88::$number/64" vpn0 ws://10.77.0.1:8080/vpn
done
until_true "both clients are joined" two_peers

one="vpnws-example-$$-client11"
until_true "the LAN works" ip netns exec "$one" ping -c 1 -W 1 fd88::12
echo
ip netns exec "$one" ping -c 3 -i 0.2 -W 2 10.88.0.12
echo
ip netns exec "$one" ping -c 3 -i 0.2 -W 2 fd88::12
echo
echo "The peers as the server sees them:"
control ''
echo
echo
echo "two-node-lan: two machines shared an Ethernet over WebSockets."
