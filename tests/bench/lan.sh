#!/usr/bin/env bash
# Measures a LAN over our programs beside other ways to make one, in network namespaces of its own; needs root.
#   tests/bench/lan.sh                     everything that is installed, three rounds: about 25 minutes
#   tests/bench/lan.sh --quick             ours, the C programs and the kernel bridge, one short round: about a minute
#   tests/bench/lan.sh --help              the options
# VPNWS_BIN    a folder with our programs, published; they are published to artifacts/bench where it is not set
# VPNWS_C_DIR  a folder with the built C programs to compare with
# The bare relay (relay.c), the least that a LAN through programs costs here, is built with cc; what is not installed is left out.
# Debian: apt-get install --no-install-recommends iperf3 iputils-ping nginx-light openvpn softether-vpnserver softether-vpnclient softether-vpncmd gcc libc6-dev
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
exec python3 "$(dirname "$0")/lan.py" "$@"
