"""One end of TCP transfers, a program of its own: each connection's bytes and checksum are a line of output, the same at both ends where all is well.

transfer.py receive ADDRESS PORT                  until a connection brings nothing
transfer.py send ADDRESS PORT SECONDS MEGABYTES MBIT   one connection after another, MBIT a second at most; 0 for as fast as it goes
"""

import hashlib
import os
import socket
import sys
import time

_BLOCK = 256 * 1024
_PATIENCE = 30

# asm-generic/socket.h
_SO_MAX_PACING_RATE = 47


def receive(address, port):
    listener = socket.create_server((address, int(port)))
    block = bytearray(_BLOCK)
    while True:
        connection, _ = listener.accept()
        connection.settimeout(_PATIENCE)
        digest, total = hashlib.sha256(), 0
        with connection:
            while length := connection.recv_into(block):
                digest.update(memoryview(block)[:length])
                total += length
        if total == 0:
            return
        print(total, digest.hexdigest(), flush=True)


def send(address, port, seconds, megabytes, mbit):
    deadline = time.monotonic() + float(seconds)
    while time.monotonic() < deadline:
        digest, total = hashlib.sha256(), 0
        block = bytearray(os.urandom(_BLOCK))
        with socket.create_connection((address, int(port)), _PATIENCE) as connection:
            if int(mbit):
                connection.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, int(mbit) * 10**6 // 8)
            for number in range(int(megabytes) * 10**6 // _BLOCK):
                # No two blocks are the same, so that one in the place of another is noticed.
                block[:8] = number.to_bytes(8, "big")
                connection.sendall(block)
                digest.update(block)
                total += len(block)
        print(total, digest.hexdigest(), flush=True)
    socket.create_connection((address, int(port)), _PATIENCE).close()


if __name__ == "__main__":
    {"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
