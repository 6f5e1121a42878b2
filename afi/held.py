"""
One program under a warden of its own: the only module that spawns.

Source: spec/conduct.md, What the harness does. Units: seconds, wall clock. Raises: NoAnswer, when there is no such program.
"""
import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afi import logs
from afi.errors import NoAnswer

WARDEN = (sys.executable, "-I", "-S", str(Path(__file__).resolve().with_name("warden.py")))
ENDED_S = 10.0          # beyond stop_s: what the warden may take to settle and sweep


@dataclass(frozen=True)
class Order:
    """What to run: an argument list without a shell, its folder and whole environment, and streams (descriptor of the program -> ours)."""

    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    streams: Mapping[int, int] = field(default_factory=dict)


class Held:
    """A program that runs until it is stopped, its log, and what the warden said of it."""

    def __init__(self, order: Order, log: Path, stop_s: float) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))          # a restart must not hide the log of the crash before it
        self.log, self.stop_s, self.said, self._unread = log, stop_s, dict[str, Any](), b""
        words = [*WARDEN, str(os.getpid()), str(stop_s), json.dumps(dict(order.streams)), *order.argv]
        with log.open("wb") as sink:
            self.warden = subprocess.Popen(words, cwd=order.folder, env=dict(order.environment), pass_fds=tuple(order.streams.values()),
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink, bufsize=0, start_new_session=True)
        self._hear("pid", ENDED_S)
        if self.said.get("pid") is None:
            self.stop()
            raise NoAnswer("no-program", self.said.get("error") or f"{order.argv[0]}: its warden did not start it: {logs.tail(log)}")

    def _hear(self, word: str, within_s: float) -> None:
        """Takes in the warden's lines until it has said this word, has closed, or the time is over; 0: what is there already."""
        deadline, out = time.monotonic() + within_s, self.warden.stdout
        assert out is not None
        while word not in self.said and "closed" not in self.said:
            if not select.select([out], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return
            data = os.read(out.fileno(), 65536)
            *lines, self._unread = (self._unread + data).split(b"\n")
            for line in lines:
                self.said |= json.loads(line)
            if not data:
                self.said["closed"] = True

    def ended(self, within_s: float = 0.0) -> str | None:
        """Returns: how the program ended by itself, `exited 1` or `signal 9`; None while it runs."""
        self._hear("ended", within_s)
        if "ended" in self.said:
            return how(self.said["ended"])
        assert self.warden.stdin is not None
        return "its warden was killed" if "closed" in self.said and not self.warden.stdin.closed else None

    def stop(self) -> dict[str, Any]:
        """Ends the whole tree. Returns: the warden's last line; empty if the warden itself was killed."""
        with contextlib.suppress(OSError):
            assert self.warden.stdin is not None
            self.warden.stdin.close()
        self._hear("exit", self.stop_s + ENDED_S)
        if "exit" not in self.said:
            self.warden.kill()
        self.warden.wait()
        self.said["closed"] = True
        assert self.warden.stdout is not None
        self.warden.stdout.close()
        return self.said if "exit" in self.said else {}


def how(status: int) -> str:
    """Returns: `exited 1`, or `signal 9`, which is never an exit."""
    return f"signal {-status}" if status < 0 else f"exited {status}"
