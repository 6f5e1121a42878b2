"""
upload: a call with files reaches its function whole, and holds neither memory nor a file longer than it must.

Source: spec/upload.md, pinned in pins/upload.yaml
Sends:  multipart bodies, good, wrong, too large, without an end, and abandoned in the middle of a file
Wants:  the digest of what was sent, from the function; a refusal before the end; no temporary file afterwards
Errors: `Broken` of the transport ends the conversation
Units:  bytes
"""
import contextlib
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
    "every-byte": "upload-22",
    "file-over": "upload-33",
    "declared-length": "upload-34",
    "largest-body": "upload-45",
    "body-over": "upload-44",
    "refused-does-not-run": "upload-40",
    "kept-on-disk": "upload-41",
    "nothing-left": "upload-42",
    "abandoned": "upload-43",
    "slow-bodies": "upload-46",
}
PAYLOAD_BYTES, FILE_BYTES, BODY_BYTES, MEMORY_BYTES = 1_048_576, 26_214_400, 104_857_600, 1_048_576
PARTS, SLOW = 100, 64
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

def VALUES(wire: Wire) -> dict[str, Any]:                                                  # noqa: N802  (a table, made of the run)
    nonce = wire.run.nonce
    contents = {"line_ends": f"\r\n{nonce}\r\n\n\r",
                "boundaries": f"--xYz--\r\n-- xYz\r\n--xY{nonce}\r\n--xyz--\r\n--",
                "longer_boundaries": f"\r\n--xYzz\r\n{nonce}\r\n--xYz-\r\n--xYz-z\r\n--xYz\n\r\n--xYz\r\r",
                "controls": f"\0\x1a\x7f\ufeff{nonce}\0"}
    named = {"": nonce, "_second": f"{nonce}+", "_empty": "", "_json": '{"a": 1}', **{f"_{name}": text for name, text in contents.items()}}
    sha, second = hashed(nonce.encode()), hashed(f"{nonce}+".encode())
    return {
        **{f"facts{name}": facts(wire, text.encode()) for name, text in named.items()}, **contents,
        **{f"{name}_size": len(text.encode()) for name, text in contents.items()},
        **encoded(nonce), "sha256": sha, "digest": digest(wire, nonce),
        "paired": digest(wire, f"{nonce}t{sha}{second}"), "crossed": digest(wire, f"{nonce}t{second}{sha}"),
        "labelled": digest(wire, nonce + sha), "labelled_none": digest(wire, f"{nonce}none"),
        **{f"a{size}": "a" * size for size in (70, 71, 254, 255, 1024)},
        **{name: [body.decode() for body in bodies] for name, bodies in chunked(nonce).items()},
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
    kept = files_kept(wire)
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), **VALUES(wire))
    for story in (largest_file, file_over, declared_length, largest_body, body_over, refused_does_not_run):
        yield from story(wire)
    for last in (nothing_left, abandoned, slow_bodies):
        yield from last(wire, kept)


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
    """Returns: so many bytes of this run; no stretch of them is like another."""
    return hashlib.shake_128(wire.run.nonce.encode()).digest(size)


def refusal(reply: Reply) -> tuple[int, Any]:
    return reply.status, reply.member("code")


TOO_LARGE = (413, "payload_too_large")


def largest_file(wire: Wire) -> Iterator[Check]:
    content = filled(wire, FILE_BYTES)
    own, got = facts(wire, content), good(wire, content)
    yield check("largest-file", (FILE_BYTES, own), (got.member("result.size"), got.member("result.digest")))
    yield check("every-byte", own, got.member("result.digest"))


def file_over(wire: Wire) -> Iterator[Check]:
    """One byte more, and neither the file nor the body ends; a smaller one is read whole."""
    mebibyte = bytes(1 << 20)
    chunks = (payload("hash_file"), part("/args/file", b""), *[mebibyte] * (FILE_BYTES >> 20), b"x")
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


def five_files() -> tuple[tuple[bytes, ...], int]:
    """Returns: a body of files that are each small enough, without a length and with the last one open; how many bytes more it may have."""
    mebibyte = bytes(1 << 20)
    files = [chunk for n in range(4) for chunk in (part(f"/args/files/{n}", b""), *[mebibyte] * 24)]
    opened = (payload("hash_files"), *files, part("/args/files/4", b""))
    return opened, BODY_BYTES - sum(map(len, opened))


def largest_body(wire: Wire) -> Iterator[Check]:
    """It ends with a part without a head: all of it must be read, and none of it hashed, for the right refusal."""
    (opened, room), headless, content = five_files(), b"\r\n--xYz\r\n\r\nx" + END, wire.run.nonce.encode()
    refused = wire.send("POST", "call/", (TYPE,), chunks=(*opened, bytes(room - len(headless)), headless))
    yield check("largest-body", ((400, "malformed"), facts(wire, content)), (refusal(refused), good(wire, content).member("result.digest")))


