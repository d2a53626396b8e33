"""A server under the load of many peers, some of them hostile; see load.sh."""

import argparse
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time

from bench.crowd import Crowd, message
from bench.hostiles import Hostiles
from bench.processes import BenchError, Process, cpu_seconds, memory_kib, wait_until
from bench.programs import end_in_order_when_told, find_programs, positive
from peers import raise_descriptor_limit

# No other frame has this length.
LENGTH = 134
STEP = 0.1
GROWTH, GROWTH_KIB = 1.10, 8 * 1024


def main():
    parser = argparse.ArgumentParser(prog="load.sh", description="Many peers that send, some that come and go, ten that are hostile.")
    parser.add_argument("--seconds", type=positive, default=600, metavar="N", help="how long; default: 600")
    parser.add_argument("--peers", type=positive, default=2000, metavar="N", help="how many stay, two at least; default: 2000")
    parser.add_argument("--rate", type=positive, default=1, metavar="N", help="frames a second of each; default: 1")
    options = parser.parse_args()
    end_in_order_when_told()
    folder = tempfile.mkdtemp(prefix="vpnws-load-")
    try:
        raise_descriptor_limit(options.peers + 1024)
        faults = load(options, folder)
    except BenchError as error:
        sys.exit(f"load.sh: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if faults:
        sys.exit("load.sh: FAILED: " + "; ".join(faults))
    print("load: passed")


def load(options, folder):
    path, port = os.path.join(folder, "vpn.sock"), free_port()
    server = Process("server", [os.path.join(find_programs(), "vpn-ws"), "--http", f"127.0.0.1:{port}", path], os.path.join(folder, "log"))
    crowd, passers = Crowd(path, LENGTH), Crowd(path, first=options.peers)
    try:
        wait_until("ready server", lambda: "ready" in server.words(), process=server)
        honest = options.peers - options.peers % 2
        crowd.join(honest)
        hostiles = Hostiles(path, port, crowd)
        sent, memory, turns = run(options, crowd, passers, hostiles, server)
        hostiles.close()
        crowd.idle(3)
        return report(options, crowd, sent, memory, turns, hostiles, server)
    finally:
        crowd.close()
        passers.close()
        server.end()


def run(options, crowd, passers, hostiles, server):
    """Frames to and fro between the members of each pair, a tenth of all peers at each step."""
    peers = list(crowd.peers)
    frames = [message(peer.mac, peers[i ^ 1].mac, LENGTH) for i, peer in enumerate(peers)]
    sent, memory, left = [0] * len(peers), [], 0
    started = time.monotonic()
    step = 0
    while (passed := time.monotonic() - started) < options.seconds:
        for i in range(step % 10, len(peers), 10):
            for _ in range(options.rate):
                try:
                    if peers[i].socket.send(frames[i]) != len(frames[i]):
                        raise BenchError("the server took half a frame")
                    sent[i] += 1
                except BlockingIOError:
                    pass
        # One joins, and the one that came three seconds ago leaves.
        passers.ask()
        if len(passers.peers) > 30:
            passers.leave(passers.peers[0])
            left += 1
        hostiles.turn()
        if step % 20 == 0 and passed > options.seconds * 0.25:
            memory.append(memory_kib([server])["server"]["rss"])
        if server.has_ended():
            raise BenchError(f"the server ended: {server.words().strip()[-300:]}")
        step += 1
        while (wait := started + step * STEP - time.monotonic()) > 0:
            passers.turn()
            crowd.turn(min(wait, 0.02))
        crowd.turn()
    return sent, memory, (step, left)


def report(options, crowd, sent, memory, turns, hostiles, server):
    faults = []
    arrived = [peer.marked for peer in crowd.peers]
    missing = sum(max(0, sent[i ^ 1] - got) for i, got in enumerate(arrived))
    if not memory:
        raise BenchError("that was too short: the memory is looked at once a second after a quarter of the time; take --seconds 5 or more")
    third = max(1, len(memory) // 3)
    first, last = statistics.median(memory[:third]), statistics.median(memory[-third:])
    print(f"honest peers: {len(sent)}, {sum(sent)} frames sent, {missing} lost, {crowd.lost} peers lost")
    print(f"others: {turns[1]} came and went, {hostiles.attacks} attacks, in {turns[0] * STEP:.0f} s of {options.seconds}")
    print(f"memory: {first / 1024:.1f} MiB after the warm-up, {last / 1024:.1f} MiB at the end, at most {max(memory) / 1024:.1f} MiB")
    print(f"the server's share of a core: {cpu_seconds([server])['server'] / options.seconds * 100:.0f} %")
    if missing or sum(sent) == 0:
        faults.append(f"{missing} of {sum(sent)} honest frames were lost")
    if crowd.lost:
        faults.append(f"{crowd.lost} honest peers were dropped")
    if last > first * GROWTH + GROWTH_KIB:
        faults.append(f"the memory grew from {first} to {last} KiB")
    if turns[0] * STEP < options.seconds * 0.8:
        faults.append("this machine is too slow for so many peers")
    return faults


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
