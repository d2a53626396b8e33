#!/usr/bin/env bash
# Measures how long a server takes from exec to READY=1, and what it then holds resident, for one or more programs in alternation.
#   tests/bench/start.sh PROGRAM...              single files (packaging/package.sh makes them), old and new, say
#   tests/bench/start.sh --starts 31 PROGRAM...  31 starts of each in place of 15; the first of each is left out
# Prints a table: medians, and each program's ratio to the first, which is what to trust on a shared machine.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
exec python3 "$(dirname "$0")/start.py" "$@"
