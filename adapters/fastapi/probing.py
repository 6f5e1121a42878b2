"""
Functions that only probes use: asynchronous, so that no blocking body can keep them waiting. Source: spec/sample.md.
"""
import os
import secrets
import tempfile
from pathlib import Path

from contexts import ProbeContext
from counting import BEGUN, FINISHED, GATE
from environment import ENVIRONMENT
from mizan import client

BOOT = secrets.token_hex(16)


@client(context=ProbeContext, volatile=True)
async def probe_run(request) -> str:
    return ENVIRONMENT.run


@client(context=ProbeContext, volatile=True)
async def probe_boot(request) -> str:
    return BOOT


@client(context=ProbeContext, volatile=True)
async def probe_pid(request) -> int:
    return os.getpid()


@client()
async def probe_calls(request, fn: str) -> int:
    return BEGUN[fn]


@client()
async def probe_finished(request, fn: str) -> int:
    return FINISHED[fn]


@client()
async def probe_files(request) -> int:
    return len(kept_files(Path(tempfile.gettempdir()).resolve()))


def kept_files(folder: Path) -> set[str]:
    """Returns: what lies in a folder, and what this process holds open there, also where its name is gone already."""
    lying = {str(one) for one in folder.rglob("*") if one.is_file()}
    links = [target_of(one) for one in Path("/proc/self/fd").iterdir()]
    return lying | {link for link in links if link.startswith(f"{folder}/")}


def target_of(descriptor: Path) -> str:
    """Returns: what a descriptor is open on; nothing, where it has been closed meanwhile."""
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""


@client()
async def probe_gate(request, open: bool) -> bool:
    if open:
        GATE.open()
    else:
        GATE.shut()
    return open
