"""Many WebSocket peers in one thread: they join over the uwsgi socket, answer pings, and count what they get."""

import select
import socket
import struct
import time

from .processes import BenchError

_BINARY, _PING = 0x82, 0x89
_MASK = b"\x5a\xc3\x17\xe8"
PONG = b"\x8a\x80" + _MASK
_BROADCAST = b"\xff" * 6
_CHUNK = 256 * 1024


class Peer:
    """One connection; "frames" counts the binary messages it got, "marked" those of the crowd's marked length, "received" the bytes."""

    __slots__ = ("socket", "mac", "frames", "marked", "received", "joined", "rest", "counts_bytes_only", "deaf", "lost")

    def __init__(self, number):
        self.mac = b"\x02\x00" + struct.pack(">I", number + 1)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.setblocking(False)
        self.frames = self.marked = self.received = 0
        self.joined = self.counts_bytes_only = self.deaf = self.lost = False
        self.rest = b""


class Crowd:
    """All peers of one server. Nothing happens but within "turn", which serves whoever has something to read."""

    def __init__(self, path, marked_length=None, first=0):
        self._marked = marked_length
        self._path, self._poll, self._by_descriptor = path, select.epoll(), {}
        self.peers, self.joined, self.lost, self._asked = [], 0, 0, first

    def __len__(self):
        return len(self.peers)

    def join(self, count, at_once=256, timeout=120):
        """Brings so many more peers in and returns how long that took, in seconds."""
        started = time.monotonic()
        asked, wanted = len(self.peers), len(self.peers) + count
        while self.joined < wanted:
            while asked < wanted and asked - self.joined < at_once and self._ask(asked):
                asked += 1
            self.turn(0.2)
            self._check_time(started, timeout, f"{self.joined} of {wanted} peers joined")
        return time.monotonic() - started

    def turn(self, timeout=0.0):
        """Serves those who have something to read."""
        for descriptor, _ in self._poll.poll(timeout, 4096):
            peer = self._by_descriptor[descriptor]
            try:
                data = peer.socket.recv(_CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._lose(peer)
            elif peer.counts_bytes_only:
                peer.received += len(data)
            else:
                self._take(peer, data)

    def idle(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.turn(left)

    def broadcast(self, sender, timeout=20):
        """Sends one frame to all and returns after how many seconds the last one had it."""
        for peer in self.peers:
            peer.frames = 0
        started = time.monotonic()
        sender.socket.sendall(message(sender.mac, _BROADCAST, 64))
        waiting = len(self.peers) - 1
        while sum(1 for peer in self.peers if peer.frames) < waiting:
            self.turn(0.5)
            self._check_time(started, timeout, "not everyone got the broadcast")
        return time.monotonic() - started

    def ask(self):
        """Begins to bring in one more; false where the server has no room for the connection yet."""
        return self._ask(self._asked)

    def leave(self, peer):
        """Takes a peer out, without any farewell."""
        if not peer.deaf:
            self._poll.unregister(peer.socket.fileno())
        del self._by_descriptor[peer.socket.fileno()]
        peer.socket.close()
        self.peers.remove(peer)

    def stop_reading(self, peer):
        self._require(peer)
        peer.deaf = True
        self._poll.unregister(peer.socket.fileno())

    def read_again(self, peer):
        """Ends "stop_reading"."""
        self._require(peer)
        peer.deaf = False
        self._poll.register(peer.socket.fileno(), select.EPOLLIN)

    def close(self):
        for peer in self.peers:
            peer.socket.close()
        self._poll.close()

    def _ask(self, number):
        peer = Peer(number)
        try:
            peer.socket.connect(self._path)
        except BlockingIOError:
            # Its queue of connections is full: later.
            peer.socket.close()
            return False
        peer.socket.sendall(request(peer.mac, number))
        self._asked += 1
        self.peers.append(peer)
        self._by_descriptor[peer.socket.fileno()] = peer
        self._poll.register(peer.socket.fileno(), select.EPOLLIN)
        return True

    def _take(self, peer, data):
        data = peer.rest + data
        if not peer.joined:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                peer.rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                raise BenchError(f"the server answered a peer {data[:80]!r}")
            self.joined += 1
            peer.joined, data = True, data[end + 4:]
        at = 0
        while len(data) - at >= 2:
            length = data[at + 1]
            header = 2
            if length == 126:
                if len(data) - at < 4:
                    break
                length, header = struct.unpack_from(">H", data, at + 2)[0], 4
            if len(data) - at < header + length:
                break
            if data[at] == _BINARY:
                peer.frames += 1
                peer.marked += length == self._marked
            elif data[at] == _PING:
                peer.socket.send(PONG)
            at += header + length
        peer.rest = data[at:]

    def _lose(self, peer):
        self.lost += 1
        peer.lost = True
        self._poll.unregister(peer.socket.fileno())
        peer.deaf = True

    @staticmethod
    def _require(peer):
        if peer.lost:
            raise BenchError("a peer that is to stop reading was lost")

    @staticmethod
    def _check_time(started, timeout, what):
        if time.monotonic() - started > timeout:
            raise BenchError(f"{what} within {timeout} s")


def message(source, destination, length):
    """A masked binary message with a frame of that many bytes."""
    frame = destination + source + b"\x88\xb5" + bytes(length - 14)
    mask = (_MASK * (length // 4 + 1))[:length]
    masked = (int.from_bytes(frame, "big") ^ int.from_bytes(mask, "big")).to_bytes(length, "big")
    head = struct.pack(">BB", _BINARY, 0x80 | length) if length < 126 else struct.pack(">BBH", _BINARY, 0x80 | 126, length)
    return head + _MASK + masked


def request(mac, number):
    """The uwsgi packet that a web server would send."""
    variables = {
        "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_X_VPN_WS_MAC": mac.hex(":"),
        "REMOTE_ADDR": f"198.18.{number >> 8 & 255}.{number & 255}",
    }
    body = b"".join(struct.pack("<H", len(text)) + text for pair in variables.items() for text in (word.encode() for word in pair))
    return struct.pack("<BHB", 0, len(body), 0) + body
