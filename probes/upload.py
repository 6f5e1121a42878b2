"""
upload: a call with files reaches its function whole, and holds neither memory nor a file longer than it must.

Source: spec/upload.md, pinned in pins/upload.yaml
Sends:  multipart bodies, good, wrong, too large, without an end, and abandoned in the middle of a file
Wants:  the digest of what was sent, from the function; a refusal before the end; no temporary file afterwards
Errors: `Broken` of the transport ends the conversation
Units:  bytes
"""
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from afi.model import Check
from afi.pins import Pins, exchanges
from afi.transport import Reply, Request
from afi.wire import Wire

GROUPS = ("bodies", "parts", "json", "contents", "heads", "names", "types", "early")
CHECKS = {
    "largest-file": "upload-32",
    "file-over": "upload-33",
    "declared-length": "upload-34",
    "body-over": "upload-44",
    "refused-does-not-run": "upload-40",
    "kept-on-disk": "upload-41",
    "nothing-left": "upload-42",
    "abandoned": "upload-43",
}
PAYLOAD_BYTES, FILE_BYTES, BODY_BYTES, MEMORY_BYTES = 1_048_576, 26_214_400, 104_857_600, 1_048_576
PARTS = 100
TYPE = ("Content-Type", "multipart/form-data; boundary=xYz")
END = b"\r\n--xYz--\r\n"


# -- bodies --------------------------------------------------------------------------------------------------------------------

def part(name: str, content: bytes, more: str = "") -> bytes:
    """Returns: a part whose content is open, so that more of it may follow."""
    return f'\r\n--xYz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content


def payload(fn: str, args: str = "{}") -> bytes:
    return part("payload", f'{{"fn":"{fn}","args":{args}}}'.encode())[2:]


def hashed(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest(wire: Wire, text: str) -> str:
    return hashlib.sha256((text + wire.run.seed_row).encode()).hexdigest()


def facts(wire: Wire, content: bytes) -> str:
    """Returns: the digest that the sample tells of a file."""
    return digest(wire, hashed(content))


# -- names that the pins use ---------------------------------------------------------------------------------------------------

def values(wire: Wire) -> dict[str, Any]:
    nonce = wire.run.nonce
    contents = {"line_ends": f"\r\n{nonce}\r\n\n\r",
                "boundaries": f"--xYz--\r\n-- xYz\r\n--xY{nonce}\r\n--xyz--\r\n--",
                "longer_boundaries": f"\r\n--xYzz\r\n{nonce}\r\n--xYz-\r\n--xYz-z\r\n--xYz\n\r\n--xYz\r\r",
                "controls": f"\0\x1a\x7f\ufeff{nonce}\0"}
    named = {"": nonce, "_second": f"{nonce}+", "_empty": "", "_json": '{"a": 1}', **{f"_{name}": text for name, text in contents.items()}}
    sha = hashed(nonce.encode())
    return {
        **{f"facts{name}": facts(wire, text.encode()) for name, text in named.items()}, **contents,
        **{f"{name}_size": len(text.encode()) for name, text in contents.items()},
        **encoded(nonce), "sha256": sha, "digest": digest(wire, nonce), "labelled": digest(wire, nonce + sha), "labelled_none": digest(wire, f"{nonce}none"),
        **{f"a{size}": "a" * size for size in (254, 255, 1024)}, **{name: [body.decode() for body in bodies] for name, bodies in chunked(nonce).items()},
    }


def encoded(nonce: str) -> dict[str, str]:
    """Returns: a good body as hex, cut where the names of a file and a further field's value stand."""
    whole = payload("hash_file") + part("/args/file", nonce.encode(), '; filename="|"\r\nX-Other: |') + END
    return dict(zip(("hex_before", "hex_between", "hex_after"), (piece.hex() for piece in whole.split(b"|")), strict=True))


def chunked(nonce: str) -> dict[str, list[bytes]]:
    """Returns: bodies as chunks; those that are refused early end where the refusal is due."""
    content, head = nonce.encode(), '; filename="a"'
    file = part("/args/file", content)
    fitting = payload("hash_file", "{" + " " * (PAYLOAD_BYTES - len('{"fn":"hash_file","args":{}}')) + "}")
    files = [part(f"/args/files/{n}", content) for n in range(PARTS)]
    line = "\r\nX-More: " + "m" * 2_000
    return {
        "early_whole": [payload("hash_file"), file, END], "early_unknown": [payload("no_such"), part("/args/file", b"")],
        "early_wrong": [payload("label_file", '{"label":5}'), part("/args/file", b"")],
        "early_more": [payload("hash_file", '{"more":1}'), part("/args/file", b"")],
        "early_envelope": [payload("hash_file", "[]"), part("/args/file", b"")],
        "early_type": [payload("hash_image"), part("/args/image", b"", "\r\nContent-Type: text/html")],
        "payload_fits": [fitting, file, END], "payload_over": [fitting, b" "],
        "parts_fit": [payload("hash_files"), *files[:PARTS - 1], END], "parts_over": [payload("hash_files"), *files],
        "head_fits": [payload("hash_file"), part("/args/file", content, head + line * 7), END],
        "head_over": [payload("hash_file"), part("/args/file", content, head + "\r\nX-More: " + "m" * 66_000)],
        "fields_over": [payload("hash_file"), part("/args/file", content, head + "\r\nX: 1" * 12_000)],
    }


# -- stories -------------------------------------------------------------------------------------------------------------------

def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), **values(wire))
    for story in (largest_file, file_over, declared_length, refused_does_not_run, nothing_left, abandoned, body_over):
        yield from story(wire)


