#!/usr/bin/env bash
# A server under load: 2,000 peers that each send, others that join and leave ten times a second, and ten hostile ones. Fails where an honest frame
# is lost, an honest peer is dropped, or the server's memory grows after the warm-up.
#   tests/bench/load.sh                            ten minutes
#   tests/bench/load.sh --seconds 10 --peers 200   shorter and smaller
# VPNWS_BIN    a folder with our programs, published; they are published to artifacts/bench where it is not set
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
exec python3 "$(dirname "$0")/load.py" "$@"
