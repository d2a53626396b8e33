"""Our programs and the repository, and how the benches deal with their users."""

import argparse
import os
import signal
import sys

from .processes import BenchError, run

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def find_programs():
    """The folder of VPNWS_BIN, or one that they are published to as they are shipped."""
    folder = os.environ.get("VPNWS_BIN")
    if not folder:
        folder = os.path.join(REPOSITORY, "artifacts", "bench")
        for program in ("vpn-ws", "vpn-ws-client"):
            _publish(program, folder)
    for program in ("vpn-ws", "vpn-ws-client"):
        if not os.access(os.path.join(folder, program), os.X_OK):
            raise BenchError(f"there is no program {program} in {folder}; set VPNWS_BIN to where they are published")
    return os.path.abspath(folder)


def _publish(program, folder):
    say(f"publishing {program}")
    run(["dotnet", "publish", os.path.join(REPOSITORY, "src", program), "--configuration", "Release", "--output", folder,
         "-p:PublishProfile=SingleFile", "--verbosity", "quiet", "-nodeReuse:false"], timeout=600)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def say(text):
    print(text, file=sys.stderr, flush=True)


def end_in_order_when_told():
    """Lets the signals that end a bench end what it has started, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
