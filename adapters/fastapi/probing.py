"""
Functions that only probes use: asynchronous, so that no blocking body can keep them waiting. Source: spec/sample.md.
"""
import os
import secrets

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
async def probe_gate(request, open: bool) -> bool:
    if open:
        GATE.open()
    else:
        GATE.shut()
    return open
