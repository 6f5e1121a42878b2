"""
What one application has declared: an explicit Registry, and module functions over the current one.

Two applications in one process have a Registry each: `with Registry().active(): import shop`. Registration takes place while modules are
imported; `seal` then checks everything against everything, before anything listens.
Source: the spec's ground rules on names, its pages on contexts and scoping. Errors: BadDeclaration, naming the offender.
"""
import contextlib
import contextvars
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from mizan import grammar, schema, seal
from mizan.errors import BadDeclaration, BadName
from mizan.function import Composition, Context, ServerFunction
from mizan.seal import Sealed


@runtime_checkable
class RegistryExtension(Protocol):
    """What plugs into a registry under a key of its own."""

    def schema(self) -> Any:
        """Returns: JSON that stands under the extension's key in the registry's schema."""

    def clear(self) -> None:
        """Forgets everything; the registry calls it when it is cleared."""


class Registry:
    """Functions, compositions and extensions of one application. Look-ups are own-key look-ups: `__class__` is a name like any other."""

    def __init__(self) -> None:
        self.functions: dict[str, ServerFunction] = {}
        self.compositions: dict[str, Composition] = {}
        self.extensions: dict[str, RegistryExtension] = {}
        self._sealed: Sealed | None = None

    def register(self, function: ServerFunction) -> ServerFunction:
        """Registers a function under its own name. Raises: BadDeclaration, for a name taken or no ServerFunction."""
        return self.register_as(function.name if isinstance(function, ServerFunction) else "", function)

    def register_as(self, name: str, function: ServerFunction) -> ServerFunction:
        """Registers a function under another name, for example another application's. Raises: BadDeclaration."""
        self._must_be_open(name)
        renamed = seal.named(name, function)
        self._must_be_free(name)
        self.functions[name] = renamed
        return renamed

    def register_compose(self, name: str, functions: Sequence[ServerFunction], doc: str = "") -> Composition:
        """Registers a named list of read functions, to be called as one. Raises: BadDeclaration."""
        self._must_be_open(name)
        grammar.check_function_name(name)
        self._must_be_free(name)
        composition = Composition(name, tuple(functions), doc)
        self.compositions[name] = composition
        return composition

    def register_extension(self, key: str, extension: RegistryExtension) -> None:
        """Plugs an extension in under its key. Raises: BadDeclaration, for a key taken or an object without `schema` and `clear`."""
        if not isinstance(extension, RegistryExtension):
            raise BadDeclaration(f"extension {key!r}: {type(extension).__name__} lacks schema() or clear()")
        if key in self.extensions:
            raise BadDeclaration(f"extension {key!r}: the key is taken; choose another")
        grammar.check_segment(key, "extension")
        self.extensions[key] = extension

    def get_function(self, name: str) -> ServerFunction | None:
        return self.functions.get(name)

    def get_compose(self, name: str) -> Composition | None:
        return self.compositions.get(name)

    def get_all_functions(self) -> dict[str, ServerFunction]:
        """Returns: the functions by name, in bytes order: the order of registration never shows."""
        return dict(sorted(self.functions.items()))

    def get_all_compositions(self) -> dict[str, Composition]:
        return dict(sorted(self.compositions.items()))

    def get_contexts(self) -> Mapping[str, Context]:
        """Returns: the contexts by name, with their parameters and slots; it checks, and does not seal. Raises: BadDeclaration."""
        return self.checked().contexts

    def get_context_groups(self) -> dict[str, list[ServerFunction]]:
        """Returns: the read functions of each context, by name; it neither checks nor seals."""
        return seal.context_groups(self.get_all_functions())

    def get_schema(self) -> dict[str, Any]:
        """Returns: what it holds, as JSON; each extension's schema under its key; it checks, and does not seal. Raises: BadDeclaration."""
        return schema.schema_of(self.checked(), schema.said_by(self.extensions))

    def checked(self) -> Sealed:
        """Checks every declaration against every other. Returns: what sealing would fix. Raises: BadDeclaration."""
        return self._sealed or seal.seal(self.get_all_functions(), self.get_all_compositions())

    def seal(self) -> Sealed:
        """
        Checks every declaration against every other, fixes the bindings of every mutation, and takes no more registrations.

        Sealing again returns the same object. Raises: BadDeclaration, naming the offender. Warns: `seal.UnboundName`.
        """
        self._sealed = self.checked()
        return self._sealed

    def clear(self) -> None:
        """Forgets functions and compositions, opens the registry again, and clears every extension, which stays plugged in."""
        self.functions, self.compositions, self._sealed = {}, {}, None
        for extension in self.extensions.values():
            extension.clear()

    @contextlib.contextmanager
    def active(self) -> Iterator["Registry"]:
        """Makes this the current registry, for this context of execution, inside a `with`."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(token)

    def _must_be_open(self, name: str) -> None:
        if self._sealed is not None:
            raise BadDeclaration(f"{name!r}: the registry is sealed: it is being served; declare it before it is mounted, or clear() first")

    def _must_be_free(self, name: str) -> None:
        if name in self.functions or name in self.compositions:
            raise BadName(f"{name!r}: the name is registered already; choose another with name=")


_current: contextvars.ContextVar[Registry] = contextvars.ContextVar("mizan_registry", default=Registry())     # noqa: B039 (one a process)


def get_registry() -> Registry:
    """Returns: the current registry: the one made active, else the process's own."""
    return _current.get()


def register(function: ServerFunction) -> ServerFunction:
    return get_registry().register(function)


def register_as(name: str, function: ServerFunction) -> ServerFunction:
    return get_registry().register_as(name, function)


def register_compose(name: str, functions: Sequence[ServerFunction], doc: str = "") -> Composition:
    return get_registry().register_compose(name, functions, doc)


def register_extension(key: str, extension: RegistryExtension) -> None:
    get_registry().register_extension(key, extension)


def get_function(name: str) -> ServerFunction | None:
    return get_registry().get_function(name)


def get_compose(name: str) -> Composition | None:
    return get_registry().get_compose(name)


def get_all_functions() -> dict[str, ServerFunction]:
    return get_registry().get_all_functions()


def get_all_compositions() -> dict[str, Composition]:
    return get_registry().get_all_compositions()


def get_contexts() -> Mapping[str, Context]:
    return get_registry().get_contexts()


def get_context_groups() -> dict[str, list[ServerFunction]]:
    return get_registry().get_context_groups()


def get_schema() -> dict[str, Any]:
    return get_registry().get_schema()


def validate_registry() -> Sealed:
    """Seals the current registry: refuses what cannot be served, before anything listens. Raises: BadDeclaration."""
    return get_registry().seal()


def clear_registry() -> None:
    get_registry().clear()
