#!/usr/bin/env bash
# Feeds everything that takes bytes from strangers with inputs made of the seeds in tests/VpnWs.Fuzz/Seeds, and looks for exceptions, hangs,
# and memory that follows what an input claims. The same seed gives the same inputs; a finding is printed as a command that repeats it.
#   tests/fuzz.sh [--inputs N] [--seed N] [--target NAME] [--replay HEX]
# tests/run.sh does 100,000 inputs for each target; the long form is tests/fuzz.sh --inputs 10000000.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/VpnWs.Fuzz --configuration Release --verbosity quiet
exec tests/VpnWs.Fuzz/bin/Release/net10.0/VpnWs.Fuzz "$@"
