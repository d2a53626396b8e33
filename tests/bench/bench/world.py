"""A little network: a hub and machines on cables to it, each a network namespace; all gone at the end."""

import os
import shutil
import tempfile

from .processes import Process, kill, run

PREFIX = "vpnws-bench-"
FOLDER = "/run/netns"
HUB_ADDRESS = "10.77.0.1"
CABLE_NETWORK = "10.77.0.0/24"


class Machine:
    """One namespace, and the programs that run in it."""

    def __init__(self, world, role):
        self.world, self.role = world, role
        self.name = f"{PREFIX}{os.getpid()}-{role}"
        run(["ip", "netns", "add", self.name])
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        return run(["ip", "-n", self.name, *words])

    def inside(self, *command):
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command, timeout=30):
        return run(self.inside(*command), timeout)

    def start(self, role, *command):
        process = Process(role, self.inside(*command), self.world.path(f"{role.replace(' ', '-')}.log"))
        self.world.processes.append(process)
        return process

    def listens(self, port):
        """Whether a TCP listener is there."""
        return run(self.inside("ss", "-Hltn", f"sport = :{port}")).strip() != ""

    def has_link(self, name):
        return f" {name}: " in self.ip("-o", "link")


class World:
    """Use as a context: it ends its programs and removes its namespaces and folder, whatever happens."""

    def __init__(self, machines=2, congestion="cubic"):
        self.folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
        os.chmod(self.folder, 0o755)
        self.processes, self.machines, self.hub = [], [], None
        self._count, self._congestion = machines, congestion

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self):
        self.hub = Machine(self, "hub")
        self.hub.ip("link", "add", "br0", "type", "bridge")
        self.hub.ip("link", "set", "br0", "up")
        self.hub.ip("address", "add", f"{HUB_ADDRESS}/24", "dev", "br0")
        self._choose_congestion_control(self.hub, HUB_ADDRESS, "br0")
        for number in range(self._count):
            machine = Machine(self, chr(ord("a") + number))
            self.machines.append(machine)
            cable = f"cable{number}"
            self.hub.ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", machine.name)
            self.hub.ip("link", "set", cable, "master", "br0", "up")
            machine.ip("link", "set", "eth0", "up")
            machine.ip("address", "add", f"{self.address(number)}/24", "dev", "eth0")
            self._choose_congestion_control(machine, self.address(number), "eth0")

    def _choose_congestion_control(self, machine, address, device):
        """What TCP on the cables uses, whatever this machine's choice is."""
        machine.ip("route", "change", CABLE_NETWORK, "dev", device, "proto", "kernel", "scope", "link", "src", address, "congctl", self._congestion)

    @staticmethod
    def address(number):
        """A machine's address on its cable."""
        return f"10.77.0.{number + 2}"

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.end()
        for machine in [self.hub, *self.machines]:
            if machine is not None:
                remove(machine.name)
        shutil.rmtree(self.folder, ignore_errors=True)


def remove(name):
    """Removes a namespace with whatever still runs in it."""
    if os.path.exists(os.path.join(FOLDER, name)):
        for pid in run(["ip", "netns", "pids", name]).split():
            kill(int(pid))
        run(["ip", "netns", "delete", name])


def sweep():
    """Removes what runs that were killed have left."""
    for folder in (FOLDER, tempfile.gettempdir()):
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            owner = name.removeprefix(PREFIX).split("-")[0]
            if not name.startswith(PREFIX) or not owner.isdigit() or _lives(owner):
                continue
            if folder == FOLDER:
                remove(name)
            else:
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def _lives(pid):
    """Whether that process is one of ours still at work; one that is dead but not yet buried has no command line."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            return b".py" in words.read()
    except OSError:
        return False
