"""
A request as a line to paste into a shell: byte for byte the same head fields and body, whatever they hold.

curl says what HTTP allows; what it would repair (two fields of one name, a false length, a body cut short, blanks and controls in the
head) is sent raw, over a socket. Source: spec/harness.md, Evidence. Raises: nothing.
"""
import base64
import gzip
import re
import shlex

from afi.messages import Request, body, fields, message

LONG_BYTES = 4096                       # longer bodies are pasted compressed: padding shrinks to one line
EXPECTS_BYTES = 1000                    # some versions of curl ask for leave before they send more than this
PLAIN_TARGET = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
PLAIN_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PLAIN_VALUE = re.compile(r"([!-~]([ -~]*[!-~])?)?")
SEND = ("import select, socket, sys; s = socket.create_connection(({0!r}, {1}), 5); s.sendall(sys.stdin.buffer.read()); "
        "[sys.stdout.buffer.write(b) for b in iter(lambda: select.select([s], [], [], 2)[0] and s.recv(65536) or b'', b'')]")


def curl(request: Request, address: tuple[str, int]) -> str:
    """Returns: one line of shell that sends the request and prints head and body of the reply."""
    sent = fields(request, address)
    if not _sayable(request, sent):
        return f"{_printed(message(request, address))} | python3 -c {shlex.quote(SEND.format(*address))}"
    words = ["curl", "-sSi", *_method(request), *_target(request, address)]
    for name, value in sent:
        if name != "Content-Length" and (name, value) != ("Host", f"{address[0]}:{address[1]}"):
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    for name in _unsent(request, sent):
        words += ["-H", f"{name}:"]
    content = b"".join(request.chunks) if request.chunks is not None else request.body
    if not content and not _has_length(sent) and request.chunks is None:
        return shlex.join(words)
    if len(content) <= LONG_BYTES and _is_text(content):
        return shlex.join([*words, "--data-raw", content.decode()])
    return f"{_printed(content)} | {shlex.join([*words, '--data-binary', '@-'])}"


def _sayable(request: Request, sent: list[tuple[str, str]]) -> bool:
    """Whether curl, told this, sends this."""
    names = [name.lower() for name, _ in sent]
    length = {name.lower(): value for name, value in sent}.get("content-length", "none")
    return (len(set(names)) == len(names)
            and all(PLAIN_NAME.fullmatch(name) and PLAIN_VALUE.fullmatch(value) for name, value in sent)
            and ("transfer-encoding" in names) == (request.chunks is not None) and not request.withhold and not request.ahead
            and length == (str(len(request.body)) if request.chunks is None and (request.body or length != "none") else "none")
            and re.fullmatch("[A-Z]+", request.method) is not None and re.fullmatch("[!-~]+", request.target) is not None
            and not (request.method == "HEAD" and body(request)))


def _method(request: Request) -> list[str]:
    return {"GET": [] if not body(request) else ["-X", "GET"], "HEAD": ["-I"]}.get(request.method, ["-X", request.method])


def _target(request: Request, address: tuple[str, int]) -> list[str]:
    at = f"http://{address[0]}:{address[1]}"
    if PLAIN_TARGET.fullmatch(request.target):
        return ["--path-as-is", at + request.target]
    return ["--request-target", request.target, at]


def _unsent(request: Request, sent: list[tuple[str, str]]) -> list[str]:
    """Returns: the fields that curl would add and we did not send."""
    names = {name.lower() for name, _ in sent}
    content = body(request)
    added = ["Host", "User-Agent", "Accept", *(["Content-Type"] if content or _has_length(sent) else []),
             *(["Expect"] if len(content) > EXPECTS_BYTES else [])]
    return [name for name in added if name.lower() not in names]


def _has_length(sent: list[tuple[str, str]]) -> bool:
    return any(name == "Content-Length" for name, _ in sent)


def _is_text(content: bytes) -> bool:
    try:
        return all(char.isprintable() for char in content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _printed(content: bytes) -> str:
    """Returns: a command that prints these bytes."""
    if len(content) > LONG_BYTES:
        return f"printf %s {base64.b64encode(gzip.compress(content, mtime=0)).decode()} | base64 -d | gunzip"
    spelt = "".join(chr(b) if 32 <= b < 127 and b not in b"\\%'" else "%%" if b == ord("%") else f"\\{b:03o}" for b in content)
    return f"printf -- '{spelt}'"
