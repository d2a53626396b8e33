"""Measures a server with many peers; see peers.sh."""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import sys
import tempfile
import time

from bench import floods, machine, steal
from bench.crowd import Crowd
from bench.processes import BenchError, Process, cpu_seconds, memory_kib, statistics_of, wait_until
from bench.programs import REPOSITORY, end_in_order_when_told, find_programs, positive, say

FEW = 10
SPARE_DESCRIPTORS = 512
SMALL, LARGE = 64, 1000
WINDOW = 256 * 1024
STALLED_RATE = 15_000


def main():
    options = read_options()
    end_in_order_when_told()
    try:
        results = measure(options)
    except BenchError as error:
        sys.exit(f"peers.sh: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(json.dumps(results, indent=1) + "\n")
    print(markdown(results))


def read_options():
    parser = argparse.ArgumentParser(prog="peers.sh", description="Measures one VpnWs server with many peers.")
    parser.add_argument("--peers", type=positive, metavar="N", help="default: 10000")
    parser.add_argument("--seconds", type=positive, metavar="N", help="let each flood last this long; default: 1")
    parser.add_argument("--rounds", type=positive, metavar="N", help="repeat the floods N times and take medians; default: 9")
    parser.add_argument("--quick", action="store_true", help="300 peers, one round of a second")
    parser.add_argument("--no-start", action="store_true", help="do not measure the start of the single file")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    options = parser.parse_args()
    options.peers = max(FEW, options.peers or (300 if options.quick else 10_000))
    options.seconds = options.seconds or 1
    options.rounds = options.rounds or (1 if options.quick else 9)
    options.settle = 3 if options.quick else 25
    return options


def measure(options):
    raise_descriptor_limit(options.peers + SPARE_DESCRIPTORS)
    server = os.path.join(find_programs(), "vpn-ws")
    results = {"machine": machine.describe(REPOSITORY), "settings": vars(options)}
    folder = tempfile.mkdtemp(prefix="vpnws-peers-")
    try:
        if not options.no_start:
            results["start_ms"] = start_times(server, folder)
        with Site(server, folder, "many") as many:
            results.update(join_and_rest(many, options))
            results["broadcast"] = steal.undisturbed(lambda: broadcasts(many))
            # Only now: nobody would answer the pings to these few meanwhile.
            with Site(server, folder, "few") as few:
                few.crowd.join(FEW)
                results["unicast"] = unicast(few, many, options)
                results["peers_lost"] = few.crowd.lost + many.crowd.lost
        with Site(server, folder, "stalled") as site:
            results["stalled"] = stall(site, options)
            results["peers_lost"] += site.crowd.lost
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return results


def raise_descriptor_limit(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, PermissionError):
            raise BenchError(f"needs {wanted} open files and may have {hard}: run as root, raise ulimit -n, or take fewer --peers") from None
    elif soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Site:
    """A server on a Unix socket, and its crowd."""

    def __init__(self, program, folder, name):
        self._command, self._path = [program], os.path.join(folder, f"{name}.sock")
        self._log = os.path.join(folder, f"{name}.log")

    def __enter__(self):
        self.process = Process("server", [*self._command, self._path], self._log)
        self.crowd = Crowd(self._path)
        try:
            wait_until("ready server", lambda: "ready" in self.process.words(), process=self.process)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.crowd.close()
        self.process.end()

    def cpu(self):
        return cpu_seconds([self.process])["server"]

    def queued_kib(self):
        """What waits in the server to be sent, to all peers together."""
        return int(re.search(r"(\d+) bytes queued", statistics_of(self.process)).group(1)) / 1024

    def rss_kib(self):
        return memory_kib([self.process])["server"]["rss"]


def start_times(program, folder):
    """From the start of the process to its "ready", and to the answer to its first peer, in ms; the median of eleven, the first left out."""
    ready, served = [], []
    for _ in range(12):
        path, log = os.path.join(folder, "start.sock"), os.path.join(folder, "start.log")
        started = time.monotonic()
        process = Process("server", [program, path], log)
        try:
            spin_until(process, lambda: "ready" in process.words())
            ready.append((time.monotonic() - started) * 1000)
            crowd = Crowd(path)
            crowd.join(1)
            served.append((time.monotonic() - started) * 1000)
            crowd.close()
        finally:
            process.end()
            os.unlink(log)
    return {"ready": statistics.median(ready[1:]), "first_peer": statistics.median(served[1:])}


def spin_until(process, condition, timeout=20):
    deadline = time.monotonic() + timeout
    while not condition():
        if process.has_ended() or time.monotonic() > deadline:
            raise BenchError(f"the server did not start: {process.words()[-300:]}")
        time.sleep(0.0005)


def join_and_rest(site, options):
    """Brings all in, and looks at the memory when they have been idle for a while: pinged once, garbage collected or not."""
    site.crowd.join(FEW)
    site.crowd.idle(1)
    before, cpu = site.rss_kib(), site.cpu()
    more = options.peers - FEW
    seconds = site.crowd.join(more) if more else 0
    cpu = site.cpu() - cpu
    say(f"{options.peers} peers joined in {seconds:.1f} s")
    site.crowd.idle(2)
    joined = site.rss_kib()
    cpu_idle = site.cpu()
    site.crowd.idle(options.settle)
    rested = site.rss_kib()
    cpu_idle = (site.cpu() - cpu_idle) / options.settle
    per_peer = lambda kib: (kib - before) / max(1, more)
    return {
        "join": {"per_s": more / seconds if seconds else None, "server_cpu_ms_per_peer": cpu * 1000 / max(1, more)},
        "idle": {"kib_per_peer_at_once": per_peer(joined), "kib_per_peer": per_peer(rested), "rss_mib": rested / 1024, "cpu_share": cpu_idle},
    }


def broadcasts(site):
    """One frame to everyone: the median time until the last one has it."""
    sender = site.crowd.peers[0]
    site.crowd.broadcast(sender)
    return {"ms": statistics.median(site.crowd.broadcast(sender) * 1000 for _ in range(7))}


def unicast(few, many, options):
    """What a frame costs the server between the same two peers, with few others and with many, in turn."""
    streams = [(site, floods.Stream(site.crowd.peers[1], [site.crowd.peers[2]], SMALL, WINDOW)) for site in (few, many)]
    for site, stream in streams:
        floods.run(site.crowd, 2, stream)
    taken = ([], [])

    def one(site, stream):
        cpu = site.cpu()
        frames, passed = flow(site.crowd, options.seconds, stream)
        return {"us": (site.cpu() - cpu) / frames * 1e6, "per_s": frames / passed}

    for number in range(options.rounds):
        for which, (site, stream) in enumerate(streams if number % 2 == 0 else reversed(streams)):
            which = which if number % 2 == 0 else 1 - which
            (many if site is few else few).crowd.turn()
            taken[which].append(steal.undisturbed(lambda site=site, stream=stream: one(site, stream)))
    costs, rates = ([[each[what] for each in some] for some in taken] for what in ("us", "per_s"))
    return {
        "us_per_frame_with_few": statistics.median(costs[0]), "us_per_frame_with_many": statistics.median(costs[1]),
        "ratio": median_ratio(costs[1], costs[0]),
        "frames_per_s_with_few": statistics.median(rates[0]), "frames_per_s_with_many": statistics.median(rates[1]),
        "measures": [*taken[0], *taken[1]],
    }


def stall(site, options):
    """Two floods, in turn with all receivers reading and with one of each that reads no more: what the other one then still gets, and what the server holds."""
    crowd = site.crowd
    crowd.join(FEW)
    a, b, c, d, e, f, g = crowd.peers[:7]
    floods_by_name = {
        "others": (floods.Stream(a, [b], LARGE, WINDOW), floods.Stream(c, [d], LARGE, rate=STALLED_RATE)),
        "same_sender": (floods.Stream(e, [f, g], LARGE, WINDOW),),
    }
    deaf = (d, g)
    for streams in floods_by_name.values():
        floods.run(crowd, 3, *streams)

    def one(streams):
        frames, passed = flow(crowd, options.seconds, *streams)
        return {"per_s": frames / passed}

    before, queued, grown, taken = site.rss_kib(), [], [], {}
    for number in range(options.rounds):
        for state in ("reading", "stalled") if number % 2 == 0 else ("stalled", "reading"):
            if state == "stalled":
                for peer in deaf:
                    crowd.stop_reading(peer)
            for name, streams in floods_by_name.items():
                taken.setdefault((state, name), []).append(steal.undisturbed(lambda streams=streams: one(streams)))
            if state == "stalled":
                queued.append(site.queued_kib())
                grown.append(site.rss_kib() - before)
                for peer in deaf:
                    crowd.read_again(peer)
                crowd.idle(0.5)
    per_peer = lambda kib: kib / 1024 / len(deaf)
    rates = {which: [each["per_s"] for each in some] for which, some in taken.items()}
    result = {"measures": [each for some in taken.values() for each in some],
              "queue_mib_per_stalled_peer": per_peer(max(queued)),
              "rss_growth_mib_per_stalled_peer": per_peer(statistics.median(grown))}
    for state in ("reading", "stalled"):
        result[state] = {name: statistics.median(rates[state, name]) for name in floods_by_name}
    for name in floods_by_name:
        result[f"{name}_ratio"] = median_ratio(rates["stalled", name], rates["reading", name])
    return result


def flow(crowd, seconds, *streams):
    """Lets the streams flow; how many frames the first target of the first of them got, and in how many seconds."""
    passed = floods.run(crowd, seconds, *streams)
    frames = streams[0].frames(streams[0].targets[0])
    if frames == 0:
        raise BenchError("not one frame arrived")
    return frames, passed


def median_ratio(ours, others):
    """Of pairs that were measured one right after the other: a moment at which the machine was slow is in both of a pair."""
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))


