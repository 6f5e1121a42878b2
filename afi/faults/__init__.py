"""
The wrong adapters: one wrong thing each, the clause it breaks, the check that must notice it and the member to notice it by.

Source: spec/harness.md, Self-proof. Raises: BadFault. The tables are read inside the adapter's process too: standard library and afi.errors only.
"""
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from afi.errors import BadFault

TABLES = (          # one module a page, under the page's name
    "ground", "dispatch", "context", "invalidate_body", "invalidate_header", "scoping",
    "discovery", "merge", "upload", "ir",
)


@dataclass(frozen=True)
class Fault:
    """
    One wrong thing: a function of the reference replaced, the replies changed on the wire, or the oracle's answers changed.

    `kills` maps the id of each check that must notice to the member that must differ ("" = any). `patch` is (dotted function,
    replacement(original, …the function's own parameters…)); `wire` maps a reply to a changed one, or to the same object; `oracle` maps
    (asked, answer), the JSON objects of one exchange of lines, to an answer. `at_start` says that the patched function does its work while
    the application is built. `ends` names the words (`hang`, `crashed` …) by which a check may end under this fault and be killed by it.
    """

    id: str
    breaks: str
    kills: Mapping[str, str]
    patch: tuple[str, Callable[..., Any]] | None = None
    wire: Callable[[Any], Any] | None = None
    oracle: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] | None = None
    at_start: bool = False
    ends: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.patch, self.wire, self.oracle)) != 1:
            raise BadFault(f"fault {self.id!r}: wanted exactly one of patch, wire and oracle")
        if self.at_start and self.patch is None:
            raise BadFault(f"fault {self.id!r}: at_start is said of a patch, and there is none")
        if not self.kills:
            raise BadFault(f"fault {self.id!r}: names no check that must notice it")

    @property
    def page(self) -> str:
        return self.breaks.rsplit("-", 1)[0]


def every(tables: Iterable[str] = TABLES) -> tuple[Fault, ...]:
    """Returns: the hand-made faults of some pages, page by page. Raises: BadFault, for an id that stands twice or a fault of another page."""
    found: dict[str, Fault] = {}
    for table in tables:
        for fault in importlib.import_module(f"afi.faults.{table}").FAULTS:
            if fault.id in found:
                raise BadFault(f"afi/faults/{table}.py: fault {fault.id!r} stands twice; give one of them another id")
            if fault.page != table.replace("_", "-"):
                raise BadFault(f"afi/faults/{table}.py: fault {fault.id!r} breaks {fault.breaks!r}, a clause of another page: move it there")
            found[fault.id] = fault
    return tuple(found.values())
