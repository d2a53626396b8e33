"""The ways to make a LAN that are compared: each knows what it needs and how it starts in a World."""

import os
import shutil

from . import softether
from .processes import BenchError, run, wait_until
from .proxies import start_nginx, throw_away_certificates
from .world import HUB_ADDRESS

# The classic client reads 1,500 bytes where a full-size frame has 1,514: with it the taps carry no more than this.
CLASSIC_MTU = 1400
PATH = "/vpn"
RELAY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "relay.c")
RELAY_PORT = "8082"


class Lan:
    """A LAN that is up: where the traffic starts, where it goes, and the programs that carry it."""

    def __init__(self, source, target, address, processes):
        self.source, self.target, self.address, self.processes = source, target, address, processes


class Variant:
    """One row of the table."""

    def __init__(self, key, title, start, needs):
        self.key, self.title, self._start, self._needs = key, title, start, needs

    def missing(self, setup):
        """Why this one cannot be measured here, or None."""
        return next((reason for reason in (need(setup) for need in self._needs) if reason), None)

    def start(self, world, setup):
        lan = self._start(world, setup)
        process = lan.processes[0] if lan.processes else None
        wait_until(f"ping to {lan.address}", lambda: _answers(lan), process=process)
        return lan


class Setup:
    """Where the programs are, and what was asked for."""

    def __init__(self, ours, classic, nginx_buffer):
        self.ours, self.classic, self.nginx_buffer = ours, classic, nginx_buffer

    def our(self, program):
        return os.path.join(self.ours, program)

    def c(self, program):
        return os.path.join(self.classic, program)


def _answers(lan):
    try:
        lan.source.run("ping", "-c", "1", "-W", "1", "-q", lan.address)
        return True
    except BenchError:
        return False


def _tool(name, package=None):
    return lambda _: None if shutil.which(name) else f"{package or name} is not installed"


def _classic(setup):
    if not setup.classic:
        return "VPNWS_C_DIR is not set"
    return None if os.access(setup.c("vpn-ws"), os.X_OK) else f"no vpn-ws in {setup.classic}"


def lan_address(number):
    """A machine's address on the LAN."""
    return f"10.78.0.{number + 1}"


def _between_clients(world, processes):
    a, b = world.machines
    return Lan(a, b, lan_address(1), processes)


def _our_client(world, setup, number, url, *options):
    machine = world.machines[number]
    trust = ["--ca", world.path("ca.pem")] if url.startswith("wss:") else []
    return machine.start(
        f"client {machine.role}", setup.our("vpn-ws-client"), "--address", f"{lan_address(number)}/24", *trust, *options, "vpn0", url)


def _our_clients(world, setup, url, *options):
    return [_our_client(world, setup, number, url, *options) for number in range(2)]


def _c_client(world, setup, number, url):
    machine = world.machines[number]
    hook = f"ip link set vpn0 mtu {CLASSIC_MTU} up; ip address add {lan_address(number)}/24 dev vpn0"
    return machine.start(f"client {machine.role}", setup.c("vpn-ws-client"), "--no-verify", "--exec", hook, "vpn0", url)


def _c_clients(world, setup, url):
    return [_c_client(world, setup, number, url) for number in range(2)]


def _our_server(world, setup, *options):
    server = world.hub.start("server", setup.our("vpn-ws"), *options, world.path("vpn.sock"))
    wait_until("socket of the server", lambda: os.path.exists(world.path("vpn.sock")), process=server)
    return server


def _c_server(world, setup, *options):
    server = world.hub.start("server", setup.c("vpn-ws"), *options, world.path("vpn.sock"))
    wait_until("socket of the server", lambda: os.path.exists(world.path("vpn.sock")), process=server)
    return server


def ours_direct(*options, server_options=()):
    """Our clients at our server; the options are for all of them."""
    def start(world, setup):
        server = _our_server(world, setup, "--http", f"{HUB_ADDRESS}:8080", *server_options, *options)
        return _between_clients(world, [server, *_our_clients(world, setup, f"ws://{HUB_ADDRESS}:8080{PATH}", *options)])

    return start


def _ours_direct_tls(world, setup):
    throw_away_certificates(world)
    server = _our_server(
        world, setup, "--http", f"{HUB_ADDRESS}:8443", "--tls-cert", world.path("server.pem"), "--tls-key", world.path("server.key"))
    return _between_clients(world, [server, *_our_clients(world, setup, f"wss://{HUB_ADDRESS}:8443{PATH}")])


def _behind_nginx(server, clients, tls=False):
    def start(world, setup):
        first = server(world, setup)
        nginx, url = start_nginx(world, setup, PATH, tls)
        return _between_clients(world, [first, nginx, *clients(world, setup, url)])

    return start


def _our_clients_classic_mtu(world, setup, url):
    return _our_clients(world, setup, url, "--mtu", str(CLASSIC_MTU))


def _ours_to_tap(world, setup):
    hook = f"ip link set vpn0 up; ip address add {lan_address(1)}/24 dev vpn0"
    server = _our_server(world, setup, "--http", f"{HUB_ADDRESS}:8080", "--tuntap", "vpn0", "--exec", hook)
    client = _our_client(world, setup, 0, f"ws://{HUB_ADDRESS}:8080{PATH}")
    return Lan(world.machines[0], world.hub, lan_address(1), [server, client])


