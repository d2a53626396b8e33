"""Programs under measurement: their start and end, the processor time and the memory of each and its children."""

import os
import re
import signal
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something that keeps a variant from being measured; the text says what."""


class Process:
    """A started program, known by its role; what it says goes to a file."""

    def __init__(self, role, command, log):
        self.role, self.command, self.log = role, command, log
        with open(log, "ab") as output:
            # A session of its own: Ctrl+C reaches us alone, and we end the programs in order.
            self._popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    @property
    def pid(self):
        return self._popen.pid

    def has_ended(self):
        return self._popen.poll() is not None

    def words(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def family(self):
        """The process and all below it, as numbers."""
        return with_descendants(self.pid)

    def end(self):
        children = self.family()
        if not self.has_ended():
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(timeout=3)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        for pid in children[1:]:
            kill(pid)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command, timeout=30):
    """Runs a command to its successful end and returns what it said on standard output."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"'{' '.join(command)}' did not end within {timeout} s") from None
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(command)}' failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def statistics_of(process):
    """The summary that one of our programs writes when it gets SIGUSR1."""
    seen = len(process.words())
    os.kill(process.pid, signal.SIGUSR1)
    match = None

    def told():
        nonlocal match
        match = re.search(r"statistics: (.*)\n", process.words()[seen:])
        return match is not None

    wait_until("statistics", told, process=process)
    return match.group(1)


def wait_until(what, condition, timeout=20, process=None):
    """Asks until the condition holds; fails at once where the process has ended."""
    deadline = time.monotonic() + timeout
    while not condition():
        if process is not None and process.has_ended():
            raise BenchError(f"{process.role} ended while waiting for {what}: {process.words().strip()[-300:]}")
        if time.monotonic() > deadline:
            said = f"; {process.role} said: {process.words().strip()[-300:]}" if process else ""
            raise BenchError(f"no {what} within {timeout} s{said}")
        time.sleep(0.05)


def with_descendants(pid):
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(entry)
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry))
    found = [pid]
    for one in found:
        found.extend(children.get(one, []))
    return found


def _stat(pid):
    """The fields of /proc/PID/stat from the third (state) on; None where the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()
    except OSError:
        return None


def cpu_seconds(processes):
    """Processor seconds used so far, user and system, by role."""
    used = {}
    for process in processes:
        for pid in process.family():
            fields = _stat(pid)
            if fields:
                used[process.role] = used.get(process.role, 0) + (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
    return used


def machine_cpu_seconds():
    """Processor seconds that the whole machine was busy since it started: user, nice, system, interrupts."""
    user, nice, system, _, _, irq, softirq, *_ = machine_ticks()
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND


def machine_ticks():
    """Ticks of all processors since the machine started: user, nice, system, idle, iowait, irq, softirq, steal and more (proc(5))."""
    with open("/proc/stat", encoding="ascii") as stat:
        return [int(field) for field in stat.readline().split()[1:]]


def memory_kib(processes):
    """Resident and proportional memory in KiB by role."""
    used = {}
    for process in processes:
        for pid in process.family():
            try:
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
                    fields = dict(line.split(":", 1) for line in rollup.readlines()[1:])
            except OSError:
                continue
            role = used.setdefault(process.role, {"rss": 0, "pss": 0})
            role["rss"] += int(fields["Rss"].split()[0])
            role["pss"] += int(fields["Pss"].split()[0])
    return used
