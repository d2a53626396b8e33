"""Streams of frames between peers of a crowd."""

import contextlib
import time

from .crowd import PONG, message

_BATCH = 64 * 1024
_SIGN_OF_LIFE_SECONDS = 5


class Stream:
    """Frames of one length from a peer to others in turn. A window, in bytes under way to the first of them, keeps them from being dropped."""

    def __init__(self, source, targets, length, window=None, rate=None):
        self._source, self.targets = source, targets
        turn = b"".join(message(source.mac, target.mac, length) for target in targets)
        self._batch = turn * max(1, _BATCH // len(turn))
        self._turn_length = len(turn)
        # The way back is not masked.
        self._arrives = len(turn) // len(targets) - 4
        self._window, self._rate = window, rate
        self._left, self._sent, self._started = b"", 0, 0.0
        for target in targets:
            target.counts_bytes_only = True

    def start(self):
        for target in self.targets:
            target.received = 0
        self._started, self._sent = time.monotonic(), 0

    def say_alive(self):
        """Tells the server that the targets are there, unasked (RFC 6455 section 5.5.3): they count bytes, and see no ping."""
        for target in self.targets:
            with contextlib.suppress(OSError):  # Who was ended is noticed, and counted, where he is read.
                target.socket.send(PONG)

    def frames(self, target):
        """How many frames that target has got since the start."""
        return target.received // self._arrives

    def feed(self):
        """Sends what may be sent now; says whether anything was."""
        turns = self._sent // self._turn_length
        if self._window is not None and turns * self._arrives - self.targets[0].received > self._window:
            return False
        if self._rate is not None and turns > (time.monotonic() - self._started) * self._rate:
            return False
        data = self._left or self._batch
        try:
            sent = self._source.socket.send(data)
        except BlockingIOError:
            return False
        self._left = data[sent:]
        self._sent += sent
        return True


def run(crowd, seconds, *streams):
    """Lets the streams flow and returns how long that really was."""
    for stream in streams:
        stream.start()
    started = time.monotonic()
    due = 0.0
    while (passed := time.monotonic() - started) < seconds:
        if passed >= due:
            due = passed + _SIGN_OF_LIFE_SECONDS
            for stream in streams:
                stream.say_alive()
        busy = [stream.feed() for stream in streams]
        crowd.turn(0 if any(busy) else 0.0005)
    # What is still under way must not be counted to the next one.
    crowd.idle(0.1)
    return passed
