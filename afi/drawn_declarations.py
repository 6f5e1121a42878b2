"""
Declarations of whole applications, drawn: each production of the grammar, each kind, each class of escapes, nesting and recursion among them.

Source: spec/ir.md; spec/schemas/declarations.schema.json. Hypothesis draws a number and a generator seeded by it makes the declarations: they are
large, and one that fails is shown whole. Every declaration registers; defaults are in wire form, objects in them whole.
"""
import json
import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from afi import declared

Made = dict[str, Any]

TEXTS = ("plain", 'a "quote"', "back\\slash", "line\nfeed", "tab\there", "bell\x07", "nul\x00", "\x7fdelete", "next\x85line", "marks\u200e\u200f",
         "lines\u2028\u2029", "turned\u202eround", "isolate\u2066d\u2069", "mark\ufeffed", "form\ffeed", "back\bspace", "r\rn", "é€😀", "", "#true", "{x}")
VALUES: dict[str, tuple[Any, ...]] = {
    "int": (0, -5, 2**53 - 1), "int64": ("0", "-9223372036854775808"), "float": (0, 1.5, 1e-7, 1e300), "bool": (True, False), "string": TEXTS,
    "decimal": ("0", "-1.50", "12345678901234567890"), "date": ("2024-02-29",), "datetime": ("2000-01-01T00:00:00Z", "2024-02-29T12:34:56.500Z"),
    "uuid": ("00000000-0000-0000-0000-000000000000",), "bytes": ("", "AQ"), "json": (None, {"a": [1, "\u2028"]}, "x"), "null": (None,),
}
PLAIN = tuple(VALUES)
BINDABLE = ("int", "int64", "bool", "string", "uuid", "date", "datetime", "decimal")
STRINGS = ("string", "int64", "decimal", "date", "datetime", "uuid", "bytes")
OPS = ("upsert", "append", "prepend", "remove", "replace")
DEPTH = 5


