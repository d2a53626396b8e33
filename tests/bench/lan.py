"""Measures LANs side by side; see lan.sh."""

import argparse
import json
import os
import shutil
import sys
import time

from bench import chart, lans, machine, report
from bench.measures import Pace, measure
from bench.processes import BenchError
from bench.programs import REPOSITORY, end_in_order_when_told, find_programs, positive, say
from bench.world import World, sweep


def main():
    options = read_options()
    end_in_order_when_told()
    try:
        results = join(options.join) if options.join else measure_all(options)
    except BenchError as error:
        sys.exit(f"lan.sh: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    for path, text in ((options.json, json.dumps(results, indent=1) + "\n"), (options.svg, chart.svg(results))):
        if path:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    print(report.markdown(results))
    if not any(result["tcp"] for one in results["rounds"] for result in one.values()):
        sys.exit("lan.sh: nothing was measured")


def read_options():
    parser = argparse.ArgumentParser(prog="lan.sh", description="Measures a LAN over VpnWs beside other ways to make one. Needs root.")
    parser.add_argument("--quick", action="store_true", help=f"one short round of {', '.join(lans.QUICK)}")
    parser.add_argument("--variants", metavar="LIST", help="only these, parted by commas: " + ", ".join(one.key for one in lans.VARIANTS))
    parser.add_argument("--rounds", type=positive, metavar="N", help="go round the variants N times and take medians; default: 3")
    parser.add_argument("--seconds", type=positive, metavar="N", help="measure each throughput this long; default: 4")
    parser.add_argument("--nginx-buffer", metavar="SIZE", help="uwsgi_buffer_size of nginx, such as 64k; default: nginx's own")
    parser.add_argument("--congestion", metavar="NAME", default="cubic",
                        help="congestion control of the connections that carry the LAN; default: cubic, as in a fresh kernel")
    parser.add_argument("--json", metavar="FILE", help="write the raw results there")
    parser.add_argument("--svg", metavar="FILE", help="write a chart there")
    parser.add_argument("--join", nargs="+", metavar="FILE", help="measure nothing: report the rounds in these raw results together")
    options = parser.parse_args()
    known = {one.key for one in lans.VARIANTS}
    options.variants = options.variants.split(",") if options.variants else lans.QUICK if options.quick else [one.key for one in lans.VARIANTS]
    for key in options.variants:
        if key not in known:
            parser.error(f"there is no variant '{key}'; see --help")
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (2 if options.quick else 4)
    return options


def measure_all(options):
    for tool, package in (("ip", "iproute2"), ("ss", "iproute2"), ("ping", "iputils-ping"), ("iperf3", "iperf3")):
        if not shutil.which(tool):
            raise BenchError(f"needs the program {tool}: apt-get install {package}")
    if os.geteuid() != 0:
        raise BenchError("needs root for network namespaces and taps")
    sweep()
    setup = lans.Setup(find_programs(), os.environ.get("VPNWS_C_DIR"), options.nginx_buffer)
    chosen = [one for one in lans.VARIANTS if one.key in options.variants]
    skipped = {one.key: reason for one in chosen if (reason := one.missing(setup))}
    for key, reason in skipped.items():
        say(f"without {key}: {reason}")
    chosen = [one for one in chosen if one.key not in skipped]
    pace = Pace(options.seconds, warm_up=1 if options.quick else 3, idle_pings=50 if options.quick else 100)
    rounds = []
    for number in range(1, options.rounds + 1):
        rounds.append({})
        for variant in chosen:
            rounds[-1][variant.key] = measure_one(variant, setup, pace, options.congestion, f"round {number} of {options.rounds}")
    return {
        "machine": machine.describe(REPOSITORY),
        "settings": {"seconds": options.seconds, "nginx_buffer": options.nginx_buffer, "congestion": options.congestion},
        "titles": {one.key: one.title for one in chosen},
        "skipped": skipped,
        "rounds": rounds,
    }


def measure_one(variant, setup, pace, congestion, where):
    started = time.monotonic()
    try:
        with World(congestion=congestion) as world:
            result = measure(variant.start(world, setup), pace)
    except BenchError as error:
        result = {"failures": {"start": str(error)}, "tcp": None, "memory_kib": {}}
    speed = f"{result['tcp']['gbit_per_s']:.2f} Gbit/s" if result["tcp"] else f"FAILED: {result['failures']}"
    say(f"{where}, {variant.key}: {speed} ({time.monotonic() - started:.0f} s)")
    return result


def join(paths):
    """The rounds of several runs as one report; runs of different variants fill each other's rounds."""
    parts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            parts.append(json.load(file))
    titles = {key: title for part in parts for key, title in part["titles"].items()}
    rounds = []
    for part in parts:
        for one in part["rounds"]:
            gap = next((joined for joined in rounds if joined.keys().isdisjoint(one)), None)
            if gap is None:
                rounds.append(dict(one))
            else:
                gap.update(one)
    return {
        **parts[0],
        "titles": {one.key: titles[one.key] for one in lans.VARIANTS if one.key in titles},
        "skipped": {key: reason for part in parts for key, reason in part["skipped"].items() if key not in titles},
        "rounds": rounds,
    }


if __name__ == "__main__":
    main()
