"""A hundred mebibytes sent at a limit of twenty-five: the refusal comes, and the server holds no more than before. Units: bytes, seconds."""
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import manifest
from afi import plan
from afi.process import free_port
from afi.tests.staging import until
from afi.transport import Http, Request
from probes import upload

TOTAL, GROWTH, MEBIBYTE = 100 << 20, 32 << 20, 1 << 20
START_S, PATIENCE_S = 120.0, 30.0              # the first with all that an adapter builds
TYPES = (("Content-Type", "application/json"),)
ADAPTERS = [cell.adapter.id for cell in manifest.CELLS if cell.capability.id == "upload" and cell.adapter.descriptor and "http" in cell.adapter.speaks]


def called(address, fn):
    http = Http(*address)
    try:
        return http.exchange(Request("POST", "/api/mizan/call/", TYPES, f'{{"fn":"{fn}"}}'.encode()))
    finally:
        http.close()


def is_up(address):
    try:
        socket.create_connection(address, 1.0).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module", params=ADAPTERS)
def address(request):
    """A live server of the sample that knows uploads, started as a stranger starts it."""
    found = ("127.0.0.1", free_port())
    argv = [sys.executable, "-m", "afi", "serve", request.param, "--seed", "7", "--port", str(found[1])]
    with subprocess.Popen(argv, cwd=plan.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            assert until(lambda: is_up(found) or process.poll() is not None, START_S) and process.poll() is None
            yield found
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def memory(pid, field):
    """Returns: a field of /proc/<pid>/status."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) << 10


def sent(address, *pieces):
    """Sends a body in chunks, whatever is said meanwhile, and never its end. Returns: the reply's first line, and how much went out."""
    head = f"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\n{upload.TYPE[0]}: {upload.TYPE[1]}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    gone = 0
    with socket.create_connection(address, PATIENCE_S) as line:
        line.sendall(head)
        for piece in pieces:
            line.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            gone += len(piece)
        return line.recv(4096).split(b"\r\n")[0], gone


def accepted(address):
    """Sends a file of one mebibyte, whole. Returns: the status."""
    body = upload.payload("hash_file") + upload.part("/args/file", os.urandom(MEBIBYTE)) + upload.END
    http = Http(*address)
    try:
        return http.exchange(Request("POST", "/api/mizan/call/", (upload.TYPE,), body)).status
    finally:
        http.close()


def growth(address, *pieces):
    """
    Returns: the reply's first line, how much was sent, and how far the server's memory rose above what it was before.

    Files have been accepted by then: what a runtime loads and compiles at first use is no memory of a body.
    """
    assert [accepted(address) for _ in range(3)] == [200] * 3
    pid = called(address, "probe_pid").member("result")
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")          # the peak begins anew (proc(5))
    before = memory(pid, "VmRSS")
    said, gone = sent(address, *pieces)
    return said, gone, memory(pid, "VmHWM") - before


@pytest.mark.parametrize("mebibytes", [[100], [24] * 5], ids=["one-file", "many-files"])
def test_what_is_too_large_is_refused_before_its_end_and_held_nowhere(address, mebibytes):
    pieces = [upload.payload("hash_files")]
    for number, size in enumerate(mebibytes):
        pieces += [upload.part(f"/args/files/{number}", b""), *[os.urandom(MEBIBYTE)] * size]
    said, gone, grown = growth(address, *pieces)
    assert said.split()[1] == b"413"
    assert gone > TOTAL
    assert grown < GROWTH, f"{grown >> 20} MiB"
    assert until(lambda: called(address, "probe_files").member("result") == 0)
