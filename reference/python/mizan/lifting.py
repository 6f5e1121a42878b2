"""
Types without a name get one: that of the function and the place where they stand.

    {"object": fields} as the argument `at` of `find_user` is FindUserArgsAt, as what it returns FindUserResult, as the field `x` of Point PointX

Lists, maps and nullables add nothing to the path. Source: the spec's page on the IR, Types. Errors: BadName, where a name is taken.
"""
from collections.abc import Mapping
from typing import Any

from mizan import grammar
from mizan.annotations import camel
from mizan.errors import BadDeclaration, BadName


class Lifting:
    """Gathers what it lifts: `enums` by name -> values, `objects` by name -> fields, as `mizan.declaration` reads them."""

    def __init__(self) -> None:
        self.enums: dict[str, list[Any]] = {}
        self.objects: dict[str, dict[str, Any]] = {}

    def function(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Returns: a function whose types all have names."""
        own = camel(said["name"])
        returns = {"returns": self.type(said["returns"], f"{own}Result")} if "returns" in said else {}
        return {**said, "args": self.fields(said.get("args", {}), f"{own}Args"), **returns}

    def record(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Returns: an object type whose fields' types all have names."""
        return {**said, "fields": self.fields(said["fields"], said["name"])}

    def fields(self, said: Any, path: str) -> dict[str, Any]:
        """Raises: BadDeclaration, where the fields are no object of objects."""
        if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
            raise BadDeclaration(f"{path}: wanted fields, an object with a name and an object for each")
        return {name: one | ({"type": self.type(one["type"], path + camel(name))} if "type" in one else {}) for name, one in said.items()}

    def type(self, said: Any, path: str) -> Any:
        """Returns: a type in which every anonymous one is a reference."""
        match said:
            case {"object": fields, **rest} if not rest:
                return self._lifted(self.objects, path, self.fields(fields, path))
            case {"enum": list(values), **rest} if not rest:
                return self._lifted(self.enums, path, values)
            case {"union": list(members), **rest} if not rest:
                return {"union": [self.type(one, path) for one in members]}
            case dict() if len(said) == 1 and next(iter(said)) in ("list", "map", "nullable"):
                return {word: self.type(inner, path) for word, inner in said.items()}
        return said

    def _lifted(self, group: dict[str, Any], name: str, parts: Any) -> dict[str, str]:
        """Raises: BadName, where another type was lifted to the name, or no type can have it."""
        grammar.check_type_name(name, "a type without a name")
        if group.get(name, parts) != parts or name in (self.objects if group is self.enums else self.enums):
            raise BadName(f"two different types without a name would be called {name!r}; name one")
        group[name] = parts
        return {"ref": name}