class Maker:
    """Makes one application; `rng` decides everything."""

    def __init__(self, number: int) -> None:
        self.rng, self.count = random.Random(number), 0
        self.enums = [self.documented({"name": self.type_name(), "values": self.values()}) for _ in range(self.rng.randint(0, 2))]
        self.holders = [self.type_name() for _ in range(self.rng.randint(1, 3))]
        self.objects = [self.documented({"name": name, "fields": self.fields(name)}) for name in self.holders]
        self.functions: list[Made] = []
        self.contexts: dict[str, Made] = {}

    def often(self, of: int) -> bool:
        """Whether the one time in so many has come."""
        return self.rng.randrange(of) == 0

    def name(self) -> str:
        self.count += 1
        return f"{self.rng.choice(('a', 'z', 'm_', 'user_', 'x9'))}{self.count}"

    def type_name(self) -> str:
        self.count += 1
        return f"{self.rng.choice(('A', 'Zed', 'User', 'B2'))}{self.count}"

    def documented(self, made: Made) -> Made:
        if self.often(2):
            made["doc"] = "\n    ".join(self.rng.choices(TEXTS, k=self.rng.randint(1, 3)))
        return made

    def values(self) -> list[Any]:
        pool: list[Any] = [*filter(None, TEXTS)] if self.often(2) else list(range(-3, 30))
        return self.rng.sample(pool, self.rng.randint(1, 4))

    # -- types -------------------------------------------------------------------------------------------------------------------

    def type(self, depth: int = DEPTH) -> Any:
        """Returns: a type without uploads, at most so deep."""
        if depth == 0 or self.often(3):
            return self.leaf()
        make: Callable[[int], Any] = self.rng.choice((self.listed, self.mapped, self.united, self.nullable, self.anonymous))
        return make(depth - 1)

    def leaf(self) -> Any:
        named = [*(one["name"] for one in self.enums), *getattr(self, "holders", ())]
        return {"ref": self.rng.choice(named)} if named and self.often(4) else self.rng.choice(PLAIN)

    def listed(self, depth: int) -> Any:
        return {"list": self.type(depth)}

    def mapped(self, depth: int) -> Any:
        return {"map": self.type(depth)}

    def nullable(self, depth: int) -> Any:
        inner = self.type(depth)
        return inner if inner in ("json", "null") or "nullable" in inner else {"nullable": inner}

    def united(self, depth: int) -> Any:
        """Members of different JSON kinds."""
        members: list[Any] = ["bool", self.rng.choice(("int", "float")), self.rng.choice(STRINGS), {"list": self.type(depth)}, {"map": self.type(depth)}]
        if any("object" in json.dumps(one) or "enum" in json.dumps(one) for one in members):
            members = members[:3]                    # two anonymous types at one place would have one name
        return {"union": self.rng.sample(members, self.rng.randint(2, len(members)))}

    def anonymous(self, depth: int) -> Any:
        return {"enum": self.values()} if self.often(2) else {"object": self.fields("", depth)}

    def fields(self, owner: str, depth: int = 2) -> Made:
        made = {self.name(): self.field(depth) for _ in range(self.rng.randint(1, 3))}
        if owner and self.often(2):
            made["again"] = {"type": {"nullable": {"ref": self.rng.choice((owner, *self.holders))}}, "default": None}
        return made

    def field(self, depth: int = DEPTH) -> Made:
        """Returns: a field or an argument: required, with a default, or with one that the server makes."""
        kind = self.type(depth)
        made: Made = self.documented({"type": kind})
        constant = self.constant(kind)
        if constant is not None and self.often(2):
            made["default"] = constant[0]
        elif self.often(4):
            made["optional"] = True
        return made

    def constant(self, kind: Any) -> tuple[Any] | None:
        """Returns: a value of a type, in a tuple; None where none is at hand."""
        if isinstance(kind, str):
            return (self.rng.choice(VALUES[kind]),)
        (word, inner), = kind.items()
        enum = next((one["values"] for one in self.enums if one["name"] == inner), None) if word == "ref" else inner if word == "enum" else None
        if enum:
            return (self.rng.choice(enum),)
        return {"nullable": (None,), "list": ([],), "map": ({},)}.get(word)

    # -- functions ---------------------------------------------------------------------------------------------------------------

    def context(self) -> None:
        """Makes a context: reads that share a pool of parameters, each of one type and one default."""
        name = self.name()
        pool = {self.name(): self.parameter() for _ in range(self.rng.randint(0, 3))}
        used: set[str] = set()
        for _ in range(self.rng.randint(1, 3)):
            own = {param: dict(one) for param, one in pool.items() if self.often(2)}
            for one in own.values():
                if self.often(3):
                    one.pop("default", None)
            used |= set(own)
            self.function(context=name, args=own, returns=self.slot_type(), **({"volatile": True} if self.often(3) else {}))
        self.contexts[name] = {param: one for param, one in pool.items() if param in used}

    def slot_type(self) -> Any:
        holder = {"ref": self.rng.choice(self.holders)}
        return self.rng.choice((holder, {"list": holder}, {"nullable": holder}, self.type()))

    def parameter(self) -> Made:
        drawn = self.type()
        kind = self.rng.choice(BINDABLE) if self.often(2) or self.anonymous_in({"type": drawn}) else drawn
        constant = self.constant(kind)
        return {"type": kind, **({"default": constant[0]} if constant and self.often(2) else {})}

    def function(self, **made: Any) -> None:
        one = self.documented({"name": self.name(), **made})
        if self.often(3):
            one["timeout_s"] = self.rng.choice((1, 30, 60))
        if self.often(3):
            one["errors"] = [{"name": f"app.{self.name()}", "status": self.rng.choice((400, 404, 409, 422, 499))} for _ in range(self.rng.randint(1, 2))]
        self.functions.append(one)

    def plain(self) -> None:
        args = {self.name(): self.field() for _ in range(self.rng.randint(0, 3))}
        if self.often(2):
            args[self.name()] = {"type": self.rng.choice(("upload", {"list": "upload"}, {"nullable": "upload"}))}
        self.function(args=args, **({"view": True} if self.often(4) else {"returns": self.rng.choice(("null", self.type()))}))

    def mutation(self) -> None:
        """Makes a mutation that affects some contexts, by name, by a map, or wholly."""
        hit = self.rng.sample(sorted(self.contexts), self.rng.randint(1, len(self.contexts)))
        args = {name: self.like(one) for context in hit for name, one in self.contexts[context].items() if not self.anonymous_in(one) and self.often(2)}
        args |= {self.name(): self.field() for _ in range(self.rng.randint(0, 2))}
        affects = [self.affect(context, args) for context in hit]
        self.function(args=args, returns=self.slot_type() if self.often(2) else "null", affects=affects)

    def by_result(self) -> None:
        """Makes a mutation whose result has a field for each parameter of a context."""
        context = self.rng.choice(sorted(self.contexts))
        fields = {name: {"type": one["type"]} for name, one in self.contexts[context].items() if not self.anonymous_in(one)}
        self.objects.append({"name": self.type_name(), "fields": fields | {self.name(): {"type": "int"}}})
        result = {"ref": self.objects[-1]["name"]}
        self.function(args={}, returns=self.rng.choice((result, {"nullable": result})), affects=[context])

    def like(self, one: Made) -> Made:
        kind = one["type"]
        if self.often(3) and kind not in ("json", "null") and "nullable" not in kind:
            return {"type": {"nullable": kind}}
        return {"type": kind if self.often(3) else "float" if self.often(4) else kind}

    @staticmethod
    def anonymous_in(one: Made) -> bool:
        """Whether a type would be another at another place."""
        return '"object"' in json.dumps(one["type"]) or '"enum"' in json.dumps(one["type"])

    def affect(self, context: str, args: Made) -> Any:
        fitting = {name: f"args.{name}" for name, one in self.contexts[context].items()
                   if name in args and declared.base(args[name]["type"]) == declared.base(one["type"])}
        return self.rng.choice((context, context, {"context": context, "map": fitting}, {"context": context, "map": {}}))

    def merge(self) -> None:
        """Makes a mutation that patches a slot, by its type or as an item of its list; it names the slot where others fit too."""
        slots = [one for one in self.functions if "context" in one and isinstance(one["returns"], dict) and not self.anonymous_in({"type": one["returns"]})]
        if not slots:
            return
        slot = self.rng.choice(slots)
        inner = declared.base(slot["returns"])
        said: Made = {"context": slot["context"]}
        if "list" in inner and isinstance(inner["list"], dict) and "ref" in inner["list"] and self.often(1):
            fields: Made = next((one["fields"] for one in self.objects if one["name"] == inner["list"]["ref"]), {})
            keys = [name for name, one in fields.items() if one["type"] in BINDABLE]
            if keys:
                said |= {"op": self.rng.choice(OPS[:4]), "key": self.rng.choice(keys)}
                inner = inner["list"]
        if "op" not in said and self.often(3):
            inner = slot["returns"]                  # with its null
        if len(declared.Application({"enums": self.enums, "objects": self.objects, "functions": self.functions}).fitting(said, inner)) > 1:
            said["slot"] = slot["name"]
        args = {name: {"type": one["type"]} for name, one in self.contexts[slot["context"]].items() if not self.anonymous_in(one)}
        self.function(args=args, returns=inner, merge=[said])

    def compose(self) -> Made:
        """Returns: a composition of reads of one context, whose parameters agree."""
        context = self.rng.choice(sorted(self.contexts))
        parts = [one["name"] for one in self.functions if one.get("context") == context]
        return self.documented({"name": self.name(), "parts": self.rng.sample(parts, self.rng.randint(1, len(parts)))})

    def application(self) -> Made:
        for _ in range(self.rng.randint(1, 3)):
            self.context()
        for make in (self.plain, self.mutation, self.by_result, self.merge):
            for _ in range(self.rng.randint(1, 2)):
                make()
        compositions = [self.compose() for _ in range(self.rng.randint(0, 2))]
        for group in (self.functions, self.objects, self.enums):
            self.rng.shuffle(group)
        return {"enums": self.enums, "objects": self.objects, "functions": self.functions, "compositions": compositions}


DECLARED = st.binary(min_size=8, max_size=8).map(lambda drawn: Maker(int.from_bytes(drawn)).application())


def question(said: Made) -> tuple[dict[str, str], tuple[str, str]]:
    """Returns: what `ir_emit` is asked about drawn declarations, and the IR that the judge derives from them."""
    return {"declarations": json.dumps(said, ensure_ascii=False)}, ("ok", declared.text(said))
