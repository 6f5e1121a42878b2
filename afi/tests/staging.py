"""What tests of processes share: an adapter.yaml around a command, short deadlines, and a run."""
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from afi import descriptor, held
from afi.model import Run
from afi.served import Limits

EVIL = Path(__file__).resolve().parents[1] / "faults" / "evil_process.py"
START_S, EXCHANGE_S, STOP_S = 5.0, 1.5, 1.0          # shorter than the real ones, and many times what an honest adapter takes
PATH = {"PATH": "/usr/bin:/bin"}


def a_run() -> Run:
    fresh = secrets.token_hex
    return Run(1, fresh(8), f"fn_{fresh(6)}", f"slot_{fresh(6)}", f"ctx_{fresh(6)}", f"row-{fresh(6)}", f"https://{fresh(6)}.example")


def adapter(folder: Path, *serve: str, **members: object) -> descriptor.Descriptor:
    """Writes an adapter.yaml in a folder of its own and loads it."""
    home = folder / "adapter"
    home.mkdir(exist_ok=True)
    document = {"id": "staged", "title": "Staged", "language": "python", "speaks": ["http"], "serve": list(serve),
                "ready": {"within_s": START_S}, **members}
    (home / "adapter.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return descriptor.load(home / "adapter.yaml")


def evil(folder: Path, mode: str) -> descriptor.Descriptor:
    return adapter(folder, sys.executable, str(EVIL), "--mode", mode)


def limits(folder: Path) -> Limits:
    return Limits(exchange_s=EXCHANGE_S, stop_s=STOP_S, out=folder / "out", watched=folder / "adapter")


def hold(folder: Path, *argv: str, environment: Mapping[str, str] = PATH) -> held.Held:
    return held.Held(held.Order(argv, folder, environment), folder / "log", STOP_S)


def until(seen: Callable[[], object], within_s: float = 5.0) -> bool:
    """Waits for something that happens at its own pace. Returns: whether it did."""
    deadline = time.monotonic() + within_s
    while not seen():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
