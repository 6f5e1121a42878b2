"""
Which capability stands in which column, and what is not applicable, and why. Literals, and one rule that reads them.

A capability is AFI-common: each adapter owes a binding, and a gap is owed work, never "this framework does not do that". Outside by design:
integrations of one ecosystem (allauth), and per-stack bindings of a common capability (django-readers for Shapes, Django Forms for Forms).
A cell says "owed" or "not applicable because …"; that a cell is wired can only be seen, never said.
"""
from afi.model import Adapter, Capability, Cell

CORE, EDGE, EXTENSION = "Protocol core", "Edge, cache & enforcement", "Extension points"

CAPABILITIES = (
    Capability("dispatch", "RPC call dispatch (`{result, invalidate}`)", CORE),
    Capability("context", "Named-context bundle fetch", CORE),
    Capability("invalidate-body", "Invalidation — JSON body", CORE),
    Capability("invalidate-header", "Invalidation — `X-Mizan-Invalidate` header", CORE),
    Capability("scoping", "Invalidation auto-scoping (three-tier)", CORE),
    Capability("discovery", "Function discovery / registration", CORE),
    Capability("ir", "Codegen IR export (KDL)", CORE),
    Capability("upload", "File uploads (`Upload` type)", CORE),
    Capability("merge", "Merge (`merge=` patches the cached bundle)", CORE),
    Capability("auth", "Auth-guard enforcement (`auth=…` rejects)", EDGE),
    Capability("cache", "Origin-side HMAC cache", EDGE),
    Capability("manifest", "Edge manifest export", EDGE),
    Capability("psr", "PSR (`render_strategy` in manifest)", EDGE),
    Capability("session", "Session / CSRF init endpoint", EDGE),
    Capability("websocket", "WebSocket transport (`websocket=` declared)", EXTENSION),
    Capability("ssr", "SSR bridge (subprocess renderer)", EXTENSION),
    Capability("jwt", "JWT auth (access / refresh)", EXTENSION),
    Capability("mwt", "MWT (edge identity token)", EXTENSION),
    Capability("shapes", "Typed query projection (Shapes)", EXTENSION),
    Capability("forms", "Forms (schema / validate / submit)", EXTENSION),
)

ADAPTERS = (
    Adapter("django", "Django"),
    Adapter("fastapi", "FastAPI", "adapters/fastapi/adapter.yaml"),
    Adapter("axum", "Rust / Axum"),
    Adapter("tauri", "Tauri", speaks=("ipc",)),
    Adapter("typescript", "TypeScript", "adapters/typescript/adapter.yaml"),
)

# What only HTTP has, and why an adapter that does not serve it has no such thing.
ONLY_HTTP = {
    "invalidate-header": "IPC carries invalidation in the response envelope",
    "manifest": "a desktop shell has no edge",
    "psr": "a desktop shell has no edge",
    "session": "no cookies, so no CSRF",
    "mwt": "without an edge there is nothing to key",
}

# Pages that are no row: where their pins are judged (a row), or that they are judged on their own or hold no clause.
JUDGED_WITH = {"ground": "dispatch"}
OTHER_PAGES = ("conduct", "harness", "porting", "sample")

PROFILES = {
    "core": ("dispatch", "context", "invalidate-body", "invalidate-header", "scoping", "discovery", "ir", "upload", "merge"),
    "edge": ("auth", "cache", "manifest", "psr", "session", "mwt"),
    "full": tuple(capability.id for capability in CAPABILITIES),
}


def cell(capability: Capability, adapter: Adapter) -> Cell:
    """Returns: the cell; not applicable only where the adapter serves no HTTP and the capability has nothing beyond it."""
    return Cell(capability, adapter, None if "http" in adapter.speaks else ONLY_HTTP.get(capability.id))


CELLS = tuple(cell(capability, adapter) for capability in CAPABILITIES for adapter in ADAPTERS)
