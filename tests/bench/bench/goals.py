"""The goals: what is compared with what, and whether it is met."""

_TCP, _REVERSE = "tcp.gbit_per_s", "reverse.gbit_per_s"
_MEDIAN, _P99 = "tcp4.ping.median_ms", "tcp4.ping.p99_ms"


class Ratio:
    """value(ours) / value(theirs); without "theirs" the value itself."""

    def __init__(self, text, path, ours, theirs, digits=1, unit=" times"):
        self.text, self._path, self._ours, self._theirs, self._digits, self._unit = text, path, ours, theirs, digits, unit

    def measure(self, summary):
        """The number, or None where it was not measured."""
        ours = _value(summary, self._ours, self._path)
        theirs = _value(summary, self._theirs, self._path) if self._theirs else 1
        return None if ours is None or not theirs else ours / theirs

    def words(self, measured):
        return "not measured" if measured is None else f"{measured:.{self._digits}f}{self._unit}"


class Goal(Ratio):
    """Met where the ratio keeps to the bound."""

    def __init__(self, text, path, ours, theirs, bound, at_least, digits=1, unit=" times"):
        super().__init__(text, path, ours, theirs, digits, unit)
        self._bound, self._at_least = bound, at_least

    def judge(self, summary):
        """The measured number as text and True, False or None (not measured)."""
        measured = self.measure(summary)
        if measured is None:
            return self.words(measured), None
        return self.words(measured), measured >= self._bound if self._at_least else measured <= self._bound


def _value(summary, variant, path):
    """Of several paths the worst for a throughput: the smallest."""
    values = [summary.median(variant, one) for one in path] if isinstance(path, tuple) else [summary.median(variant, path)]
    return None if None in values else min(values)


def _at_least(text, path, ours, theirs, bound):
    return Goal(text, path, ours, theirs, bound, at_least=True)


def _at_most(text, path, ours, theirs, bound, digits=3, unit=" times"):
    return Goal(text, path, ours, theirs, bound, at_least=False, digits=digits, unit=unit)


GOALS = [
    _at_least("ws, TCP: at least 20 times the C programs behind nginx", _TCP, "ws", "c", 20),
    _at_least("ws, TCP: at least 15 times OpenVPN tap", _TCP, "ws", "openvpn", 15),
    _at_least("ws, TCP: at least 5 times SoftEther", _TCP, "ws", "softether", 5),
    _at_least("wss, TCP: at least 15 times the C programs, wss behind nginx", _TCP, "wss", "c-wss", 15),
    _at_least("wss, TCP: at least 3 times SoftEther", _TCP, "wss", "softether", 3),
    _at_least("behind nginx, TCP: at least 8 times the C programs behind the same nginx", _TCP, "nginx", "c", 8),
    _at_most("ws, CPU-seconds per GB: at most 1/24 (0.042) of the C programs'", "tcp.cpu_s_per_gb", "ws", "c", 1 / 24),
    _at_most("ws, CPU-seconds per GB: at most 1.1 times the bare relay's", "tcp.cpu_s_per_gb", "ws", "relay", 1.1, digits=2),
    _at_least("ws, UDP 64-byte packets received: at least twice the C programs'", "udp64.received_per_s", "ws", "c", 2),
    _at_least("ws, UDP 64-byte packets received: at least twice SoftEther's", "udp64.received_per_s", "ws", "softether", 2),
    _at_most("our server with C clients, the server's CPU per GB: at most a third of the C server's",
             "tcp.cpu_s_per_gb_by_program.server", "c-clients", "c", 1 / 3),
    _at_least("our clients with the C server, TCP: at least the C client's", _TCP, "c-server", "c", 1),
    _at_least("our clients with the C server, TCP in reverse: at least the C client's", _REVERSE, "c-server", "c", 1),
    _at_least("client to server tap, slower direction: at least 15 times the C programs", (_TCP, _REVERSE), "tap", "c-tap", 15),
    _at_most("idle ping, median: at most the C programs'", "idle_ping.median_ms", "ws", "c", 1),
    _at_most("ping under load, median: at most 6 ms", _MEDIAN, "ws", None, 6, 1, " ms"),
    _at_most("ping under load, p99: at most 15 ms", _P99, "ws", None, 15, 1, " ms"),
    _at_most("ping under load, median: at most a third of the C programs'", _MEDIAN, "ws", "c", 1 / 3),
    _at_most("ping under load, p99: at most a third of the C programs'", _P99, "ws", "c", 1 / 3),
    _at_least("beyond the goals: ws, TCP: half the kernel bridge's", _TCP, "ws", "bridge", 0.5),
    Goal("beyond the goals: ws, CPU-seconds per GB of the whole machine, iperf3 included: at most 2.4 s",
         "tcp.cpu_s_per_gb_whole_machine", "ws", None, 2.4, at_least=False, digits=2, unit=" s"),
]

# No goals, but what to hold them against: how much of a ratio the machine leaves to any program of this kind.
CEILINGS = [
    Ratio("the bare relay, TCP, to the C programs behind nginx", _TCP, "relay", "c"),
    Ratio("the bare relay, CPU-seconds per GB, to the C programs'", "tcp.cpu_s_per_gb", "relay", "c", digits=3),
    Ratio("ws, TCP, of the bare relay's", _TCP, "ws", "relay", digits=2),
]
