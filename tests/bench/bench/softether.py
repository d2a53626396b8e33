"""SoftEther VPN: its server with one virtual hub, and a client on every machine."""

import os

from .processes import BenchError, wait_until

_PROGRAMS = "/usr/libexec/softether"
# Where it keeps settings, locks and logs, whoever runs it.
_FOLDERS = ("/var/lib/softether", "/run/softether", "/var/log/softether")
_PORT = "5555"
_HUB, _USER, _PASSWORD, _CARD, _ACCOUNT = "LAN", "bench", "bench", "bench", "bench"


def missing(_):
    for program in ("vpnserver", "vpnclient", "vpncmd"):
        if not os.path.exists(os.path.join(_PROGRAMS, program, program)):
            return f"softether-{program} is not installed"
    return None


def start(world, address):
    """Returns the programs and the names of the taps, machine by machine."""
    server = _start_program(world, world.hub, "server", "vpnserver")
    wait_until("listener of SoftEther", lambda: world.hub.listens(_PORT), process=server)
    manage = lambda *command: _manage(world.hub, "localhost:" + _PORT, "/SERVER", *command)
    wait_until("answer of SoftEther's server", lambda: _works(manage, "/CMD", "About"), process=server)
    manage("/CMD", "HubCreate", _HUB, f"/PASSWORD:{_PASSWORD}")
    manage(f"/ADMINHUB:{_HUB}", "/CMD", "UserCreate", _USER, "/GROUP:none", "/REALNAME:none", "/NOTE:none")
    manage(f"/ADMINHUB:{_HUB}", "/CMD", "UserPasswordSet", _USER, f"/PASSWORD:{_PASSWORD}")
    clients = [_start_client(world, machine, f"{address}:{_PORT}") for machine in world.machines]
    return [server, *clients], [f"vpn_{_CARD}"] * len(clients)


def _start_client(world, machine, server):
    client = _start_program(world, machine, f"client {machine.role}", "vpnclient")
    manage = lambda *command: _manage(machine, "localhost", "/CLIENT", "/CMD", *command)
    wait_until("answer of SoftEther's client", lambda: _works(manage, "About"), process=client)
    manage("NicCreate", _CARD)
    manage("AccountCreate", _ACCOUNT, f"/SERVER:{server}", f"/HUB:{_HUB}", f"/USERNAME:{_USER}", f"/NICNAME:{_CARD}")
    manage("AccountPasswordSet", _ACCOUNT, f"/PASSWORD:{_PASSWORD}", "/TYPE:standard")
    manage("AccountConnect", _ACCOUNT)
    wait_until("tap of SoftEther", lambda: machine.has_link(f"vpn_{_CARD}"), process=client)
    return client


def _start_program(world, machine, role, program):
    return machine.start(role, *_with_own_folders(world, machine, program), "execsvc")


def _manage(machine, *command):
    return machine.run(*_with_own_folders(machine.world, machine, "vpncmd"), *command, timeout=20)


def _with_own_folders(world, machine, program):
    """The command for a program that sees folders of this machine's own; `ip netns exec` gives it a view of the file system that nobody shares."""
    mounts = ""
    for folder in _FOLDERS:
        own = world.path(f"softether-{machine.role}{folder.replace('/', '-')}")
        for path in (folder, own):
            os.makedirs(path, exist_ok=True)
        mounts += f"mount --bind {own} {folder} && "
    return ["sh", "-c", f'{mounts}exec {os.path.join(_PROGRAMS, program, program)} "$@"', program]


def _works(manage, *command):
    try:
        manage(*command)
        return True
    except BenchError:
        return False
