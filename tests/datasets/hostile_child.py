"""The decoding child, made to misbehave on marked content: stands in for a broken decoder."""

import os
import signal
import socket
import sys
import time

import numpy as np

from ssl_core.datasets import child, decode

REAL = decode.probe


def probe(content: bytes) -> tuple[int, int, bool]:
    """Do what the content says, and what the real function does otherwise."""
    mark = content[-9:]
    if mark == b"#segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if mark == b"###memory":
        np.ones(2 << 30, dtype=np.uint8)
    if mark == b"#####hang":
        time.sleep(60)
    if mark == b"####write":
        with open(f"{sys.argv[1]}/written", "wb") as stream:
            stream.write(b"x")
    if mark == b"##network":
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), 1)
    if mark == b"##garbage":
        os.write(3, b"\xff\xff\xff\xff nonsense")
    return REAL(content)


decode.probe = probe
if __name__ == "__main__":
    child.main()
