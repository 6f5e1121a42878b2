"""The line to paste sends the request again, whatever it holds."""
import subprocess

import pytest

from afi.curl import curl
from afi.messages import Request, message
from afi.tests.scripted import OK, says_and_closes, serving

JSON = (("Content-Type", "application/json"),)
SAID_BY_CURL = {
    "a-read": Request("GET", "/api/mizan/ctx/user/?user_id=5&t=%C3%A9"),
    "a-call": Request("POST", "/api/mizan/call/", JSON, b'{"fn":"x\'y","args":{"t":"\xc3\xa9 $HOME `id` \\\\ @x"}}'),
    "no-body": Request("POST", "/api/mizan/call/", JSON),
    "no-type": Request("POST", "/api/mizan/call/", (), b"{}"),
    "a-body-that-begins-with-at": Request("POST", "/", JSON, b"@/etc/passwd"),
    "bytes": Request("POST", "/", JSON, bytes(range(256))),
    "line-ends": Request("POST", "/", JSON, b"a\r\n\nb\n"),
    "a-megabyte": Request("POST", "/", JSON, b'{"fn":"' + b"x" * (1 << 20) + b'"}'),
    "head": Request("HEAD", "/api/mizan/ctx/user/"),
    "options": Request("OPTIONS", "/api/mizan/call/", (("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST"))),
    "a-read-with-a-body": Request("GET", "/", JSON, b"{}"),
    "dot-segments": Request("GET", "/api/mizan/../mizan/%2e%2e/call//"),
    "strange-targets": Request("GET", "/api/mizan/call/#x{a,b}[1-2]\"<>|^`"),
    "an-empty-field": Request("GET", "/", (("X-Empty", ""), ("Accept-Language", "de"))),
    "no-host-no-identity": Request("GET", "/", (("Host", None), ("Accept-Encoding", None))),
    "another-host": Request("GET", "/", (("Host", "evil.example"),)),
    "chunks": Request("POST", "/", JSON, chunks=(b"ab", b"c")),
}
SAID_RAW = {
    "two-fields": Request("POST", "/", (("Content-Type", "text/plain"), *JSON), b"{}"),
    "a-false-length": Request("POST", "/", (*JSON, ("Content-Length", "1")), b"{}"),
    "a-withheld-chunk": Request("POST", "/", JSON, chunks=(b"ab",), withhold=True),
    "a-blank-target": Request("GET", "/api mizan/\udcff%'\\"),
    "a-control": Request("GET", "/", (("X-A", "a\x01b"), ("X-B", "é"))),
    "another-method": Request("g:t", "/"),
    "head-with-a-body": Request("HEAD", "/", (), b"{}"),
}


def replayed(asked):
    with serving(says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" if asked.method == "HEAD" else OK)) as server:
        line = curl(asked, server.address)
        done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=20, check=False)
        assert done.stdout.startswith(b"HTTP/1.1 200 OK"), (line[:500], done.stderr)
        return line, server.heard[0], message(asked, server.address)


def parts(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, sorted(line.rstrip() for line in lines), body


@pytest.mark.parametrize("name", SAID_BY_CURL)
def test_curl_sends_the_same_line_fields_and_body(name):
    line, heard, wanted = replayed(SAID_BY_CURL[name])
    chunked = SAID_BY_CURL[name].chunks is not None
    assert parts(heard)[:2 if chunked else 3] == parts(wanted)[:2 if chunked else 3]
    assert "curl -sSi" in line
    assert "\n" not in line


@pytest.mark.parametrize("name", SAID_RAW)
def test_what_curl_cannot_say_is_sent_byte_for_byte(name):
    line, heard, wanted = replayed(SAID_RAW[name])
    assert heard == wanted
    assert "\n" not in line


def test_a_simple_call_is_a_line_that_a_person_would_write():
    line = curl(SAID_BY_CURL["a-read"], ("127.0.0.1", 8000))
    assert line == ("curl -sSi --path-as-is 'http://127.0.0.1:8000/api/mizan/ctx/user/?user_id=5&t=%C3%A9' -H 'Accept-Encoding: identity' "
                    "-H User-Agent: -H Accept:")