def markdown(results):
    lines = ["| measure | measured | goal | |", "| --- | ---: | --- | --- |"]

    def row(text, value, digits, unit, goal="", met=None):
        shown = "-" if value is None else f"{value:,.{digits}f}{unit}"
        lines.append(f"| {text} | {shown} | {goal} | {'' if met is None else 'met' if met else 'NOT met'} |")

    join, idle, unicast_result, stalled = (results[name] for name in ("join", "idle", "unicast", "stalled"))
    peers = results["settings"]["peers"]
    # With few, what the server needs anyway is shared out among them.
    goal = lambda text, met: (text, met) if peers >= 10_000 else ("", None)
    row("peers that join, per second", join["per_s"], 0, "")
    row("the server's CPU for a peer that joins", join["server_cpu_ms_per_peer"], 2, " ms")
    row(f"resident memory per idle peer, of {peers:,}", idle["kib_per_peer"], 1, " KiB", *goal("at most 8 KiB", idle["kib_per_peer"] <= 8))
    row("the same at once after joining", idle["kib_per_peer_at_once"], 1, " KiB")
    row("the server's share of a core while all are idle", idle["cpu_share"] * 100, 1, " %")
    row("broadcast until the last peer has it", results["broadcast"]["ms"], 1, " ms")
    row(f"unicast with {FEW} peers, the server's CPU per frame", unicast_result["us_per_frame_with_few"], 2, " us")
    row(f"unicast with {peers:,} peers", unicast_result["us_per_frame_with_many"], 2, " us")
    row("ratio of the two, median of pairs", unicast_result["ratio"], 2, "", *goal("at most 1.2", unicast_result["ratio"] <= 1.2))
    row("queue of a peer that stops reading under flood", stalled["queue_mib_per_stalled_peer"], 1, " MiB", "at most 4 MiB", stalled["queue_mib_per_stalled_peer"] <= 4)
    row("what the server's memory grows by for it", stalled["rss_growth_mib_per_stalled_peer"], 1, " MiB")
    row("throughput of others beside it, to that while it reads", stalled["others_ratio"], 3, "", "at least 0.95", stalled["others_ratio"] >= 0.95)
    row("throughput from its own sender to another peer, likewise", stalled["same_sender_ratio"], 3, "", "at least 0.95", stalled["same_sender_ratio"] >= 0.95)
    if "start_ms" in results:
        row("start to ready, single file", results["start_ms"]["ready"], 0, " ms", "at most 100 ms", results["start_ms"]["ready"] <= 100)
        row("start to the answer to the first peer", results["start_ms"]["first_peer"], 0, " ms")
    about = results["machine"]
    lines.append("")
    lines.append(f"{about['cores']} cores ({about['processor']}), Linux {about['kernel']}, VpnWs {about['versions'].get('VpnWs', '?')}; "
                 f"{results['peers_lost']} peers lost on the way. The load comes from one thread on the same machine.")
    lines.extend(steal.words([results["broadcast"], *unicast_result["measures"], *stalled["measures"]]))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
