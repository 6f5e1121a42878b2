"""
Declarations of a context and a mutation, drawn by hypothesis, and the entry that the judge derives from them.

Source: spec/scoping.md, The tiers, The map, Values; afi/typed.py for values in wire form. Few names are drawn, so that most of them meet.
"""
from typing import Any

from hypothesis import strategies as st

from afi import expected, typed

COLOR = {"ref": "Color"}
BINDABLE: list[Any] = ["int", "int64", "bool", "string", "uuid", "date", "datetime", "decimal", COLOR]
KINDS: list[Any] = [*BINDABLE, "int", "float", "bytes", {"list": "int"}]
NEVER_BY_NAME = {"id", "pk", "slug", "name"}
USUAL: dict[str, Any] = {"user_id": "int", "day": "date", "at": "datetime", "price": "decimal", "color": COLOR, "constructor": "string",
                         "id": "int"}
Drawing = st.DrawFn


def typed_names(draw: Drawing, least: int) -> dict[str, Any]:
    """Draws at least so many names with a type: the name's usual one three times in four, nullable one time in three."""
    names = draw(st.lists(st.sampled_from(sorted(USUAL)), min_size=least, max_size=6, unique=True))
    kinds = {name: draw(st.sampled_from([USUAL[name]] * 3 + [draw(st.sampled_from(KINDS))])) for name in names}
    return {name: draw(st.sampled_from([kind, kind, {"nullable": kind}])) for name, kind in kinds.items()}


def base(kind: Any) -> Any:
    """A type without its outermost nullable."""
    return kind["nullable"] if isinstance(kind, dict) and "nullable" in kind else kind


def value_of(draw: Drawing, kind: Any) -> Any:
    """A value of a type in wire form."""
    inner = base(kind)
    if inner != kind and draw(st.integers(0, 2)) == 0:
        return None
    if inner == COLOR:
        return draw(st.sampled_from(["red", "blue"]))
    return draw(st.lists(typed.INT, max_size=2)) if isinstance(inner, dict) else draw(typed.PLAIN[inner])


def arguments(draw: Drawing) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Returns: (declared arguments, those that are sent, those that are effective); what has a default is left out at times."""
    declared, sent, effective = {}, {}, {}
    for name, kind in typed_names(draw, 3).items():
        declared[name] = {"type": kind}
        effective[name] = value_of(draw, kind)
        if draw(st.integers(0, 2)):
            sent[name] = effective[name]
        else:
            declared[name]["default"] = effective[name]
    return declared, sent, effective


def mapping(draw: Drawing, params: dict[str, Any], sources: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Returns: a map that registers: some parameters, each joined to an argument or a field of its base type."""
    chosen: dict[str, str] = {}
    for name, param in params.items():
        fitting = [f"{source}.{other}" for source, fields in sources.items() for other, field in fields.items()
                   if base(field["type"]) == base(param["type"])]
        if fitting and draw(st.integers(0, 2)) > 0:
            chosen[name] = draw(st.sampled_from(fitting))
    return chosen


@st.composite
def declared(draw: Drawing) -> tuple[dict[str, Any], dict[str, Any], Any, list[dict[str, Any]]]:
    """Draws (declaration, the arguments sent, the result, the entries that the judge derives)."""
    params = {name: {"type": kind} for name, kind in typed_names(draw, 3).items()}
    args, sent, effective = arguments(draw)
    fields = {name: {"type": kind} for name, kind in typed_names(draw, 3).items()}
    returns: Any = draw(st.sampled_from(["null", {"ref": "Made"}, {"nullable": {"ref": "Made"}}]))
    shown = {name: value_of(draw, field["type"]) for name, field in fields.items()}
    result = None if returns == "null" or (base(returns) != returns and draw(st.integers(0, 2)) == 0) else shown
    sources = {"args": args, "result": {} if returns == "null" else fields}
    map_ = mapping(draw, params, sources) if draw(st.integers(0, 2)) == 0 else None
    declaration = {
        "contexts": {"drawn": params}, "enums": {"Color": ["red", "blue"]}, "objects": {"Made": fields},
        "mutation": {"args": args, "returns": returns, "affects": ["drawn" if map_ is None else {"context": "drawn", "map": map_}]}}
    bound = by_names(params, sources) if map_ is None else {name: tuple(said.split(".")) for name, said in map_.items()}
    values = {"args": effective, "result": result or {}}
    found = {name: values[source].get(other) for name, (source, other) in bound.items()}
    kept = {name: value for name, value in found.items() if value is not None}
    return declaration, sent, result, [{"context": "drawn", "params": kept} if kept else {"context": "drawn"}]


def by_names(params: dict[str, Any], sources: dict[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Returns: parameter -> (args or result, name), by tier 2 and over it tier 1."""
    tiers = [{name: (source, name) for name, param in params.items() if name not in NEVER_BY_NAME and name in sources[source]
              and agree(param["type"], sources[source][name]["type"])} for source in ("result", "args")]
    return {**tiers[0], **tiers[1]}


def agree(one: Any, other: Any) -> bool:
    """Whether two base types are equal and bindable."""
    return bool(base(one) == base(other) and base(one) in BINDABLE)


DECLARED = declared()


def question(drawn: tuple[dict[str, Any], dict[str, Any], Any, list[dict[str, Any]]]) -> tuple[dict[str, str], tuple[str, str]]:
    """Returns: what `scope` is asked about a drawn declaration, and the answer that the judge expects."""
    declaration, sent, result, entries = drawn
    asked = {"declaration": declaration, "args": sent, "result": result, "entries": []}
    return {name: expected.canonical(value).decode() for name, value in asked.items()}, ("ok", expected.canonical(entries).decode())
