"""Measures the start of the server; see start.sh."""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from bench.programs import positive

PATIENCE = 20


def main():
    parser = argparse.ArgumentParser(prog="start.sh", description="Measures the start of one or more servers in alternation.")
    parser.add_argument("--starts", type=positive, default=15, help="starts of each program that count (default: 15)")
    parser.add_argument("programs", nargs="+", metavar="PROGRAM", help="a vpn-ws")
    options = parser.parse_args()
    times = [[] for _ in options.programs]
    memory = [[] for _ in options.programs]
    with tempfile.TemporaryDirectory(prefix="vpnws-start-") as folder:
        for turn in range(options.starts + 1):
            for which, program in enumerate(options.programs):
                milliseconds, mebibytes = start(program, folder)
                if turn:
                    times[which].append(milliseconds)
                    memory[which].append(mebibytes)
    print("| program | size | exec to READY=1 | ratio | resident |\n| --- | ---: | ---: | ---: | ---: |")
    for which, program in enumerate(options.programs):
        ratio = statistics.median(own / other for own, other in zip(times[which], times[0]))
        print(f"| {program} | {os.path.getsize(program) / 1e6:.1f} MB | {statistics.median(times[which]):.0f} ms "
              f"| {ratio:.2f} | {statistics.median(memory[which]):.0f} MiB |")


def start(program, folder):
    """Starts a server and ends it: milliseconds to READY=1, MiB resident then."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(folder, "notify")
        manager.bind(path)
        manager.settimeout(PATIENCE)
        environment = {**os.environ, "NOTIFY_SOCKET": path}
        began = time.perf_counter()
        with subprocess.Popen([program, "--log", "systemd", os.path.join(folder, "vpn.sock")], env=environment, stderr=subprocess.DEVNULL) as server:
            try:
                while manager.recv(4096) != b"READY=1":
                    pass
                took = time.perf_counter() - began
                with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
                    resident = next(line for line in status if line.startswith("VmRSS:"))
            except TimeoutError:
                sys.exit(f"start.sh: {program} was not ready within {PATIENCE} s")
            finally:
                server.terminate()
        os.unlink(path)
    return took * 1000, int(resident.split()[1]) / 1024


if __name__ == "__main__":
    main()
