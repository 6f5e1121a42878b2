"""
Entries that a mutation adds while it runs: `invalidate(TeamContext, team_id=old_team)`.

Dispatch opens a Collector around the body: `with collecting(function, contexts) as collector: …`, then reads `collector.entries`.
Context-local: tasks and worker threads that the body starts add to the same collector; two calls at once never mix.
Source: the spec's page on scoping (run-time entries). Errors: Misuse, at the call and again when the entries are read, so that a body
that swallows it still ends as `internal`: an entry that got lost would leave stale bundles.
"""
import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from typing import Any

from mizan import scoping, writer
from mizan.errors import Misuse, WrongOutput
from mizan.function import Context, ReactContext, ServerFunction
from mizan.scoping import Entry


class Collector:
    """Gathers the run-time entries of one call."""

    def __init__(self, function: ServerFunction, contexts: Mapping[str, Context]) -> None:
        self.function, self.contexts = function, contexts
        self.is_open = True
        self._entries: list[Entry] = []
        self._misuse: Misuse | None = None

    @property
    def entries(self) -> list[Entry]:
        """The entries so far. Raises: Misuse, if any call of `invalidate` was one."""
        if self._misuse is not None:
            raise self._misuse
        return list(self._entries)

    def add(self, context: ReactContext, params: Mapping[str, Any]) -> None:
        """Raises: Misuse."""
        try:
            check_may_invalidate(self)
            self._entries.append(checked_entry(self.contexts, context, params))
        except Misuse as misuse:
            self._misuse = misuse if self.is_open else self._misuse       # after the end there is no reply to fail
            raise


_collector: contextvars.ContextVar[Collector | None] = contextvars.ContextVar("mizan_collector", default=None)


def invalidate(context: ReactContext, /, **params: Any) -> None:
    """
    Makes bundles of a context stale, beside what `affects=` says: those that agree with the parameters given, all of them without any.

    Raises: Misuse, outside a running mutation, for an unknown context or parameter, or a value of another type.
    """
    collector = _collector.get()
    if collector is None:
        raise Misuse("invalidate: no mutation is running here; call it inside a function that @client(affects=…) declares")
    collector.add(context, params)


@contextlib.contextmanager
def collecting(function: ServerFunction, contexts: Mapping[str, Context]) -> Iterator[Collector]:
    """Makes a new collector the current one inside a `with`; what runs on after it can add nothing more."""
    collector = Collector(function, contexts)
    token = _collector.set(collector)
    try:
        yield collector
    finally:
        _collector.reset(token)
        collector.is_open = False


def check_may_invalidate(collector: Collector) -> None:
    """Raises: Misuse, in a plain or read function, or after the call has ended."""
    if collector.function.kind != "mutation":
        raise Misuse(f"invalidate: {collector.function.name!r} is a {collector.function.kind} function; wanted one with affects= or merge=")
    if not collector.is_open:
        raise Misuse(f"invalidate: the call of {collector.function.name!r} has ended; its reply is gone")


def checked_entry(contexts: Mapping[str, Context], context: ReactContext, params: Mapping[str, Any]) -> Entry:
    """Returns: the entry of Python values. Raises: Misuse, for a context, parameter or type that was not declared."""
    known = contexts.get(context.name)
    if known is None:
        raise Misuse(f"invalidate: no read function has the context {context.name!r}")
    if not params.keys() <= known.parameters.keys():
        unknown = sorted(params.keys() - known.parameters.keys())
        raise Misuse(f"invalidate: context {context.name!r} has no parameter {', '.join(unknown)}; wanted {', '.join(known.parameters)}")
    try:
        wire = {name: writer.write_key(known.parameters[name].type, value, known.names) for name, value in params.items()}
    except WrongOutput as error:
        raise Misuse(f"invalidate: context {context.name!r}: {error}") from error
    return scoping.entry(context.name, wire)
