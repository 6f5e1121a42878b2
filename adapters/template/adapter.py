"""
The place to start: the smallest application that turns the row `invalidate-body` green, in one file, on the standard library alone.

Copy this folder, put your framework in the place of `Handler`, and see what is still red:
    pytest afi/ --adapter path/to/adapter.yaml --capability invalidate-body
Source: spec/invalidate-body.md (the list), spec/sample.md (what is hosted, and the environment), spec/ground.md (refusals).
"""
import collections
import contextvars
import hashlib
import json
import os
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BASE = "/api/mizan/"
CONTEXTS = {"user": {"user_id": int}, "team": {"team_id": int}}          # a context's parameters: a binding goes by name and type
PROBLEMS = {"malformed": (400, "Malformed request"), "unknown_function": (404, "Unknown function"), "not_found": (404, "Not found"),
            "method_not_allowed": (405, "Method not allowed"), "validation": (422, "Validation failed"),
            "internal": (500, "Internal error")}
FUNCTIONS, CALLS, BOOT, SECRET = {}, collections.Counter(), secrets.token_hex(16), os.environ["AFI_SEED_ROW"]
ADDED = contextvars.ContextVar("ADDED")                                   # run-time entries of the call that this thread is in
TEAMS = {n: {"team_id": n, "title": f"t{n}-{SECRET}", "rev": 0} for n in range(1, 2001)}
USERS = {n: {"id": n, "name": f"u{n}-{SECRET}", "rev": 0} for n in range(1, 4001)}
TEAM_OF = {n: n % 200 + 1 for n in USERS}


class RefusedError(Exception):
    """A refusal; its text is the problem's code."""


# What the protocol asks of a core -------------------------------------------------------------------------------------------

def function(*affects, name=None):
    """Registers a function under its name, with the contexts that it affects; its annotations are the types of its arguments."""
    def register(body):
        types = {argument: kind for argument, kind in body.__annotations__.items() if argument != "return"}
        FUNCTIONS[name or body.__name__] = body, types, affects
        return body
    return register


def entry(context, **params):
    return {"context": context, "params": params} if params else {"context": context}


def text(value):
    """Canonical JSON, as far as names and numbers of this application need it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def covers(wide, narrow):
    return wide["context"] == narrow["context"] and wide.get("params", {}).items() <= narrow.get("params", {}).items()


def normal(entries):
    """Equal entries once, none that a wider one covers, sorted by context and by the text of the params."""
    once = list({text(one): one for one in entries}.values())
    kept = [one for one in once if not any(covers(other, one) for other in once if other is not one)]
    return sorted(kept, key=lambda one: (one["context"], text(one.get("params", ""))))


def read(sent):
    try:
        return json.loads(sent)
    except ValueError as error:
        raise RefusedError("malformed") from error


def call(document):
    """Runs one call: known function, right arguments, then the body; what it affects is said only if it returns."""
    if not isinstance(document, dict) or not isinstance(document.get("fn"), str) or not isinstance(document.get("args", {}), dict):
        raise RefusedError("malformed")
    if document["fn"] not in FUNCTIONS:
        raise RefusedError("unknown_function")
    body, types, affects = FUNCTIONS[document["fn"]]
    args = document.get("args", {})
    if args.keys() != types.keys() or any(type(args[name]) is not kind for name, kind in types.items()):
        raise RefusedError("validation")
    ADDED.set([])
    if not document["fn"].startswith("probe_"):
        CALLS[document["fn"]] += 1
    result = body(**args)
    bound = [entry(context, **{name: args[name] for name, kind in CONTEXTS[context].items() if types.get(name) is kind})
             for context in affects]
    return {"result": result, "invalidate": normal(bound + ADDED.get())}


class Handler(BaseHTTPRequestHandler):
    """HTTP over the core: two endpoints, and a problem document for everything else."""

    protocol_version, disable_nagle_algorithm, wbufsize = "HTTP/1.1", True, -1

    def do_GET(self):
        if self.path == BASE + "ctx/probe/":
            self.answer(200, {name: FUNCTIONS[name][0]() for name in ("probe_run", "probe_boot", "probe_pid")})
        else:
            self.refuse("method_not_allowed" if self.path == BASE + "call/" else "not_found")

    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.path != BASE + "call/":
                raise RefusedError("not_found")
            self.answer(200, call(read(sent)))
        except RefusedError as refused:
            self.refuse(str(refused))
        except Exception:                                                 # noqa: BLE001 (whatever a body raises: nothing of it is told)
            self.refuse("internal")

    def refuse(self, code):
        status, title = PROBLEMS[code]
        self.answer(status, {"type": f"urn:mizan:{code}", "title": title, "status": status, "code": code}, "application/problem+json")

    def answer(self, status, document, kind="application/json"):
        body = text(document).encode()
        self.close_connection = self.close_connection or self.has_unread_body()
        self.send_response_only(status)
        for name, value in (("Content-Type", kind), ("Content-Length", len(body)), *([("Allow", "POST")] if status == 405 else []),
                            *([("Connection", "close")] if self.close_connection else [])):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def has_unread_body(self):
        """Whether something of this request is left on the connection, which nobody must take for the next one."""
        return "Transfer-Encoding" in self.headers or (self.command != "POST" and "Content-Length" in self.headers)

    def log_message(self, *_):
        pass


# The sample application -----------------------------------------------------------------------------------------------------

def row(table, key):
    if key not in table:
        raise RefusedError("not_found")
    return table[key]


def changed(found, **fields):
    found.update(fields, rev=found["rev"] + 1)
    return dict(found)


@function()
def probe_run():
    return os.environ["AFI_RUN"]


@function()
def probe_boot():
    return BOOT


@function()
def probe_pid():
    return os.getpid()


@function()
def probe_calls(fn: str):
    return CALLS[fn]


@function(name=os.environ["AFI_FUNCTION"])
def digest(text: str):
    return hashlib.sha256((text + SECRET).encode()).hexdigest()


@function()
def log_visit(user_id: int):
    return True


@function()
def user_profile(user_id: int):
    return dict(row(USERS, user_id))


@function("user")
def update_profile(user_id: int, name: str):
    return changed(row(USERS, user_id), name=name)


@function("user", "team")
def touch_both(user_id: int, team_id: int):
    return True


@function("team")
def touch_team(team_id: int):
    return changed(row(TEAMS, team_id))


@function("user")
def fails_midway(user_id: int, name: str, loud: bool):
    done = update_profile(user_id, name)
    if loud:
        raise RuntimeError("after the change")
    return done


@function("user", "team")
def move_user(user_id: int, team_id: int):
    moved = dict(row(USERS, user_id))
    ADDED.get().append(entry("team", team_id=TEAM_OF[user_id]))           # the new team is bound by its name, the old one is not
    TEAM_OF[user_id] = team_id
    return moved


@function("user")
def widen(user_id: int, whole: bool):
    if whole:
        ADDED.get().append(entry("user"))
    return True


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    server.daemon_threads = True
    server.serve_forever()
