"""
What discovery shows and what it does not: compositions, the framework's own response, registries. Source: spec/sample.md, Discovery.
"""
from typing import Any

import mizan
from contexts import UserContext
from counting import counted
from environment import ENVIRONMENT, digest
from fastapi import Response
from mizan import Json, Registry, client
from reads import broken_calm, broken_loud, page_text, user_profile

PARTS = {"user_page": [user_profile, page_text], "broken_pair": [broken_calm, broken_loud]}

for _name in sorted(PARTS, reverse=ENVIRONMENT.is_reordered):
    mizan.register_compose(_name, sorted(PARTS[_name], key=lambda part: part.name, reverse=ENVIRONMENT.is_reordered))


@client(affects=UserContext)
@counted
async def hands_over(request, user_id: int, text: str, status: int) -> Response:
    return Response(digest(text), status, {"X-Handed": "over", "X-Mizan-Invalidate": "forged"}, "text/plain")


@counted
async def not_declared(request, text: str) -> str:
    return digest(text)


class Note:
    """An extension of a registry: a text."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def schema(self) -> dict[str, Any]:
        return {"text": self.text}

    def clear(self) -> None:
        self.text = None


@client()
@counted
async def own_registry(request, text: str, clear: bool) -> Json:
    registry = Registry()
    registry.register_extension("note", Note(text))
    client(registry=registry, name="noted")(not_declared)
    if clear:
        registry.clear()
    schema = registry.get_schema()
    return {"functions": [one["name"] for one in schema["functions"]], "note": schema["extensions"]["note"]}
