"""
What a folder holds, before and after: by name, size and time of change, without reading a byte and without asking git.

Source: spec/conduct.md.
"""
import os
from collections.abc import Iterator
from pathlib import Path

# What builds, caches and runs write, by design, whoever else is at work in the tree.
PASSED_OVER = frozenset({"out", ".git", ".venv", ".tools", "node_modules", "target", "dist", "__pycache__", ".mypy_cache", ".ruff_cache",
                         ".pytest_cache", ".hypothesis"})

Snapshot = dict[str, tuple[int, int]]


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    edge = [str(folder)]
    while edge:
        try:
            entries = list(os.scandir(edge.pop()))
        except OSError:                                   # gone while we look, or not ours to read
            continue
        for entry in entries:
            if not entry.is_file(follow_symlinks=False) and (entry.name in PASSED_OVER or entry.name.endswith(".egg-info")):
                continue                                  # a link to such a folder is one
            if entry.is_dir(follow_symlinks=False):
                edge.append(entry.path)
            else:
                yield entry


def snapshot(folder: Path) -> Snapshot:
    """Returns: path below the folder -> (size, time of last change in ns); a link counts as itself."""
    found = {}
    for entry in _files(folder):
        try:
            seen = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        found[os.path.relpath(entry.path, folder)] = (seen.st_size, seen.st_mtime_ns)
    return found


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Returns: `made x`, `changed y`, `removed z`, sorted by name."""
    words = {(False, True): "made", (True, False): "removed", (True, True): "changed"}
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"{words[name in before, name in after]} {name}" for name in names]


def disk_bytes(folder: Path) -> int:
    """Returns: what the folder's files take on the disk; a hole takes nothing."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except OSError:
                continue
    return total
