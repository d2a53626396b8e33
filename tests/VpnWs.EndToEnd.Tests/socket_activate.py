"""Starts a program as a service manager does that listens for it: socket_activate.py NAME=ADDRESS... -- PROGRAM...

An address with a slash is a Unix socket, else HOST:PORT. The sockets are the descriptors from 3 on."""

import os
import socket
import sys

end = sys.argv.index("--")
names = []
descriptors = []
for argument in sys.argv[1:end]:
    name, address = argument.split("=", 1)
    if "/" in address:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(address)
    else:
        host, port = address.rsplit(":", 1)
        listening = socket.create_server((host, int(port)))
    listening.listen()
    names.append(name)
    # Out of the way of the numbers that are wanted.
    descriptors.append(os.dup2(listening.fileno(), 100 + len(names)))
for i, descriptor in enumerate(descriptors):
    os.dup2(descriptor, 3 + i)
    os.close(descriptor)
os.environ.update(LISTEN_FDS=str(len(names)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=":".join(names))
os.execv(sys.argv[end + 1], sys.argv[end + 1:])
