"""
Declarations that refuse to start, each in a variant of its own. Source: spec/sample.md, Environment.
"""
from environment import ENVIRONMENT, digest
from mizan import ReactContext, client


async def mistaken(request, text: str) -> str:
    return digest(text)


if ENVIRONMENT.variant == "duplicate":
    client(name=ENVIRONMENT.function)(mistaken)
if ENVIRONMENT.variant == "unknown-context":
    client(affects=ReactContext(f"{ENVIRONMENT.context}_lost"))(mistaken)
