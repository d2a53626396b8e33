"""What is measured on a LAN that is up."""

import json
import math
import re
import time

from .processes import BenchError, Process, cpu_seconds, machine_cpu_seconds, memory_kib, wait_until
from .steal import undisturbed

_PORT = 5201
_PING_SPACING = 0.02


class Pace:
    """How long each thing is measured, in seconds."""

    def __init__(self, seconds, warm_up, idle_pings):
        self.seconds, self.warm_up, self.idle_pings = seconds, warm_up, idle_pings


def measure(lan, pace):
    """One round of one variant. What could not be measured is None, with the reason under "failures"."""
    result = {"failures": {}}
    sink = lan.target.start("iperf3", "iperf3", "--server", "--port", str(_PORT))
    wait_until("iperf3", lambda: lan.target.listens(_PORT), process=sink)
    # Before any load: the C server is never idle again after its first back-pressure.
    _try(result, "idle_ping", lambda: undisturbed(lambda: _ping(lan, pace.idle_pings)))
    # Both ways: what is compiled while it runs is compiled for the way that it has met.
    for way in ([], ["--reverse"]):
        _try(result, "warm_up", lambda: _iperf(lan, pace.warm_up, *way) and None)
    _try(result, "tcp", lambda: undisturbed(lambda: _tcp(lan, pace.seconds)))
    _try(result, "reverse", lambda: undisturbed(lambda: _tcp(lan, pace.seconds, "--reverse")))
    _try(result, "tcp4", lambda: undisturbed(lambda: _tcp_and_ping(lan, pace.seconds + 1)))
    result["memory_kib"] = memory_kib(lan.processes)
    _try(result, "udp64", lambda: undisturbed(lambda: _udp(lan, pace.seconds)))
    return result


def _try(result, name, action):
    try:
        result[name] = action()
    except BenchError as error:
        result[name] = None
        result["failures"][name] = str(error)


def _iperf_command(lan, seconds, *options):
    # TCP inside the LAN is the kernel's own default, so that another choice of this machine does not colour the figures.
    kind = [] if "--udp" in options else ["--congestion", "cubic"]
    return ["iperf3", "--client", lan.address, "--port", str(_PORT), "--time", str(seconds), "--json", *kind, *options]


def _iperf(lan, seconds, *options, at_start=lambda: None):
    # The server of iperf3 tells by its exit that the test before is not yet cleared away; once more is enough.
    for attempt in range(3):
        at_start()
        try:
            return _end_of(lan.source.run(*_iperf_command(lan, seconds, *options), timeout=seconds + 20))
        except BenchError:
            if attempt == 2:
                raise
            time.sleep(1)
    return None


def _end_of(text):
    try:
        answer = json.loads(text)
    except ValueError:
        raise BenchError(f"iperf3 said: {text.strip()[-200:] or 'nothing'}") from None
    if "error" in answer:
        raise BenchError(f"iperf3: {answer['error']}")
    if "sum_received" not in answer["end"]:
        raise BenchError("iperf3 measured nothing")
    return answer["end"]


def _tcp(lan, seconds, *options):
    before = {}
    end = _iperf(lan, seconds, *options, at_start=lambda: before.update(programs=cpu_seconds(lan.processes), machine=machine_cpu_seconds()))
    used, machine_used = cpu_seconds(lan.processes), machine_cpu_seconds() - before["machine"]
    gigabytes = end["sum_received"]["bytes"] / 1e9
    if gigabytes == 0:
        raise BenchError("not one byte arrived")
    split = {role: (seconds_used - before["programs"].get(role, 0)) / gigabytes for role, seconds_used in used.items()}
    return {
        "gbit_per_s": end["sum_received"]["bits_per_second"] / 1e9,
        "retransmits": end["sum_sent"].get("retransmits"),
        "cpu_s_per_gb": sum(split.values()),
        "cpu_s_per_gb_by_program": split,
        "cpu_s_per_gb_whole_machine": machine_used / gigabytes,
    }


def _tcp_and_ping(lan, seconds):
    """Four streams, and the answers to pings while they run."""
    load = Process("load", lan.source.inside(*_iperf_command(lan, seconds, "--parallel", "4")), lan.source.world.path("load.json"))
    try:
        time.sleep(0.7)
        ping = _ping(lan, int((seconds - 1.2) / _PING_SPACING))
        wait_until("end of four streams", load.has_ended, timeout=seconds + 20)
        end = _end_of(load.words())
    finally:
        load.end()
        open(load.log, "w", encoding="utf-8").close()
    return {"gbit_per_s": end["sum_received"]["bits_per_second"] / 1e9, "retransmits": end["sum_sent"].get("retransmits"), "ping": ping}


def _udp(lan, seconds):
    end = _iperf(lan, seconds, "--udp", "--bitrate", "0", "--length", "64")
    received = end["sum_received"]
    return {"received_per_s": received["bytes"] / 64 / received["seconds"], "sent_per_s": end["sum_sent"]["packets"] / end["sum_sent"]["seconds"]}


def _ping(lan, count):
    count = max(count, 10)
    # A ping that got no answer fails the command only when none came: then there is nothing to tell.
    words = lan.source.run(
        "ping", "-n", "-i", str(_PING_SPACING), "-c", str(count), "-W", "2", lan.address, timeout=count * _PING_SPACING + 20)
    times = [float(time) for time in re.findall(r"time=([0-9.]+) ms", words)]
    # One that was lost took longer than any other.
    times += [math.inf] * (count - len(times))
    return {"median_ms": percentile(times, 50), "p99_ms": percentile(times, 99), "sent": count, "lost": times.count(math.inf)}


def percentile(values, percent):
    """By nearest rank; None where that one was lost."""
    value = sorted(values)[math.ceil(len(values) * percent / 100) - 1]
    return None if math.isinf(value) else value
