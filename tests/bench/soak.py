"""Mixed traffic over a LAN, and what became of it; see soak.sh."""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import time

from bench import lans
from bench.processes import BenchError, memory_kib, run, statistics_of, wait_until
from bench.programs import end_in_order_when_told, find_programs, positive
from bench.world import World, sweep

# Memory is sampled; the median of its last third may be this much above that of its first third, warm-up left out.
GROWTH, GROWTH_KIB = 1.10, 8 * 1024
# Descriptors and threads may be this many more.
MORE_HANDLES, MORE_THREADS = 8, 8
# What a program may do with a frame of ours while the LAN is up: its way is full, and TCP is told so.
EXPECTED_DROPS = {"outboxFull"}
# And while links are ended: nobody is there, or just leaving.
EXPECTED_DROPS_BETWEEN = {"outboxFull", "portClosed", "unknownDestination", "sourceNotAllowed", "addressConflict"}
# How often a long soak tells on standard error how it stands, in seconds.
TELL_EVERY = 600
# Pings that have no answer yet when they end.
UNDER_WAY = 2
TRANSFER_PORT, LARGE_PORT, SMALL_PORT = 5001, 5202, 5203
TRANSFER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench", "transfer.py")


def main():
    parser = argparse.ArgumentParser(prog="soak.sh", description="Mixed traffic between two clients through the server. Needs root.")
    parser.add_argument("seconds", nargs="?", type=positive, default=600, metavar="SECONDS", help="how long; default: 600")
    parser.add_argument("--minutes", type=positive, metavar="N", help="how long, in minutes")
    parser.add_argument("--reconnect", type=positive, metavar="N", help="end the link of a client every N seconds; it has to come back")
    parser.add_argument("--reload", type=positive, metavar="N", help="change the server's rules every N seconds, every third time to broken ones")
    parser.add_argument("--pace", type=positive, default=0, metavar="MBIT", help="let TCP send no more than this each way; default: as much as it can")
    parser.add_argument("--no-offload", action="store_true", help="start clients and server with --no-offload")
    options = parser.parse_args()
    end_in_order_when_told()
    try:
        for tool in ("ip", "ss", "tc", "ping", "iperf3"):
            if not shutil.which(tool):
                raise BenchError(f"needs the program {tool}")
        if os.geteuid() != 0:
            raise BenchError("needs root for network namespaces and taps")
        sweep()
        seconds = options.minutes * 60 if options.minutes else options.seconds
        faults = soak(seconds, options)
    except BenchError as error:
        sys.exit(f"soak.sh: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if faults:
        sys.exit("soak.sh: FAILED: " + "; ".join(faults))
    print("soak: passed")


def soak(seconds, options):
    setup = lans.Setup(find_programs(), None, None)
    with World() as world:
        rules = Rules(world, options.reload)
        both = ["--no-offload"] if options.no_offload else []
        lan = lans.Variant("soak", "", lans.ours_direct(*both, server_options=rules.options), []).start(world, setup)
        a, b = world.machines
        ends = [(a, lans.lan_address(0)), (b, lans.lan_address(1))]
        drops_before, kernel_before = drops(lan), kernel_drops(ends)
        traffic = Traffic(ends, seconds, options.pace)
        breaker = Breaker(setup.our("vpn-ws"), world.path("vpn.sock"), options.reconnect)
        vitals, faults = watch(lan, traffic, seconds, (breaker, rules))
        faults += traffic.report()
        faults += report_vitals(vitals)
        faults += report_drops(lan, drops_before, kernel_drops(ends) - kernel_before, traffic.lost, breaker)
        faults += rules.report(lan.processes[0])
        for process in lan.processes:
            print(f"{process.role}: {statistics_of(process)}")
    return faults


class Traffic:
    """TCP with checksums, large and small UDP, whole and fragmented pings, each both ways or one against the other."""

    def __init__(self, ends, seconds, pace):
        self.lost = 0
        (a, a_address), (b, b_address) = ends
        megabytes = 200 if seconds > 60 else 50
        self._transfers, self._udp, self._pings = [], [], []
        for source, target, address in ((a, b, b_address), (b, a, a_address)):
            sink = target.start(f"receiver {target.role}", "python3", TRANSFER, "receive", address, str(TRANSFER_PORT))
            wait_until("receiver", lambda: target.listens(TRANSFER_PORT), process=sink)
            self._transfers.append((sink, source.start(
                f"sender {source.role}", "python3", TRANSFER, "send", address, str(TRANSFER_PORT), str(seconds), str(megabytes), str(pace))))
        for name, source, target, address, port, length, rate in (
                ("large UDP", a, b, b_address, LARGE_PORT, "1400", "20M"), ("small UDP", b, a, a_address, SMALL_PORT, "22", "500K")):
            sink = target.start(f"iperf3 {port}", "iperf3", "--server", "--port", str(port))
            wait_until("iperf3", lambda: target.listens(port), process=sink)
            self._udp.append((name, source.start(
                name, "iperf3", "--client", address, "--port", str(port), "--udp", "--bitrate", rate, "--length", length, "--time", str(seconds), "--json")))
        for name, source, address, size in (("pings", a, b_address, "56"), ("fragmented pings", b, a_address, "4000")):
            self._pings.append((name, source.start(
                name, "ping", "-n", "-q", "-i", "0.05", "-s", size, "-w", str(seconds), address)))

    def senders(self):
        return [*(sender for _, sender in self._transfers), *(one for _, one in self._udp), *(one for _, one in self._pings)]

    def report(self):
        """Prints what arrived, and says what is wrong with it."""
        faults = []
        for sink, sender in self._transfers:
            wait_until("end of the transfers", sink.has_ended, timeout=60)
            sent, received = sender.words().splitlines(), sink.words().splitlines()
            equal = sent == received and len(sent) > 0
            size = sum(int(line.split()[0]) for line in received if line[:1].isdigit())
            print(f"TCP, {sender.role}: {len(received)} transfers, {size / 1e9:.2f} GB, checksums {'equal' if equal else 'DIFFERENT'}")
            if not equal:
                faults.append(f"the transfers of {sender.role} differ: sent {sent[-1:]}, received {received[-1:]}")
        for name, process in self._udp:
            try:
                end = json.loads(process.words()).get("end", {}).get("sum", {})
            except ValueError:
                end = {}
            faults += self._count(name, end.get("packets", 0), end.get("lost_packets", 0))
        for name, process in self._pings:
            match = re.search(r"(\d+) packets transmitted, (\d+) received", process.words())
            sent, received = map(int, match.groups()) if match else (0, 0)
            faults += self._count(name, sent, max(0, sent - received - UNDER_WAY))
        return faults

    def _count(self, name, sent, lost):
        print(f"{name}: {sent} sent, {lost} lost")
        self.lost += lost
        return [] if sent - lost > 0 else [f"{name}: none arrived"]


class Breaker:
    """Ends the links of the clients in turn, through the server's control interface."""

    def __init__(self, program, socket, interval):
        self._command, self._interval, self.broken = [program, "--status", socket], interval, 0
        self._next = time.monotonic() + (interval or 0)

    def turn(self):
        if not self._interval or time.monotonic() < self._next:
            return
        self._next += self._interval
        peers = json.loads(run([*self._command, "--json"]))["peers"]
        if peers:
            run([*self._command, "--kill", str(peers[self.broken % len(peers)]["id"])])
            self.broken += 1


class Rules:
    """Changes the rules of the server: the LAN's own addresses alone, anything, and nonsense, in turn."""

    _TEXTS = [
        '{ "rules": [ { "ips": [ "%s", "%s" ], "maxMacs": 2 } ] }\n' % (lans.lan_address(0), lans.lan_address(1)),
        '{ "defaults": { "stormLimit": 500 }, "rules": [] }\n',
        '{ "rules": [ { "ips": 7 } ] }\n',
    ]

    def __init__(self, world, interval):
        self._interval, self.changes = interval, 0
        self._next = time.monotonic() + (interval or 0)
        self._path = world.write("rules.json", self._TEXTS[1])
        self.options = ["--rules", self._path] if interval else []

    def turn(self):
        if not self._interval or time.monotonic() < self._next:
            return
        self._next += self._interval
        with open(f"{self._path}.new", "w", encoding="utf-8") as file:
            file.write(self._TEXTS[self.changes % len(self._TEXTS)])
        os.replace(f"{self._path}.new", self._path)
        self.changes += 1

    def report(self, server):
        if not self._interval:
            return []
        taken, refused = (server.words().count(text) for text in ("reloaded the rules", "cannot reload the rules, the old one stays"))
        print(f"rules changed: {self.changes} times; {taken} taken, {refused} refused")
        return [] if (taken, refused) == (self.changes - self.changes // 3, self.changes // 3) else ["not every change of the rules was taken or refused as it should"]


def watch(lan, traffic, seconds, disturbers):
    """Waits for the end of the traffic; by role the resident memory in KiB, the descriptors and the threads, every other second after a warm-up; and what is wrong."""
    started = time.monotonic()
    vitals, told_at = {process.role: [] for process in lan.processes}, started
    while not all(process.has_ended() for process in traffic.senders()):
        passed = time.monotonic() - started
        if passed > seconds * 1.05 + 60:
            late = [one for one in traffic.senders() if not one.has_ended()]
            for one in late:
                one.end()
            return vitals, [f"still running {passed:.0f} s after the start: {', '.join(one.role for one in late)}"]
        for process in lan.processes:
            if process.has_ended():
                raise BenchError(f"{process.role} ended: {process.words().strip()[-300:]}")
        if seconds * 0.25 < passed < seconds:
            used = memory_kib(lan.processes)
            for process in lan.processes:
                handles, threads = (len(os.listdir(f"/proc/{process.pid}/{what}")) for what in ("fd", "task"))
                vitals[process.role].append((used[process.role]["rss"], handles, threads))
        if time.monotonic() - told_at >= TELL_EVERY:
            told_at += TELL_EVERY
            tell(passed, vitals)
        if passed < seconds - 15:
            for disturber in disturbers:
                disturber.turn()
        time.sleep(2 if seconds > 60 else 0.5)
    return vitals, []


def tell(passed, vitals):
    lasts = (f"{role} {samples[-1][0] / 1024:.1f} MiB, {samples[-1][1]} descriptors, {samples[-1][2]} threads" for role, samples in vitals.items() if samples)
    print(f"after {passed / 60:.0f} min: {'; '.join(lasts) or 'warming up'}", file=sys.stderr, flush=True)


def report_vitals(vitals):
    faults = []
    for role, samples in vitals.items():
        if not samples:
            return ["the traffic ended before the warm-up"]
        third = max(1, len(samples) // 3)
        memory, handles, threads = zip(*samples)
        first, last = statistics.median(memory[:third]), statistics.median(memory[-third:])
        print(f"memory, {role}: {first / 1024:.1f} MiB after the warm-up, {last / 1024:.1f} MiB at the end, at most {max(memory) / 1024:.1f} MiB")
        if last > first * GROWTH + GROWTH_KIB:
            faults.append(f"the memory of {role} grew from {first} to {last} KiB")
        for what, counts, more in (("descriptors", handles, MORE_HANDLES), ("threads", threads, MORE_THREADS)):
            first, last = statistics.median(counts[:third]), statistics.median(counts[-third:])
            print(f"{what}, {role}: {first:.0f} after the warm-up, {last:.0f} at the end")
            if last > first + more:
                faults.append(f"the {what} of {role} grew from {first:.0f} to {last:.0f}")
    return faults


def report_drops(lan, before, kernel, lost, breaker):
    faults, known = [], kernel
    for role, reasons in drops(lan).items():
        grown = {reason: count - before[role].get(reason, 0) for reason, count in reasons.items() if count > before[role].get(reason, 0)}
        print(f"drops, {role}: {', '.join(f'{reason} {count}' for reason, count in grown.items()) or 'none'}")
        known += sum(grown.values())
        expected = EXPECTED_DROPS_BETWEEN if breaker.broken else EXPECTED_DROPS
        faults += [f"{role} dropped {count} frames as {reason}" for reason, count in grown.items() if reason not in expected]
    print(f"drops, kernels of the clients: {kernel}")
    if breaker.broken:
        # What is on the wire when a link ends is in no counter.
        print(f"links ended: {breaker.broken}")
    elif lost > known:
        faults.append(f"{lost} datagrams were lost and only {known} drops are known of")
    return faults


def drops(lan):
    """The drops of each program by reason."""
    found = {}
    for process in lan.processes:
        listed = re.search(r"dropped \d+ frames(?: \(([^)]*)\))?", statistics_of(process)).group(1) or ""
        found[process.role] = {reason: int(count) for reason, count in re.findall(r"(\w+) (\d+)", listed)}
    return found


def kernel_drops(ends):
    """What the clients' kernels dropped: at the tap, in its queue, at full sockets."""
    total = 0
    for machine, _ in ends:
        for link in json.loads(machine.ip("-s", "-j", "link", "show", "dev", "vpn0")):
            total += link["stats64"]["tx"]["dropped"] + link["stats64"]["rx"]["dropped"]
        for discipline in json.loads(machine.run("tc", "-s", "-j", "qdisc", "show", "dev", "vpn0") or "[]"):
            total += discipline.get("drops", 0)
        names, values = [line.split() for line in machine.run("cat", "/proc/net/snmp").splitlines() if line.startswith("Udp:")]
        total += int(dict(zip(names, values))["RcvbufErrors"])
    return total


if __name__ == "__main__":
    main()
