#!/usr/bin/env bash
# Mixed traffic between two clients through the server, in network namespaces of its own; needs root. Fails where a checksum differs,
# memory, descriptors or threads grow, or something was lost that no counter knows of.
#   tests/bench/soak.sh                    ten minutes
#   tests/bench/soak.sh 20 --no-offload    20 seconds, with --no-offload on clients and server
#   tests/bench/soak.sh --minutes 120 --reconnect 30 --reload 20   two hours; every half minute a client's link is ended, every 20 s the rules change
# VPNWS_BIN    a folder with our programs, published; they are published to artifacts/bench where it is not set
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
exec python3 "$(dirname "$0")/soak.py" "$@"
