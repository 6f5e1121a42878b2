"""
A reply as it is compared with another server's: what only HTTP or this process decides is taken out, nothing else.

Source: spec/harness.md, Differential. Pure. Raises: nothing; what cannot be read strictly is compared as it came.
"""
import re

import rfc8785

from afi.errors import Broken
from afi.messages import Reply
from afi.model import Run

# Fields that a server writes on its own account, and that say nothing of the application (RFC 9110, 6.6.1, 10.2.4; RFC 9112, 6 and 9).
OF_THE_SERVER = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"})
BASE = "/api/mizan/"
AUTHORITY = re.compile(r"https?://[^/?]*", re.IGNORECASE)                   # a whole URL is compared without it (ground-91)
PINNED = re.compile(r"/api/mizan/(?:ctx/(?!probe/)|ir/|schema/)")          # bundles, the IR, discovery: their pages pin the bytes
OWN = {"probe_boot": "{boot}", "probe_pid": 0}                              # what each process draws for itself
ONE_OF = re.compile(rb'"fn":"(probe_boot|probe_pid)"')
PROBE = "/api/mizan/ctx/probe/"                                             # holds both, and its ETag tells of them


def form(reply: Reply, run: Run) -> str:
    """
    Returns: the normal form: status, fields by name, an empty line, the body; values of the run by their names. Beyond the base path the framework
    answers in its own words: of those the status alone.
    """
    target = AUTHORITY.sub("", reply.request.target, count=1)
    if not target.startswith(BASE):
        return str(reply.status)
    left_out = OF_THE_SERVER | {"etag"} if target.startswith(PROBE) else OF_THE_SERVER
    fields = sorted((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.headers)
    head = [str(reply.status), *(f"{name}: {value}" for name, value in fields if name not in left_out)]
    return run.masked("\n".join([*head, "", _body(reply, target.partition("?")[0]).decode("utf-8", "backslashreplace")]))


def _body(reply: Reply, path: str) -> bytes:
    """Bytes that a page pins stay as they came; of other JSON the canonical form is compared."""
    if PINNED.match(path) and reply.status < 400:
        return reply.body
    try:
        document = reply.json()
    except Broken:
        return reply.body
    if isinstance(document, dict) and path == PROBE:
        document = {**document, **{name: value for name, value in OWN.items() if name in document}}
    called = ONE_OF.search(reply.request.body)
    if called and isinstance(document, dict) and "result" in document:
        document = {**document, "result": OWN[called[1].decode()]}
    try:
        return rfc8785.dumps(document)
    except rfc8785.CanonicalizationError:
        return reply.body
