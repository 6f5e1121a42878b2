"""
One application being served: what it declared, its settings, and the threads of its blocking bodies.

Source: spec/ground.md, Settings. A process may serve several, each with a Site of its own.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mizan.seal import Sealed
from mizan.settings import Settings
from mizan.workers import Workers


@dataclass(frozen=True)
class Site:
    """What every request of one mounted registry needs; made once, when it is mounted, and shared by all of them."""

    sealed: Sealed
    settings: Settings = field(default_factory=Settings)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    workers: Workers = field(default_factory=Workers)
