"""
Reads /proc: whose socket listens where, who is connected to whom, which processes are below which, and who carries this kit's marker.

Reads, and decides nothing. Linux only. A process that ends while we look is nobody. Source: proc_pid_stat(5), proc_pid_fd(5), proc_net(5).
"""
import ipaddress
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

ESTABLISHED, SYN_SENT, LISTENING = "01", "02", "0A"       # states of proc_net_tcp(5)
MARKER = "AFI_STARTED"                                    # what the harness starts carries it; what a person starts by hand does not
WARDEN = "/afi/warden.py"
LOOK_AGAIN_S = 0.2                                        # longer than a warden takes between its last child's end and its own

End = tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]


@dataclass(frozen=True)
class Socket:
    """One line of /proc/net/tcp or tcp6; `inode` 0 belongs to no process any more."""

    state: str
    local: End
    remote: End
    inode: int

    @property
    def beyond_loopback(self) -> bool:
        return not self.local[0].is_loopback


def _end(text: str) -> End:
    """`0100007F:1F90` -> 127.0.0.1, 8080: words of 32 bits in the machine's byte order; an IPv4 address inside IPv6 comes out as IPv4."""
    address, _, port = text.partition(":")
    raw = b"".join(int(address[i:i + 8], 16).to_bytes(4, "little") for i in range(0, len(address), 8))
    parsed = ipaddress.ip_address(raw)
    return getattr(parsed, "ipv4_mapped", None) or parsed, int(port, 16)


def every() -> list[Socket]:
    """Returns: every TCP socket of this network namespace that listens, connects or is connected."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(table):                     # a kernel without IPv6
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            part = line.split()
            if part[3] in (ESTABLISHED, SYN_SENT, LISTENING):
                found.append(Socket(part[3], _end(part[1]), _end(part[2]), int(part[9])))
    return found


def listeners(port: int) -> list[Socket]:
    """Returns: the sockets that listen on this port, whatever the address."""
    return [s for s in every() if s.state == LISTENING and s.local[1] == port]


def inodes(pids: Collection[int]) -> dict[int, int]:
    """Returns: inode -> a process of these that holds the socket."""
    found = {}
    for pid in pids:
        for link in _links(pid):
            if link.startswith("socket:["):
                found[int(link[8:-1])] = pid
    return found


def _links(pid: int) -> Iterator[str]:
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                yield os.readlink(entry.path)
            except OSError:
                continue
    except OSError:
        return


def parents() -> dict[int, int]:
    """Returns: process -> its parent, of every living process."""
    table = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path("/proc", name, "stat").read_bytes()
        except OSError:
            continue
        state, parent = stat[stat.rindex(b")") + 2:].split()[:2]
        if state not in b"ZX":
            table[int(name)] = int(parent)
    return table


def below(root: int) -> set[int]:
    """Returns: the processes below `root`, without it."""
    table, found, edge = parents(), set[int](), {root}
    while edge:
        edge = {pid for pid, parent in table.items() if parent in edge} - found
        found |= edge
    return found


def _above(pid: int, table: dict[int, int]) -> list[int]:
    found = [pid]
    while (pid := table.get(pid, 0)) > 1:
        found.append(pid)
    return found


def marker_of(pid: int) -> str | None:
    """Returns: the nonce of the run for which this process was started, if it was started for one and we may look."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((v[len(MARKER) + 1:].decode(errors="backslashreplace") for v in variables if v.startswith(f"{MARKER}=".encode())), None)


def state_of(pid: int) -> str:
    """Returns: R running, S sleeping, T stopped … as proc_pid_stat(5) has it; empty: gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    return stat[stat.rindex(b")") + 2:].split()[0].decode()


def said_of(pid: int) -> str:
    """Returns: `4711 (python serve.py)`."""
    return f"{pid} ({argv_of(pid)[:200] or 'gone'})"


def argv_of(pid: int) -> str:
    """Returns: the argument list as one line; empty: gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(bytes(1), b" ").decode(errors="backslashreplace").strip()
    except OSError:
        return ""


def marked() -> dict[int, str]:
    """Returns: process -> nonce, of every living process that carries the marker."""
    found = {pid: marker_of(pid) for pid in parents()}
    return {pid: nonce for pid, nonce in found.items() if nonce is not None}


def stale() -> dict[int, str]:
    """
    Returns: process -> nonce, of the marked processes that no living run holds, at two looks one after the other.

    A warden dies with its harness, so what has a warden above it is a living run's business; so is what is above ourselves. A run
    that ends while we look shows a process without its warden once, and never twice.
    """
    first = _unheld()
    if not first:
        return {}
    time.sleep(LOOK_AGAIN_S)
    return {pid: nonce for pid, nonce in _unheld().items() if pid in first}


def _unheld() -> dict[int, str]:
    table = parents()
    ours = set(_above(os.getpid(), table))
    holds = {pid for pid in table if WARDEN in argv_of(pid)}
    return {pid: nonce for pid, nonce in marked().items() if pid not in ours and not holds & set(_above(pid, table))}