def _c_to_tap(world, setup):
    hook = f"ip link set vpn0 mtu {CLASSIC_MTU} up; ip address add {lan_address(1)}/24 dev vpn0"
    server = _c_server(world, setup, "--tuntap", "vpn0", "--exec", hook)
    nginx, url = start_nginx(world, setup, PATH, tls=False)
    client = _c_client(world, setup, 0, url)
    return Lan(world.machines[0], world.hub, lan_address(1), [server, nginx, client])


def _openvpn(world, _):
    throw_away_certificates(world)
    common = ["--dev", "vpn0", "--dev-type", "tap", "--proto", "udp", "--port", "1194", "--data-ciphers", "AES-128-GCM", "--ca", world.path("ca.pem")]
    server = world.hub.start(
        "server", "openvpn", *common, "--mode", "server", "--tls-server", "--client-to-client", "--dh", "none", "--keepalive", "10", "60",
        "--duplicate-cn", "--local", HUB_ADDRESS, "--cert", world.path("server.pem"), "--key", world.path("server.key"))
    wait_until("OpenVPN's server", lambda: "Initialization Sequence Completed" in server.words(), process=server)
    # While its own tap is down it stumbles over each broadcast.
    world.hub.ip("link", "set", "vpn0", "up")
    clients = [
        machine.start(
            f"client {machine.role}", "openvpn", *common, "--client", "--nobind", "--remote", HUB_ADDRESS, "--cert", world.path("client.pem"),
            "--key", world.path("client.key"), "--ifconfig", lan_address(number), "255.255.255.0")
        for number, machine in enumerate(world.machines)]
    return _between_clients(world, [server, *clients])


def _softether(world, _):
    processes, taps = softether.start(world, HUB_ADDRESS)
    for number, machine in enumerate(world.machines):
        machine.ip("address", "add", f"{lan_address(number)}/24", "dev", taps[number])
    return _between_clients(world, processes)


def _relay(world, _):
    program = world.path("relay")
    run(["cc", "-std=c11", "-O2", "-pthread", "-o", program, RELAY])
    hub = world.hub.start("server", program, "hub", RELAY_PORT)
    wait_until("listener of the relay", lambda: world.hub.listens(RELAY_PORT), process=hub)
    return _between_clients(world, [hub, *(_relay_end(machine, program, number) for number, machine in enumerate(world.machines))])


def _relay_end(machine, program, number):
    end = machine.start(f"client {machine.role}", program, "end", "vpn0", HUB_ADDRESS, RELAY_PORT)
    wait_until("tap of the relay", lambda: machine.has_link("vpn0"), process=end)
    machine.ip("link", "set", "vpn0", "up")
    machine.ip("address", "add", f"{lan_address(number)}/24", "dev", "vpn0")
    return end


def _bridge(world, _):
    a, b = world.machines
    return Lan(a, b, world.address(1), [])


_nginx, _ovpn = _tool("nginx"), _tool("openvpn")

VARIANTS = [
    Variant("ws", "VpnWs, ws", ours_direct(), []),
    Variant("wss", "VpnWs, wss, TLS in the server", _ours_direct_tls, [_tool("openssl")]),
    Variant("nginx", "VpnWs, ws behind nginx", _behind_nginx(_our_server, _our_clients), [_nginx]),
    Variant("nginx-wss", "VpnWs, wss behind nginx", _behind_nginx(_our_server, _our_clients, tls=True), [_nginx, _tool("openssl")]),
    Variant("no-offload", "VpnWs, ws, --no-offload", ours_direct("--no-offload"), []),
    Variant("tap", "VpnWs, ws, client to server tap", _ours_to_tap, []),
    Variant("c", "C vpn-ws, ws behind nginx", _behind_nginx(_c_server, _c_clients), [_classic, _nginx]),
    Variant("c-wss", "C vpn-ws, wss behind nginx", _behind_nginx(_c_server, _c_clients, tls=True), [_classic, _nginx, _tool("openssl")]),
    Variant("c-tap", "C vpn-ws, ws behind nginx, client to server tap", _c_to_tap, [_classic, _nginx]),
    Variant("c-clients", "VpnWs server, C clients, ws behind nginx", _behind_nginx(_our_server, _c_clients), [_classic, _nginx]),
    Variant("c-server", "C server, VpnWs clients, ws behind nginx", _behind_nginx(_c_server, _our_clients_classic_mtu), [_classic, _nginx]),
    Variant("openvpn", "OpenVPN, tap, AES-128-GCM over UDP", _openvpn, [_ovpn, _tool("openssl")]),
    Variant("softether", "SoftEther, TLS", _softether, [softether.missing]),
    Variant("relay", "bare C relay: no switch, no WebSocket, no checks", _relay, [_tool("cc")]),
    Variant("bridge", "kernel bridge, no VPN: the ceiling", _bridge, []),
]

QUICK = ["ws", "wss", "c", "bridge"]
