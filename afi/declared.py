"""
The IR that the judge derives from declarations in the form of spec/schemas/declarations.schema.json, written from spec/ir.md alone.

It reads declarations that register: it refuses nothing. Types: {"object": …} and {"enum": …} are lifted as the page says.
"""
from collections.abc import Iterable, Mapping
from typing import Any

from afi import expected
from afi.kdl import Node, write

BINDABLE = ("int", "int64", "bool", "string", "uuid", "date", "datetime", "decimal")
NEVER_BY_NAME = ("id", "pk", "slug", "name")
Said = Mapping[str, Any]


def text(said: Said) -> str:
    """Returns: the IR of some declarations."""
    return write(nodes(said))


def nodes(said: Said) -> tuple[Node, ...]:
    return Application(said).nodes()


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").split("_"))


def sorted_by_argument(made: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(made, key=lambda node: [argument.encode() for argument in node.args]))


def tidy(doc: str) -> str:
    """Returns: a doc as the IR holds it."""
    first, *rest = [line.rstrip(" \t") for line in doc.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    while any(rest) and all(line[:1] in ("", " ", "\t") for line in rest) and len({line[0] for line in rest if line}) == 1:
        rest = [line[1:] for line in rest]
    return "\n".join([first.lstrip(" \t"), *rest]).strip("\n")


def but(standing: Any, **properties: Any) -> dict[str, Any]:
    """Returns: properties that are there and not at their standing value."""
    return {name: value for name, value in properties.items() if value not in (None, False, "", standing)}


def base(kind: Any) -> Any:
    """A type without its outermost nullable."""
    return kind["nullable"] if isinstance(kind, dict) and "nullable" in kind else kind


class Application:
    """One application's declarations, with every anonymous type lifted."""

    def __init__(self, said: Said) -> None:
        self.enums = {one["name"]: one for one in said.get("enums", ())}
        self.objects: dict[str, Any] = {}
        for one in said.get("objects", ()):
            self.objects[one["name"]] = {**one, "fields": self.lifted_fields(one["fields"], one["name"])}
        self.functions = {one["name"]: self.lifted_function(one) for one in said.get("functions", ())}
        self.compositions = said.get("compositions", ())

    def lifted_function(self, one: Said) -> dict[str, Any]:
        name = camel(one["name"])
        returns = {"returns": self.lifted(one["returns"], f"{name}Result")} if "returns" in one else {}
        return {**one, "args": self.lifted_fields(one.get("args", {}), f"{name}Args"), **returns}

    def lifted_fields(self, fields: Said, path: str) -> dict[str, Any]:
        return {name: {**one, "type": self.lifted(one["type"], path + camel(name))} for name, one in fields.items()}

    def lifted(self, kind: Any, path: str) -> Any:
        if not isinstance(kind, dict) or "ref" in kind:
            return kind
        (word, inner), = kind.items()
        if word == "object":
            self.objects[path] = {"name": path, "fields": self.lifted_fields(inner, path)}
        if word == "enum":
            self.enums[path] = {"name": path, "values": inner}
        if word in ("object", "enum"):
            return {"ref": path}
        return {word: [self.lifted(one, path) for one in inner] if word == "union" else self.lifted(inner, path)}

    # -- types -------------------------------------------------------------------------------------------------------------------

    def type(self, kind: Any) -> Node:
        inner = base(kind)
        mark = {"nullable": True} if inner != kind else {}
        if isinstance(inner, str):
            return Node("type", (inner,), mark)
        (word, parts), = inner.items()
        if word == "ref":
            return Node("type", ("ref", parts), mark)
        children = map(self.type, parts if word == "union" else [parts])
        return Node("type", (word,), mark, tuple(sorted(children, key=lambda one: write([one]).encode())))

    def reached(self) -> set[str]:
        found: set[str] = set()
        waiting = [f["type"] for one in self.functions.values() for f in one["args"].values()]
        waiting += [one["returns"] for one in self.functions.values() if "returns" in one]
        while waiting:
            for node in self.type(waiting.pop()).everything():
                if node.args[0] == "ref" and node.args[1] not in found:
                    found.add(node.args[1])
                    waiting += [f["type"] for f in self.objects.get(node.args[1], {"fields": {}})["fields"].values()]
        return found

    def field(self, word: str, name: str, one: Said) -> Node:
        default = {"default": expected.canonical(one["default"]).decode()} if "default" in one else {}
        return Node(word, (name,), default | but(None, doc=tidy(one.get("doc", "")), optional=one.get("optional")), (self.type(one["type"]),))

    # -- scoping -----------------------------------------------------------------------------------------------------------------

    def result_fields(self, function: Said) -> Said:
        kind = base(function.get("returns", "null"))
        return self.objects.get(kind["ref"], {"fields": {}})["fields"] if isinstance(kind, dict) and "ref" in kind else {}

    def slots(self, context: str) -> list[Said]:
        return [one for one in self.functions.values() if one.get("context") == context]

    def parameters(self, context: str) -> dict[str, Any]:
        """Returns: name -> type and, where no slot requires it, default."""
        found: dict[str, Any] = {}
        for slot in self.slots(context):
            for name, one in slot["args"].items():
                known = found.get(name, one)
                found[name] = known if "default" not in known else one
        return found

    def bound(self, function: Said, hit: Any) -> dict[str, tuple[str, str]]:
        """Returns: parameter -> (arg or result, name)."""
        args, fields = function["args"], self.result_fields(function)
        if isinstance(hit, dict) and "map" in hit:
            return {name: mapped(where, args) for name, where in hit["map"].items()}
        context = hit if isinstance(hit, str) else hit["context"]
        found = {}
        for name, parameter in self.parameters(context).items():
            for word, candidates in (("arg", args), ("result", fields)):
                if name not in NEVER_BY_NAME and name not in found and self.binds(parameter, candidates.get(name)):
                    found[name] = (word, name)
        return found

    def binds(self, parameter: Said, candidate: Said | None) -> bool:
        kind = base(parameter["type"])
        is_bindable = kind in BINDABLE if isinstance(kind, str) else kind.get("ref") in self.enums
        return candidate is not None and is_bindable and self.type(kind) == self.type(base(candidate["type"]))

    def hit(self, word: str, function: Said, hit: Any) -> Node:
        context = hit if isinstance(hit, str) else hit["context"]
        more = {} if word == "affects" else self.merge_properties(function, hit)
        binds = (Node("bind", (name,), {source: other}) for name, (source, other) in self.bound(function, hit).items())
        return Node(word, (context,), more, sorted_by_argument(binds))

    def merge_properties(self, function: Said, hit: Any) -> dict[str, Any]:
        said = {"context": hit} if isinstance(hit, str) else hit
        slot = said.get("slot") or self.fitting(said, function["returns"])[0]
        return but("replace", op=said.get("op")) | but(None, key=said.get("key"), slot=slot)

    def fitting(self, said: Said, returns: Any) -> list[str]:
        """Returns: the slots that can take a result: those of its type, or of a type that may be null besides; for an operation those that are lists of it."""
        wanted = self.type(returns if said.get("op", "replace") == "replace" else {"list": returns})
        return [one["name"] for one in self.slots(said["context"]) if wanted in (self.type(one["returns"]), self.type(base(one["returns"])))]

    def masks(self, context: str) -> tuple[Node, ...]:
        hits = [node for one in self.functions.values() for word in ("affects", "merge")
                for node in (self.hit(word, one, hit) for hit in one.get(word, ())) if node.args == (context,)]
        found = {tuple(sorted(bind.args[0] for bind in node.children)) for node in hits} | {tuple(sorted(self.parameters(context)))}
        return sorted_by_argument(Node("scope", mask) for mask in found if mask)

    # -- the file ----------------------------------------------------------------------------------------------------------------

    def function(self, one: Said) -> Node:
        kind = "read" if "context" in one else "mutation" if one.get("affects") or one.get("merge") else "plain"
        properties = but(None, context=one.get("context"), doc=tidy(one.get("doc", "")), kind=kind, view=one.get("view"),
                         volatile=one.get("volatile")) | but(30, timeout_s=one.get("timeout_s"))
        return Node("function", (one["name"],), properties, (
            *sorted_by_argument(self.field("arg", name, arg) for name, arg in one["args"].items()),
            *((Node("returns", (), {}, (self.type(one["returns"]),)),) if "returns" in one else ()),
            *sorted_by_argument(Node("error", (error["name"],), {"status": error["status"]}) for error in one.get("errors", ())),
            *sorted_by_argument(self.hit("affects", one, hit) for hit in one.get("affects", ())),
            *sorted_by_argument(self.hit("merge", one, hit) for hit in one.get("merge", ())),
        ))

    def context(self, name: str) -> Node:
        params = (self.field("param", param, {member: value for member, value in one.items() if member in ("type", "default")})
                  for param, one in self.parameters(name).items())
        slots = sorted_by_argument(Node("slot", (one["name"],)) for one in self.slots(name))
        return Node("context", (name,), {}, (*sorted_by_argument(params), *slots, *self.masks(name)))

    def nodes(self) -> tuple[Node, ...]:
        reached = self.reached()
        enums = (Node("enum", (name,), but(None, doc=tidy(one.get("doc", ""))), sorted_by_argument(
            Node("value", (expected.canonical(value).decode(),)) for value in one["values"])) for name, one in self.enums.items() if name in reached)
        objects = (Node("object", (name,), but(None, doc=tidy(one.get("doc", ""))), sorted_by_argument(
            self.field("field", field, said) for field, said in one["fields"].items())) for name, one in self.objects.items() if name in reached)
        composed = (Node("compose", (one["name"],), but(None, doc=tidy(one.get("doc", ""))), sorted_by_argument(
            Node("part", (part,)) for part in one["parts"])) for one in self.compositions)
        contexts = {one["context"] for one in self.functions.values() if "context" in one}
        return (Node("ir", (), {"version": 1}), *sorted_by_argument(enums), *sorted_by_argument(objects),
                *sorted_by_argument(map(self.function, self.functions.values())), *sorted_by_argument(composed),
                *sorted_by_argument(map(self.context, contexts)))


def mapped(where: str, args: Said) -> tuple[str, str]:
    """Returns: what one value of a map names."""
    source, dot, name = where.partition(".")
    if dot:
        return source.removesuffix("s"), name
    return ("arg" if where in args else "result"), where
