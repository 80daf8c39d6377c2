"""Telling systemd how we are (sd_notify(3)): datagrams to the socket named in NOTIFY_SOCKET."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send `state` ("READY=1", "WATCHDOG=1", "STOPPING=1", ...); nothing where systemd did not start us, or is gone.

    Never raises and never waits: what nobody takes must not stop a session.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.sendto(state.encode(), path)
