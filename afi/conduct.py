"""What was seen of an adapter's starts -> checks of spec/conduct.md. Pure."""
from collections.abc import Iterable
from dataclasses import dataclass

from afi.model import Check

CHECKS = {
    "starts": "conduct-1",
    "same-process": "conduct-2",
    "stays-up": "conduct-3",
    "graceful-stop": "conduct-4",
    "no-process-left": "conduct-5",
    "loopback-only": "conduct-6",
    "one-socket": "conduct-7",
    "no-connection-out": "conduct-8",
    "itself": "conduct-9",
    "answers-in-order": "conduct-10",
    "computes": "conduct-11",
    "files-in-place": "conduct-12",
    "small-temp": "conduct-13",
}
# The word of a Broken -> the check that it fails.
WORDS = {
    "restarted": "same-process", "crashed": "stays-up", "exposed": "loopback-only", "sockets": "one-socket", "egress": "no-connection-out",
    "impostor": "itself", "desync": "answers-in-order", "echo": "computes",
}


@dataclass(frozen=True)
class Fact:
    """What was seen of one start (or of the oracle) for one check: nothing `wrong`, or what was, each as `word: detail`."""

    check: str
    start: str
    wrong: tuple[str, ...] = ()


def checks(facts: Iterable[Fact]) -> tuple[Check, ...]:
    """Returns: one check a clause, over all starts; what was observed of no start has failed, for silence is no conduct."""
    seen: dict[str, dict[str, list[str]]] = {slug: {} for slug in CHECKS}
    for fact in facts:
        wrong = seen[fact.check].setdefault(fact.start, [])
        wrong += [word for word in fact.wrong if word not in wrong]
    return tuple(Check(f"conduct/{slug}", clause, wanted={start: [] for start in seen[slug] or ("main",)}, got=seen[slug])
                 for slug, clause in CHECKS.items())
