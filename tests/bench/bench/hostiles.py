"""Ten peers with bad intent, each a step at a time: "turn" is called ten times a second."""

import socket
import struct

from .crowd import message, request

_REQUEST = b"GET /vpn HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
_MASK = b"\0\0\0\0"
_HELD = 200


class Hostiles:
    """Works on a server's Unix socket and its HTTP port, against a crowd of honest peers."""

    def __init__(self, path, port, crowd):
        self._path, self._port, self._crowd = path, port, crowd
        self._held, self._joined, self._turns = [], {}, 0
        self.attacks = 0
        self._kinds = [
            self._half_open, self._garbage, self._violate, self._claim_a_terabyte, self._hoard_fragments,
            self._steal_addresses, self._flood_nobody, self._be_deaf, self._flood_the_deaf, self._come_and_go]

    def turn(self):
        self._turns += 1
        for kind in self._kinds:
            try:
                kind()
                self.attacks += 1
            except OSError:
                # Turned away, as it should be; the next turn begins anew.
                self._drop(kind.__name__)

    def close(self):
        for one in [*self._held, *self._joined.values()]:
            one.close()

    def _drop(self, name):
        if name in self._joined:
            self._joined.pop(name).close()

    def _connect(self, over_http=False):
        one = socket.socket() if over_http else socket.socket(socket.AF_UNIX)
        one.settimeout(0.2)
        one.connect(("127.0.0.1", self._port) if over_http else self._path)
        return one

    def _mac(self, number):
        return b"\x02\xee" + struct.pack(">I", number)

    def _join(self, name, number):
        """The connection of that kind, made where it is not there."""
        if name not in self._joined:
            one = self._connect()
            self._joined[name] = one
            one.sendall(request(self._mac(number), 60_000 + number))
            if not one.recv(4096).startswith(b"HTTP/1.1 101"):
                raise OSError("not let in")
            one.setblocking(False)
        return self._joined[name]

    def _fresh(self, name, number):
        self._drop(name)
        return self._join(name, number)

    def _half_open(self):
        for _ in range(2):
            one = self._connect(over_http=True)
            one.sendall(b"GET /vpn HT")
            self._held.append(one)
        while len(self._held) > _HELD:
            self._held.pop(0).close()

    def _garbage(self):
        one = self._connect()
        one.sendall(bytes((self._turns * 167 + i * 13) & 255 for i in range(500)))
        one.close()

    def _violate(self):
        self._fresh("_violate", 1).sendall((b"\x81\x80" + _MASK, b"\xc2\x80" + _MASK, b"\x83\x80" + _MASK, b"\x82\x05hello")[self._turns % 4])

    def _claim_a_terabyte(self):
        self._fresh("_claim_a_terabyte", 2).sendall(b"\x82\xff" + struct.pack(">Q", 1 << 40) + _MASK)

    def _hoard_fragments(self):
        if self._turns % 20 == 0:
            self._fresh("_hoard_fragments", 3).sendall(b"\x02\xfe" + struct.pack(">H", 60_000) + _MASK + bytes(60_000))

    def _steal_addresses(self):
        victim = self._crowd.peers[self._turns % len(self._crowd.peers)]
        self._join("_steal_addresses", 4).send(message(victim.mac, self._crowd.peers[0].mac, 64) * 20)

    def _flood_nobody(self):
        self._join("_flood_nobody", 5).send(message(self._mac(5), self._mac(999), 64) * 200)

    def _be_deaf(self):
        self._join("_be_deaf", 6)

    def _flood_the_deaf(self):
        self._join("_flood_the_deaf", 7).send(message(self._mac(7), self._mac(6), 1000) * 100)

    def _come_and_go(self):
        one = self._connect(over_http=True)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.sendall(_REQUEST)
        one.close()
