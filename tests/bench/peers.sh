#!/usr/bin/env bash
# Measures one server with many peers, over its Unix socket: connection rate, idle memory, broadcast, unicast, a peer that stops reading, start.
#   tests/bench/peers.sh                   10,000 peers: about three minutes
#   tests/bench/peers.sh --quick           300 peers, half a minute
#   tests/bench/peers.sh --help            the options
# VPNWS_BIN     a folder with our programs, published; they are published to artifacts/bench where it is not set
# Each peer takes a descriptor here and one in the server: the limit of open files is raised where that is allowed (as root it is).
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
exec python3 "$(dirname "$0")/peers.py" "$@"
