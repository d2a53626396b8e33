"""A peer made of somebody else's WebSocket library: joins, asks for an address with ARP, answers that ask back, pings and closes.

Usage: foreign_client.py URL OWN_ADDRESS WANTED_ADDRESS
"""

import asyncio
import socket
import struct
import sys

import websockets

MAC = bytes.fromhex("02000000f001")
ARP = struct.pack("!HHHBB", 0x0806, 1, 0x0800, 6, 4)
REQUEST, REPLY = 1, 2


def arp(destination, operation, own, target_mac, target):
    return destination + MAC + ARP + struct.pack("!H", operation) + MAC + own + target_mac + target


async def main(url, own, wanted):
    own, wanted = socket.inet_aton(own), socket.inet_aton(wanted)
    async with websockets.connect(url, subprotocols=["something.else"]) as peer:
        print("extensions:", peer.extensions, "subprotocol:", peer.subprotocol)
        await asyncio.wait_for(await peer.ping(b"are you there"), 5)
        print("pong")
        await peer.send(arp(b"\xff" * 6, REQUEST, own, bytes(6), wanted))
        # A message in three fragments is one frame.
        await peer.send([b"\xff" * 3, b"\xff" * 3 + MAC, bytes.fromhex("88b5") + b"fragmented".ljust(46)])
        while True:
            frame = await asyncio.wait_for(peer.recv(), 5)
            if frame[12:14] != b"\x08\x06" or frame[38:42] != own:
                continue
            operation, = struct.unpack("!H", frame[20:22])
            if operation == REPLY:
                print("found", frame[22:28].hex(":"))
                break
        print("frames of at least 14 bytes only:", len(frame) >= 14)
    print("closed", peer.close_code)


asyncio.run(main(*sys.argv[1:]))
