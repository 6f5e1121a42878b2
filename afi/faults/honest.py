"""
The honest adapter under the evil panel: answers as spec/sample.md says, for what every row and the row `invalidate-body` need.

Standard library alone, no socket: a request in, a reply out.
"""
import collections
import hashlib
import json
import os
import re
import secrets
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

BASE = "/api/mizan/"
TITLES = {"malformed": 400, "validation": 422, "unknown_function": 404, "unknown_context": 404, "not_found": 404, "method_not_allowed": 405,
          "forbidden": 403, "internal": 500}
Entry = dict[str, Any]
Function = tuple[Mapping[str, type], Callable[..., tuple[Any, list[Entry]]]]


@dataclass(frozen=True)
class Asked:
    """A request as it came: `target` raw, names of headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """A reply to be: `bytes_for` writes it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def bytes_for(self, method: str) -> bytes:
        """Returns: the whole message; a reply to HEAD has the length and no body."""
        lines = [f"HTTP/1.1 {self.status} {'OK' if self.status < 400 else 'Refused'}", *(f"{k}: {v}" for k, v in self.headers),
                 f"Content-Length: {len(self.body)}"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if method == "HEAD" else self.body)


class RefusedError(Exception):
    """A problem code, and the places in the request where it is wrong."""

    def __init__(self, code: str, errors: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(code)
        self.code, self.errors = code, errors


def canonical(value: Any) -> bytes:
    """RFC 8785, for values whose keys are ASCII and that hold no float."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def said(value: Any, *headers: tuple[str, str], status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", "application/json"), *headers), canonical(value))


def problem(code: str, errors: tuple[tuple[str, str], ...] = (), *headers: tuple[str, str]) -> Answer:
    status = TITLES[code]
    document: dict[str, Any] = {"type": f"urn:mizan:{code}", "title": code.replace("_", " "), "status": status, "code": code}
    if errors:
        document["errors"] = [{"pointer": pointer, "code": why, "message": why} for pointer, why in sorted(errors)]
    return Answer(status, (("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"), *headers), canonical(document))


class Sample:
    """The sample application, as far as the row `invalidate-body` needs it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.run, self.secret = environment["AFI_RUN"], environment["AFI_SEED_ROW"]
        self.function, self.slot = environment["AFI_FUNCTION"], environment["AFI_SLOT"]
        self.boot = secrets.token_hex(16)
        self.calls: collections.Counter[str] = collections.Counter()
        self.rows: dict[int, Entry] = {}
        self.teams: dict[int, int] = {}
        self.lock = threading.Lock()

    def digest(self, text: str) -> str:
        return hashlib.sha256((text + self.secret).encode()).hexdigest()

    def answer(self, asked: Asked) -> Answer:
        """Answers one request as the protocol says."""
        path, _, query = asked.target.partition("?")
        try:
            with self.lock:
                if path == BASE + "call/":
                    return self.called(asked)
                if found := re.fullmatch(re.escape(BASE) + "ctx/([a-z][a-z0-9_]*)/", path):
                    return self.fetched(asked, found[1], query)
            raise RefusedError("not_found")
        except RefusedError as refused:
            allow = ((("Allow", "POST" if path.endswith("call/") else "GET, HEAD"),) if refused.code == "method_not_allowed" else ())
            return problem(refused.code, refused.errors, *allow)

    def called(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            raise RefusedError("method_not_allowed")
        try:
            document = json.loads(asked.body.decode("utf-8"))
            name, arguments = document["fn"], document.get("args", {})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RefusedError("malformed") from error
        if not isinstance(name, str) or not isinstance(arguments, dict) or document.keys() - {"fn", "args"}:
            raise RefusedError("malformed")
        types, body = self.functions().get(name) or self.unknown()
        wrong = [(f"/args/{p}", "type" if p in arguments else "missing") for p, t in types.items() if type(arguments.get(p)) is not t]
        wrong += [("/args", "unknown") for p in arguments if p not in types]
        if wrong:
            raise RefusedError("validation", tuple(wrong))
        self.calls[name] += not name.startswith("probe_")
        result, entries = body(**arguments)
        stale = normalised(entries)
        header = (("X-Mizan-Invalidate", spelled(stale)),) if stale else ()
        return said({"result": result, "invalidate": stale}, ("Cache-Control", "no-store"), *header)

    def unknown(self) -> Any:
        raise RefusedError("unknown_function")

    def functions(self) -> dict[str, Function]:
        """Returns: name -> (type of each argument, body giving a result and what it makes stale)."""
        user = {"user_id": int}
        named = {**user, "name": str}
        return {
            self.function: ({"text": str}, lambda text: (self.digest(text), [])),
            "probe_calls": ({"fn": str}, lambda fn: (self.calls[fn], [])),
            "log_visit": (user, lambda user_id: (True, [])),
            "user_profile": (user, lambda user_id: (self.user(user_id), [])),
            "update_profile": (named, lambda user_id, name: (self.renamed(user_id, name), [entry("user", user_id=user_id)])),
            "touch_both": ({**user, "team_id": int},
                           lambda user_id, team_id: (True, [entry("user", user_id=user_id), entry("team", team_id=team_id)])),
            "touch_team": ({"team_id": int}, lambda team_id: (self.touched(team_id), [entry("team", team_id=team_id)])),
            "move_user": ({**user, "team_id": int}, self.moved),
            "widen": ({**user, "whole": bool},
                      lambda user_id, whole: (True, [entry("user", user_id=user_id), *([entry("user")] if whole else [])])),
            "fails_midway": ({**named, "loud": bool}, self.fails_midway),
        }

    def row(self, user_id: int) -> Entry:
        if not 1 <= user_id <= 4000:
            raise RefusedError("not_found")
        return self.rows.setdefault(user_id, {"name": f"u{user_id}-{self.secret}", "rev": 0, "team": user_id % 200 + 1})

    def user(self, user_id: int) -> Entry:
        row = self.row(user_id)
        return {"id": user_id, "name": row["name"], "rev": row["rev"]}

    def renamed(self, user_id: int, name: str) -> Entry:
        self.row(user_id).update(name=name, rev=self.row(user_id)["rev"] + 1)
        return self.user(user_id)

    def moved(self, user_id: int, team_id: int) -> tuple[Entry, list[Entry]]:
        old, self.row(user_id)["team"] = self.row(user_id)["team"], team_id
        return self.user(user_id), [entry("user", user_id=user_id), entry("team", team_id=team_id), entry("team", team_id=old)]

    def fails_midway(self, user_id: int, name: str, loud: bool) -> tuple[Entry, list[Entry]]:
        row = self.renamed(user_id, name)
        if loud:
            raise RefusedError("internal")
        return row, [entry("user", user_id=user_id)]

    def team(self, team_id: int) -> Entry:
        if not 1 <= team_id <= 2000:
            raise RefusedError("not_found")
        return {"team_id": team_id, "title": f"t{team_id}-{self.secret}", "rev": self.teams.get(team_id, 0)}

    def touched(self, team_id: int) -> Entry:
        self.teams[team_id] = self.team(team_id)["rev"] + 1
        return self.team(team_id)

    def fetched(self, asked: Asked, context: str, query: str) -> Answer:
        if asked.method not in ("GET", "HEAD"):
            raise RefusedError("method_not_allowed")
        if context == "probe":
            return said({"probe_boot": self.boot, "probe_pid": os.getpid(), "probe_run": self.run}, ("Cache-Control", "no-store"))
        if context not in ("user", "team"):
            raise RefusedError("unknown_context")
        name = f"{context}_id"
        given = urllib.parse.parse_qs(query, keep_blank_values=True)
        if set(given) != {name} or len(given[name]) != 1 or not re.fullmatch("0|-?[1-9][0-9]*", given[name][0]):
            raise RefusedError("validation", ((f"/{name}", "type" if name in given else "missing"),))
        key = int(given[name][0])
        slots = ({"team_card": self.team(key)} if context == "team" else
                 {"user_profile": self.user(key), "user_digest": self.digest(self.user(key)["name"]), self.slot: self.digest(f"slot{key}")})
        self.calls.update(list(slots))
        tag = hashlib.sha256(canonical(slots)).hexdigest()[:32]
        return said(slots, ("ETag", f'"{tag}"'), ("Cache-Control", "public, no-cache"))


def entry(context: str, **params: Any) -> Entry:
    return {"context": context, **({"params": params} if params else {})}


def normalised(entries: list[Entry]) -> list[Entry]:
    """Drops what another entry covers; sorts by context, then by canonical params."""
    def covers(a: Entry, b: Entry) -> bool:
        return bool(a["context"] == b["context"] and a.get("params", {}).items() <= b.get("params", {}).items())

    distinct = [e for i, e in enumerate(entries) if e not in entries[:i]]
    kept = [e for e in distinct if not any(covers(o, e) for o in distinct if o != e)]
    return sorted(kept, key=lambda e: (e["context"].encode(), canonical(e["params"]) if "params" in e else b""))


def spelled(entries: list[Entry]) -> str:
    """The header of entries whose params are integers."""
    return ", ".join("".join([e["context"], *(f";{k}={v}" for k, v in sorted(e.get("params", {}).items()))]) for e in entries)