def check(slug: str, wanted: Any, got: Any) -> Check:
    return Check(slug, CHECKS[slug], wanted, got)


def whole(value: Any) -> int:
    """Returns: the value where it is an int, else 0: a number to count from, whatever came."""
    return value if type(value) is int else 0


def sent(wire: Wire, *chunks: bytes) -> Reply:
    """Sends a body and keeps its end back."""
    with wire.beside() as other:
        return other.send("POST", "call/", (TYPE,), chunks=chunks, withhold=True)


def good(wire: Wire, content: bytes) -> Reply:
    return wire.send("POST", "call/", (TYPE,), chunks=(payload("hash_file"), part("/args/file", b""), content, END))


def filled(wire: Wire, size: int) -> bytes:
    """Returns: so many bytes of this run."""
    nonce = wire.run.nonce.encode()
    return (nonce * (size // len(nonce) + 1))[:size]


def refusal(reply: Reply) -> tuple[int, Any]:
    return reply.status, reply.member("code")


TOO_LARGE = (413, "payload_too_large")


def largest_file(wire: Wire) -> Iterator[Check]:
    content = filled(wire, FILE_BYTES)
    got = good(wire, content)
    yield check("largest-file", (FILE_BYTES, facts(wire, content)), (got.member("result.size"), got.member("result.digest")))


def file_over(wire: Wire) -> Iterator[Check]:
    """One byte more, and neither the file nor the body ends; a smaller one is read whole."""
    mebibyte = bytes(1 << 20)
    chunks = (payload("hash_file"), part("/args/file", b""), *[mebibyte] * (FILE_BYTES >> 20), b"x" * 100)
    small = filled(wire, 3 << 20)
    refused, got = refusal(sent(wire, *chunks)), good(wire, small)
    yield check("file-over", (TOO_LARGE, 3 << 20, facts(wire, small)), (refused, got.member("result.size"), got.member("result.digest")))


def declared_length(wire: Wire) -> Iterator[Check]:
    """The length alone is enough to refuse; one that is no more than the limit is not, though the file after it is wrong."""
    with wire.beside() as other:
        refused = other.send("POST", "call/", (TYPE, ("Content-Length", str(BODY_BYTES + 1))), withhold=True)
    with wire.beside() as other:
        body = payload("no_such") + part("/args/file", b"")
        looked_at = other.send("POST", "call/", (TYPE, ("Content-Length", str(BODY_BYTES))), body, withhold=True)
    content = wire.run.nonce.encode()
    yield check("declared-length", (TOO_LARGE, (404, "unknown_function"), facts(wire, content)),
                (refusal(refused), refusal(looked_at), good(wire, content).member("result.digest")))


def body_over(wire: Wire) -> Iterator[Check]:
    """Five files, each of them small enough, and no length declared."""
    mebibyte = bytes(1 << 20)
    files = [chunk for n in range(4) for chunk in (part(f"/args/files/{n}", b""), *[mebibyte] * 24)]
    refused = sent(wire, payload("hash_files"), *files, part("/args/files/4", b""), *[mebibyte] * 4)
    content = wire.run.nonce.encode()
    yield check("body-over", (TOO_LARGE, facts(wire, content)), (refusal(refused), good(wire, content).member("result.digest")))


def refused_does_not_run(wire: Wire) -> Iterator[Check]:
    """A mutation that is refused after its file has come leaves the row as the accepted one before it made it."""
    user, content = wire.fresh("user"), wire.run.nonce.encode()
    opened, avatar = payload("set_avatar", f'{{"user_id":{user}}}'), part("/args/avatar", content)
    accepted = wire.send("POST", "call/", (TYPE,), opened + avatar + END)
    before = whole(wire.calls("set_avatar"))
    bodies = (opened + avatar + avatar + END, opened + avatar, opened + part("/args/other", content) + END, opened + avatar + part("x", b"") + END)
    refused = [wire.send("POST", "call/", (TYPE,), body).status for body in bodies]
    after = wire.call("user_profile", user_id=user)
    yield check("refused-does-not-run", (hashed(content), hashed(content), 1, [422, 400, 422, 422], before),
                (accepted.member("result.name"), after.member("result.name"), after.member("result.rev"), refused, wire.calls("set_avatar")))


def files_kept(wire: Wire) -> Any:
    return wire.call("probe_files").member("result")


def nothing_left(wire: Wire) -> Iterator[Check]:
    """A file accepted, refused for a part after it, cut short, and refused for its size."""
    content, before = filled(wire, 2 << 20), files_kept(wire)
    opened, file = payload("hash_file"), part("/args/file", content)
    got = good(wire, content).member("result.digest")
    bodies = (opened + file + part("x", b"") + END, opened + file, opened + file + part("", b"", "\r\nContent-Disposition: x") + END)
    refused = [wire.send("POST", "call/", (TYPE,), chunks=(body,)).status for body in bodies]
    own = facts(wire, content)
    gone = got == own and wire.until(lambda: files_kept(wire) == before)
    yield check("nothing-left", (own, [422, 400, 400], True), (got, refused, gone))


def abandoned(wire: Wire) -> Iterator[Check]:
    """
    The caller goes in the middle of a file, three times. The half goes out in the same write as a good call, whose answer says that it is
    on its way: then its file is seen, and is not any more when the caller has gone.
    """
    content, before = wire.run.nonce.encode(), whole(files_kept(wire))
    own = facts(wire, content)
    half = (payload("hash_file"), part("/args/file", b""), *[filled(wire, MEMORY_BYTES // 4)] * 5)
    asked = Request("POST", f"{wire.base}/call/", (TYPE,), payload("hash_file") + part("/args/file", content) + END)
    calls, answered, seen, gone = whole(wire.calls("hash_file")), [], [], []
    for _ in range(3):
        with wire.beside() as other:
            going = replace(asked, body=b"", chunks=half, withhold=True)
            answered.append(other.transport.exchange(replace(asked, ahead=(going,))).member("result.digest"))
            seen.append(answered[-1] == own and wire.until(lambda: whole(files_kept(wire)) > before))
        gone.append(seen[-1] and wire.until(lambda: files_kept(wire) == before))
        if not gone[-1]:
            break                                   # whoever fails once is not waited for again
    ran, again = whole(wire.calls("hash_file")) - calls, good(wire, content).member("result.digest")
    yield check("kept-on-disk", ([own] * 3, [True] * 3), (answered, seen))
    yield check("abandoned", ([own] * 3, [True] * 3, 3, own), (answered, gone, ran, again))
