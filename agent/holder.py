"""Processes as leases name them, and whether one that holds a lease is gone for good."""

from __future__ import annotations

import os
import secrets
import socket
import uuid
from pathlib import Path

PLACE = 3  # parts of a holder's name that say where it runs: host, boot, process namespace


def new_holder() -> str:
    """This process, with a part of its own for each set of dependencies in it."""
    return ":".join([*_place(), str(os.getpid()), process_start(os.getpid()), secrets.token_hex(4)])


def _place() -> list[str]:
    """Where process numbers mean the same: one boot of one machine, and in it one namespace of processes.

    Containers often share a host's name, across machines and on one; none of them can see another's processes.
    """
    return [socket.gethostname().replace(":", "_"), _boot(), _namespace()]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:  # no such thing outside Linux: the machine's own address tells machines apart, and no boots
        return f"{uuid.getnode():012x}"


def _namespace() -> str:
    try:
        return Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return ""


def process_start(pid: int) -> str:
    """When a process of this machine began, in the machine's ticks, so that a reused number is not taken for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def is_dead(holder: str) -> bool:
    """Is the holder a process that this one would see, and does not? All others are never taken for dead."""
    parts = holder.split(":")
    pid, started = [*parts[PLACE:], "", ""][:2]
    if parts[:PLACE] != _place() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return bool(started) and process_start(int(pid)) != started
