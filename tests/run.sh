#!/usr/bin/env bash
# The one test command: builds, checks the format, publishes the programs, runs every test, and ends with a line "N passed, N failed".
#   tests/run.sh                   everything; the end-to-end tests need root and are skipped without it
#   tests/run.sh --quick           without the end-to-end tests and the examples
#   tests/run.sh --filter TEXT     only tests with TEXT in their full name
#   tests/run.sh --no-offload      with offload (super-frames) off in servers and clients, but for the tests that are about it,
#                                  the examples and Pester; goes with the other options. It sets VPNWS_TEST_OFFLOAD=off.
# As root on Debian it installs the programs that the end-to-end tests use where they are missing.
# VPNWS_C_DIR=FOLDER, where the C programs are built, adds the interoperability tests with them.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=false
filter=
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=true ;;
    --no-offload) export VPNWS_TEST_OFFLOAD=off ;;
    --filter)
        filter=${2:?"--filter needs a text"}
        shift
        ;;
    *)
        echo "tests/run.sh: unknown option $1" >&2
        exit 2
        ;;
    esac
    shift
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
results=artifacts/test-results
end_to_end=VpnWs.EndToEnd.Tests
passed=0
failed=0
skipped=0
skips=()
failures=()

say() { printf '\n== %s\n' "$1"; }

# Without programs there is nothing to test.
finish_broken() {
    echo "$1 failed"
    echo "0 passed, 1 failed"
    exit 1
}

skip() {
    skipped=$((skipped + 1))
    skips+=("$2|$1")
}

install_what_is_missing() {
    local missing=() tool package
    while read -r tool package; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || missing+=("$package")
    done <<'TOOLS'
ip iproute2
ping iputils-ping
nginx nginx-light
iperf3 iperf3
dnsmasq dnsmasq-base
udhcpc udhcpc
setpriv util-linux
apache2 apache2
haproxy haproxy
caddy caddy
uwsgi-core uwsgi-core
htpasswd apache2-utils
nft nftables
tcpdump tcpdump
openssl openssl
curl curl
TOOLS
    /usr/bin/python3 -c 'import websockets' 2>/dev/null || missing+=(python3-websockets)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    # Until this is gone again, packages start no services.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
        trap "rm -f $policy" EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } </dev/null ||
        echo "Not installed; the tests that need them will be skipped."
    rm -f $policy
    trap - EXIT
}

# Reads the counts and the skipped tests from what an xunit program printed.
count() {
    local log=$1 code=$2 total errors fails skips_here
    read -r total errors fails skips_here < <(
        sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p; s/.*Total: 0$/0 0 0 0/p' "$log" | tail -1
    ) || { total=0 errors=1 fails=0 skips_here=0; }
    [ "$code" = 0 ] || [ $((errors + fails)) -gt 0 ] || [ "$total" = 0 ] || errors=1
    passed=$((passed + total - fails - skips_here))
    failed=$((failed + fails + errors))
    skipped=$((skipped + skips_here))
    local line test=
    while IFS= read -r line; do
        if [[ $line =~ ^\ *(.*)\ \[SKIP\]$ ]]; then
            test=${BASH_REMATCH[1]}
        elif [ -n "$test" ]; then
            skips+=("${line#"${line%%[! ]*}"}|$test")
            test=
        fi
    done <"$log"
    mapfile -t -O ${#failures[@]} failures < <(sed -nE 's/^ *(.*) \[FAIL\]$/\1/p' "$log")
}

run_tests() {
    local name=$1 code=0
    say "$name"
    timeout --kill-after 10s 15m "tests/$name/bin/Release/net10.0/$name" -noColor -trx "$results/$name.trx" \
        ${filter:+-method "*$filter*"} </dev/null 2>&1 | tee "$results/$name.log" || code=$?
    count "$results/$name.log" "$code"
}

run_example() {
    local name=$1
    say "$name"
    if [ "$(id -u)" != 0 ]; then
        skip "$name" "needs root"
    elif timeout --kill-after 10s 5m "$name" </dev/null; then
        passed=$((passed + 1))
    else
        echo "$name failed with exit code $?"
        failed=$((failed + 1))
        failures+=("$name")
    fi
}

run_fuzz() {
    say "Fuzz"
    if timeout --kill-after 10s 3m tests/VpnWs.Fuzz/bin/Release/net10.0/VpnWs.Fuzz --inputs 100000 </dev/null 2>&1 | tee "$results/fuzz.log"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        failures+=("Fuzz: see $results/fuzz.log")
    fi
}

run_pester() {
    say "Pester"
    if ! command -v pwsh >/dev/null; then
        skip "Pester" "there is no pwsh on the PATH"
    elif ! pwsh -NoProfile -NonInteractive -Command 'exit [int] -not (Get-Module -ListAvailable Pester | Where-Object Version -ge 5.5)' </dev/null; then
        skip "Pester" "pwsh has no Pester 5.5 or later"
    else
        local kind text count
        NO_COLOR=1 timeout --kill-after 10s 10m pwsh -NoProfile -NonInteractive -File tests/Pester/run.ps1 -Result "$results/pester.txt" \
            </dev/null 2>&1 | tee "$results/pester.log" || true
        [ -s "$results/pester.txt" ] || echo "failed|Pester did not come to its end" >"$results/pester.txt"
        while IFS='|' read -r kind text; do
            case $kind in
            passed)
                count=$text
                passed=$((passed + count))
                ;;
            failed)
                failed=$((failed + 1))
                failures+=("$text")
                ;;
            skipped) skip "${text#*|}" "${text%%|*}" ;;
            esac
        done <"$results/pester.txt"
    fi
}

[ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || $quick || install_what_is_missing

rm -rf "$results"
mkdir -p "$results"

say "Build"
dotnet build VpnWs.sln --configuration Release --verbosity quiet -warnaserror || finish_broken "the build"
# What is shipped is what the end-to-end tests run. Without root few of them run anything, and then what the build left.
if ! $quick && [ "$(id -u)" = 0 ]; then
    say "Publish"
    rm -rf artifacts/bin
    packaging/publish.sh artifacts/bin || finish_broken "the publishing"
    export VPNWS_BIN=$PWD/artifacts/bin
fi
say "Format"
if dotnet format VpnWs.sln --no-restore --verify-no-changes; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    failures+=("The format is not clean: dotnet format VpnWs.sln")
fi

for project in tests/*.Tests; do
    name=${project##*/}
    [ "$name" = "$end_to_end" ] || run_tests "$name"
done
[ -n "$filter" ] || run_fuzz
$quick || run_tests "$end_to_end"
if ! $quick && [ -z "$filter" ]; then
    for example in examples/*.sh; do run_example "$example"; done
    run_pester
fi

if [ ${#skips[@]} -gt 0 ]; then
    say "Skipped"
    # One line a reason: how many, and the names where they are few.
    printf '%s\n' "${skips[@]}" | sort | awk -F'|' '
        { count[$1]++; names[$1] = names[$1] (names[$1] == "" ? "" : ", ") $2 }
        END { for (reason in count) print count[reason] ": " reason (count[reason] <= 5 ? " (" names[reason] ")" : "") }' | sort -rn
fi
if [ ${#failures[@]} -gt 0 ]; then
    say "Failed (the reasons are above and in $results)"
    printf '%s\n' "${failures[@]}"
    # The end of a long log is what one sees first.
    grep -h -A 12 -F '[FAIL]' "$results"/*.log | cut -c1-300
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
