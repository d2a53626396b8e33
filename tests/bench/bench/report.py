"""The results as Markdown."""

from . import steal
from .goals import CEILINGS, GOALS
from .summary import Summary

# Heading, path, digits, factor.
_COLUMNS = [
    ("TCP, Gbit/s", "tcp.gbit_per_s", 2, 1),
    ("reverse", "reverse.gbit_per_s", 2, 1),
    ("four streams", "tcp4.gbit_per_s", 2, 1),
    ("CPU-s/GB", "tcp.cpu_s_per_gb", 2, 1),
    ("whole machine", "tcp.cpu_s_per_gb_whole_machine", 2, 1),
    ("UDP 64 B, kpps", "udp64.received_per_s", 0, 1e-3),
    ("idle ping, ms", "idle_ping.median_ms", 2, 1),
    ("under load", "tcp4.ping.median_ms", 1, 1),
    ("p99", "tcp4.ping.p99_ms", 1, 1),
]


def markdown(results):
    summary = Summary(results["rounds"])
    shown = {key: title for key, title in results["titles"].items() if summary.has(key)}
    return "\n".join([*_table(summary, shown), "", *_goals(summary), "", *_ceilings(summary), *_notes(results)])


def _table(summary, shown):
    yield "| LAN | " + " | ".join(column[0] for column in _COLUMNS) + " | memory, MiB RSS / PSS |"
    yield "| --- |" + " ---: |" * (len(_COLUMNS) + 1)
    for key, title in shown.items():
        cells = [_number(summary.median(key, path), digits, factor) for _, path, digits, factor in _COLUMNS]
        rss, pss = (summary.memory_mib(key, kind) for kind in ("rss", "pss"))
        yield f"| {title} | {' | '.join(cells)} | {rss:.0f} / {pss:.0f} |"


def _goals(summary):
    yield "| goal | measured | |"
    yield "| --- | ---: | --- |"
    for goal in GOALS:
        measured, met = goal.judge(summary)
        yield f"| {goal.text} | {measured} | {'' if met is None else 'met' if met else 'NOT met'} |"


def _ceilings(summary):
    for ceiling in CEILINGS:
        measured = ceiling.measure(summary)
        if measured is not None:
            yield f"For comparison: {ceiling.text}: {ceiling.words(measured)}."


def _notes(results):
    machine, settings = results["machine"], results["settings"]
    yield f"Median of {len(results['rounds'])}; {settings['seconds']} s each; {machine['cores']} cores ({machine['processor']}), Linux {machine['kernel']}."
    buffer = settings["nginx_buffer"]
    yield f"Connections: {settings['congestion']}; nginx's uwsgi_buffer_size: {buffer or 'its own'}."
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in machine["versions"].items()) + "."
    yield "CPU-s/GB: of the VPN's programs and nginx, user and system; whole machine: iperf3 and the kernel's own work included."
    yield from steal.words(measure for one in results["rounds"] for result in one.values() for measure in result.values())
    for key, reason in results["skipped"].items():
        yield f"Not measured: {key}: {reason}."
    for number, one in enumerate(results["rounds"], 1):
        for key, result in one.items():
            for what, reason in result["failures"].items():
                yield f"Failed: round {number}, {key}, {what}: {' '.join(reason.split())[:200]}"


def _number(value, digits, factor):
    return "-" if value is None else f"{value * factor:.{digits}f}"
