"""
Wire faults in two words: which replies are changed, and how. A reply that is not picked stays the same object.

Source: spec/harness.md, Faults. Standard library only: the tables of faults are read inside the adapter's process too.
"""
from collections.abc import Callable
from typing import Any

Change = Callable[[Any], Any]


def when(picked: Callable[[Any], bool], change: Change) -> Change:
    """Returns: a wire fault; replies that are not picked stay the same object."""
    return lambda reply: change(reply) if picked(reply) else reply


def at(path: str, status: int = 200) -> Callable[[Any], bool]:
    """Picks the replies of one status to targets that hold a text."""
    return lambda reply: path in reply.request.target and reply.status == status


def sent(method: str, path: str = "/ctx/") -> Callable[[Any], bool]:
    return lambda reply: reply.request.method == method and path in reply.request.target


def headed(name: str, value: str) -> Change:
    return lambda reply: reply.with_header(name, value)


def answered(document: Any) -> Change:
    """Makes a refusal an answer."""
    return lambda reply: reply.with_status(200).with_header("Content-Type", "application/json").with_json(lambda said: document)
