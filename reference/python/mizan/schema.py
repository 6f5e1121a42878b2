"""
What a sealed registry holds, as JSON: the discovery document as far as it is built.

Source: the protocol's discovery section; the IR text, and with it `contract`, belongs to a later row and is absent until then.
"""
from collections.abc import Mapping
from typing import Any

from mizan import types
from mizan.function import Context, ServerFunction
from mizan.scoping import Scope
from mizan.seal import Sealed
from mizan.types import Field


def schema_of(sealed: Sealed, extensions: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: functions, contexts and compositions sorted by name, and each extension's own schema under its key."""
    return {
        "compositions": [
            {"name": name, "parts": sorted(part.name for part in one.functions)} for name, one in sealed.compositions.items()
        ],
        "contexts": [context_schema(one) for one in sealed.contexts.values()],
        "extensions": {key: one.schema() for key, one in sorted(extensions.items())},
        "forms": [],
        "functions": [function_schema(one, sealed) for one in sealed.functions.values()],
        "protocol": "1",
        "shapes": [],
    }


def function_schema(function: ServerFunction, sealed: Sealed) -> dict[str, Any]:
    """Returns: one function: name, kind, arguments, result, errors, and what it affects with its bindings."""
    return {
        "affects": [scope_schema(one) for one in sorted(sealed.scopes[function.name], key=lambda one: one.context)],
        "args": fields_schema(function.parameters),
        "errors": sorted(({"name": one.code, "status": one.status} for one in function.errors), key=lambda one: str(one["name"])),
        "kind": function.kind,
        "name": function.name,
        "returns": None if function.output is None else types.ir_text(function.output),
        "timeout_s": function.timeout_s,
        **({"context": function.context} if function.context is not None else {}),
        **({"view": True} if function.is_view else {}),
        **({"volatile": True} if function.volatile else {}),
    }


def scope_schema(scope: Scope) -> dict[str, Any]:
    """Returns: one affected context and its bindings, each to an argument (`arg`) or a field of the result (`result`)."""
    bindings = [{"param": one.parameter, one.source.removesuffix("s"): one.field} for one in scope.bindings]
    return {"bind": bindings, "context": scope.context}


def context_schema(context: Context) -> dict[str, Any]:
    return {"name": context.name, "params": fields_schema(context.parameters), "slots": list(context.slots)}


def fields_schema(fields: Mapping[str, Field]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": types.ir_text(one.type), **({} if one.default is None else {"default": one.default.decode()})}
        for name, one in fields.items()
    ]