def body_over(wire: Wire) -> Iterator[Check]:
    """One byte more, and neither the last file nor the body ends."""
    (opened, room), content = five_files(), wire.run.nonce.encode()
    refused = sent(wire, *opened, bytes(room), b"x")
    yield check("body-over", (TOO_LARGE, facts(wire, content)), (refusal(refused), good(wire, content).member("result.digest")))


def refused_does_not_run(wire: Wire) -> Iterator[Check]:
    """A mutation that is refused after its file has come leaves the row as the accepted one before it made it."""
    user, content = wire.fresh("user"), wire.run.nonce.encode()
    opened, avatar = payload("set_avatar", f'{{"user_id":{user}}}'), part("/args/avatar", content)
    accepted = wire.send("POST", "call/", (TYPE,), opened + avatar + END)
    changed, before = wire.call("user_profile", user_id=user), whole(wire.calls("set_avatar"))
    bodies = (opened + avatar + avatar + END, opened + avatar, opened + part("/args/other", content) + END, opened + avatar + part("x", b"") + END)
    refused = [wire.send("POST", "call/", (TYPE,), body).status for body in bodies]
    after = wire.call("user_profile", user_id=user)
    yield check("refused-does-not-run", (hashed(content), hashed(content), whole(changed.member("result.rev")), [422, 400, 422, 422], before),
                (accepted.member("result.name"), after.member("result.name"), after.member("result.rev"), refused, wire.calls("set_avatar")))


def files_kept(wire: Wire) -> Any:
    return wire.call("probe_files").member("result")


def nothing_left(wire: Wire, kept: Any) -> Iterator[Check]:
    """Files accepted, refused for a part after them, cut short, and, in the stories before, refused for their size: of all of them nothing is left."""
    content = filled(wire, 2 << 20)
    opened, file = payload("hash_file"), part("/args/file", content)
    got = good(wire, content).member("result.digest")
    bodies = (opened + file + part("x", b"") + END, opened + file, opened + file + part("", b"", "\r\nContent-Disposition: x") + END)
    refused = [wire.send("POST", "call/", (TYPE,), chunks=(body,)).status for body in bodies]
    own = facts(wire, content)
    gone = got == own and wire.until(lambda: files_kept(wire) == kept)
    yield check("nothing-left", (own, [422, 400, 400], True), (got, refused, gone))


def with_half(wire: Wire, *half: bytes) -> Request:
    """Returns: a good call, and in the same write a half of another: the answer to the one says that the other is on its way."""
    file = part("/args/file", b"")
    asked = Request("POST", f"{wire.base}/call/", (TYPE,), payload("hash_file") + file + wire.run.nonce.encode() + END)
    return replace(asked, ahead=(replace(asked, body=b"", chunks=(payload("hash_file"), file, *half), withhold=True),))


def abandoned(wire: Wire, kept: Any) -> Iterator[Check]:
    """The caller goes in the middle of a file, three times: the file is seen, and is not any more when the caller has gone."""
    content = wire.run.nonce.encode()
    own, asked = facts(wire, content), with_half(wire, *[filled(wire, MEMORY_BYTES // 4)] * 5)
    calls, answered, seen, gone = whole(wire.calls("hash_file")), [], [], []
    for _ in range(3):
        with wire.beside() as other:
            answered.append(other.transport.exchange(asked).member("result.digest"))
            seen.append(answered[-1] == own and wire.until(lambda: whole(files_kept(wire)) > whole(kept)))
        gone.append(seen[-1] and wire.until(lambda: files_kept(wire) == kept))
        if not gone[-1]:
            break                                   # whoever fails once is not waited for again
    ran, again = whole(wire.calls("hash_file")) - calls, good(wire, content).member("result.digest")
    yield check("kept-on-disk", ([own] * 3, [True] * 3), (answered, seen))
    yield check("abandoned", ([own] * 3, [True] * 3, 3, own), (answered, gone, ran, again))


def slow_bodies(wire: Wire, kept: Any) -> Iterator[Check]:
    """So many callers keep the rest of a file back after its first byte; others call as ever, and when those have gone, nothing of theirs is left."""
    content = wire.run.nonce.encode()
    own, asked = facts(wire, content), with_half(wire, b"x")
    with contextlib.ExitStack() as opened:
        answered = [opened.enter_context(wire.beside()).transport.exchange(asked).member("result.digest") for _ in range(SLOW)]
        uploaded, called = good(wire, content).member("result.digest"), wire.call(wire.run.function, text=wire.run.nonce).member("result")
    gone = wire.until(lambda: files_kept(wire) == kept)
    yield check("slow-bodies", (SLOW, own, digest(wire, wire.run.nonce), True), (answered.count(own), uploaded, called, gone))
