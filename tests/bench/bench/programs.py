"""Our programs and the repository, and what the benches say to their users."""

import argparse
import os
import sys

from .processes import BenchError, run

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def find_programs():
    """The folder of VPNWS_BIN, or one that they are published to."""
    folder = os.environ.get("VPNWS_BIN")
    if not folder:
        folder = os.path.join(REPOSITORY, "artifacts", "bench")
        for program in ("vpn-ws", "vpn-ws-client"):
            _publish(program, folder)
    for program in ("vpn-ws", "vpn-ws-client"):
        if not os.access(os.path.join(folder, program), os.X_OK):
            raise BenchError(f"there is no program {program} in {folder}; set VPNWS_BIN to where they are published")
    return os.path.abspath(folder)


def single_file_server():
    """The server as one trimmed, precompiled file."""
    program = os.environ.get("VPNWS_SINGLE")
    if not program:
        folder = os.path.join(REPOSITORY, "artifacts", "bench-single")
        _publish("vpn-ws", folder, "-p:PublishProfile=SingleFile")
        program = os.path.join(folder, "vpn-ws")
    return program


def _publish(program, folder, *options):
    say(f"publishing {program}")
    run(["dotnet", "publish", os.path.join(REPOSITORY, "src", program), "--configuration", "Release", "--output", folder,
         "--verbosity", "quiet", "-nodeReuse:false", *options], timeout=600)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def say(text):
    print(text, file=sys.stderr, flush=True)
