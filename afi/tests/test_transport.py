"""One exchange over a raw socket: what HTTP libraries hide is Broken, within one deadline, and nothing is repaired on the way out."""
import contextlib
import socket
import threading
import time
from dataclasses import replace

import pytest

from afi import transport
from afi.errors import Broken, NoAnswer
from afi.heads import check_meaning
from afi.messages import message
from afi.model import ABSENT
from afi.tests.scripted import OK, forever, says, says_and_closes, serving
from afi.transport import OTHER, Http, Mutated, Reply, Request

GET = Request("GET", "/api/mizan/ctx/user/?user_id=5")
POST = Request("POST", "/api/mizan/call/", (("Content-Type", "application/json"),), b"{}")
LIMIT_S = 0.3
HANG = {"before-the-status-line": says(), "in-the-head": says(b"HTTP/1.1 200 OK\r\nContent-Le"),
        "after-the-head": says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        "dripping-the-body": forever(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x", 0.02),
        "dripping-the-head": forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"x", 0.02),
        "dripping-chunks": forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.02),
        "an-unclosed-body": says(b"HTTP/1.1 200 OK\r\n\r\nabc")}


def reply_with(*lines: str, status: str = "200 OK", body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


FOREVER_CHUNKED = forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n")
BROKEN = {
    "an-endless-body": ("over-limit", FOREVER_CHUNKED),
    "an-endless-length": ("over-limit", forever(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 65536)),
    "endless-interim-replies": ("over-limit", forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "endless-trailers": ("over-limit", forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-T: 1\r\n")),
    "many-trailers": ("over-limit", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-T: 1\r\n" * 300 + b"\r\n")),
    "an-endless-chunk-size": ("over-limit", forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 1000)),
    "an-endless-head": ("over-limit", forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 65536)),
    "ten-thousand-fields": ("over-limit", says(reply_with(*["a:1"] * 10_000))),
    "a-folded-field": ("over-limit", says(reply_with("X-A: 1", " 2"))),
    "a-closed-body": ("truncated", says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc")),
    "a-closed-chunk": ("truncated", says_and_closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")),
    "a-closed-head": ("truncated", says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Le")),
    "closed-at-once": ("closed", says_and_closes()),
    "a-length-below-the-body": ("extra-bytes", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}extra")),
    "two-replies": ("extra-bytes", says(OK + OK)),
    "bytes-after-the-last-chunk": ("extra-bytes", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx")),
    "two-unlike-lengths": ("protocol", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")),
    "a-length-list": ("protocol", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}")),
    "a-negative-length": ("protocol", says(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}")),
    "length-and-chunked": ("protocol", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
    "another-coding": ("protocol", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")),
    "a-bad-chunk-size": ("protocol", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")),
    "a-signed-chunk-size": ("protocol", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n")),
    "a-chunk-that-runs-over": ("protocol", says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n")),
    "no-head-at-all": ("protocol", says_and_closes(b"{}")),
    "no-head-and-no-close": ("protocol", says(b"<html>hello</html>")),
    "another-version": ("protocol", says(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")),
    "status-0": ("protocol", says(reply_with(status="0 OK"))),
    "status-99": ("protocol", says(reply_with(status="099 OK"))),
    "status-101": ("protocol", says(reply_with(status="101 Switching Protocols"))),
    "status-600": ("protocol", says(reply_with(status="600 OK"))),
    "status-999": ("protocol", says(reply_with(status="999 OK"))),
    "status-in-words": ("protocol", says(reply_with(status="twohundred OK"))),
    "a-line-feed-in-the-reason": ("protocol", says(reply_with(status="200 O\nK"))),
    "bare-line-feeds": ("protocol", says(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n")),
    "a-bare-carriage-return": ("protocol", says(reply_with("X-A: 1\rX-B: 2"))),
    "a-control-byte": ("protocol", says(reply_with("X-A: \x01"))),
    "a-nul": ("protocol", says(reply_with("X-A: a\x00b"))),
    "a-blank-before-the-colon": ("protocol", says(reply_with("X-A : 1"))),
    "a-line-without-a-colon": ("protocol", says(reply_with("X-A"))),
    "a-nameless-field": ("protocol", says(reply_with(": 1"))),
    "a-redirect": ("redirect", says(reply_with("Location: http://127.0.0.1:1/", status="302 Found"))),
    "a-redirect-without-a-target": ("redirect", says(reply_with(status="300 Multiple Choices"))),
    "204-with-a-body": ("semantics", says(b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}")),
    "204-with-bytes": ("semantics", says(b"HTTP/1.1 204 No Content\r\n\r\n{}")),
    "304-unasked": ("semantics", says(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    "401-without-a-challenge": ("semantics", says(reply_with(status="401 Unauthorized"))),
    "405-without-allow": ("semantics", says(reply_with(status="405 Method Not Allowed"))),
    "an-error-document-under-200": ("semantics", says(reply_with("Content-Type: application/problem+json; charset=utf-8", body=b"{}"))),
    "two-content-types": ("ambiguous", says(reply_with("Content-Type: application/json", "content-type: application/json"))),
    "two-invalidate-fields": ("ambiguous", says(reply_with("X-Mizan-Invalidate: a", "X-Mizan-Invalidate: b"))),
    "two-tags": ("ambiguous", says(reply_with('ETag: "a"', 'ETag: "a"'))),
    "two-cache-controls": ("ambiguous", says(reply_with("Cache-Control: no-store", "Cache-Control: public"))),
    "two-equal-lengths": ("ambiguous", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}")),
    "an-unasked-encoding": ("over-limit", says(reply_with("Content-Encoding: gzip", body=b"\x1f\x8b"))),
}


@contextlib.contextmanager
def talking(script, limit_s=2.0):
    with serving(script) as server, contextlib.closing(Http(*server.address, exchange_s=limit_s)) as http:
        yield http, server


@pytest.mark.parametrize("mode", BROKEN)
def test_broken_bytes_are_broken_for_one_reason(mode):
    reason, script = BROKEN[mode]
    with talking(script) as (http, _), pytest.raises(Broken) as broken:
        http.exchange(GET)
    assert broken.value.reason == reason


@pytest.mark.parametrize("mode", HANG)
def test_a_reply_has_one_deadline_however_it_hangs(mode):
    began = time.monotonic()
    with talking(HANG[mode], LIMIT_S) as (http, _), pytest.raises(Broken) as broken:
        http.exchange(GET)
    assert broken.value.reason == "hang"
    assert LIMIT_S <= time.monotonic() - began < 2 * LIMIT_S + 2


@pytest.mark.parametrize("raw", [OK, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX-T: 1\r\n\r\n",
                                 b"HTTP/1.1 100 Continue\r\n\r\n" * 16 + OK, b"HTTP/1.1 200 \r\nContent-Length:2\r\n\r\n{}"],
                         ids=["length", "chunked", "interim", "no-reason"])
def test_the_ways_to_say_a_reply_are_all_read(raw):
    with talking(says(raw)) as (http, _):
        assert http.exchange(GET).body == http.exchange(GET).body == b"{}"


def test_a_body_that_ends_with_the_connection_is_read():
    with talking(says_and_closes(b"HTTP/1.1 200 OK\r\n\r\n{}")) as (http, server):
        assert http.exchange(GET).body == http.exchange(GET).body == b"{}"
        assert server.connections == 2


def test_a_reply_that_drips_in_time_is_whole():
    with talking(says(*[part for at in range(len(OK)) for part in (OK[at:at + 1], 0.001)])) as (http, _):
        assert http.exchange(GET).body == b"{}"


def test_one_connection_is_kept_alive():
    with talking(says(OK)) as (http, server):
        for _ in range(3):
            http.exchange(GET)
        assert server.connections == 1


@pytest.mark.parametrize("raw", [OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), OK.replace(b"HTTP/1.1", b"HTTP/1.0")])
def test_a_connection_that_is_said_to_close_is_not_used_again(raw):
    with talking(says(raw)) as (http, server):
        assert http.exchange(GET).body == http.exchange(GET).body == b"{}"
        assert server.connections == 2


def test_a_connection_that_closes_late_is_opened_again():
    with talking(says_and_closes(OK)) as (http, _):
        first = http.exchange(GET)
        time.sleep(0.05)
        assert http.exchange(GET).body == first.body


def test_bytes_that_wait_before_we_ask_are_past_the_end():
    with talking(says(OK, 0.02, OK)) as (http, _):
        http.exchange(GET)
        time.sleep(0.1)
        with pytest.raises(Broken, match="extra-bytes"):
            http.exchange(GET)


def test_an_exchange_lasts_until_its_reply_is_whole(monkeypatch):
    monkeypatch.setattr(transport, "PAST_END_S", 0.25)
    with talking(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as (http, _):
        began = time.monotonic()
        http.exchange(GET)
        assert time.monotonic() - began - http.log[0].elapsed_s >= 0.25


@pytest.mark.parametrize(("status", "asked"), [("204 No Content", GET), ("200 OK", Request("HEAD", "/")),
                                               ("304 Not Modified", Request("GET", "/", (("If-None-Match", "*"),)))])
def test_a_body_where_none_may_be_is_noticed_even_when_it_is_late(status, asked):
    with talking(says(f"HTTP/1.1 {status}\r\n\r\n".encode(), 0.03, b"{}")) as (http, _):
        http.exchange(asked)
        time.sleep(0.1)
        with pytest.raises(Broken, match="semantics"):
            http.exchange(asked)


def test_a_reply_to_head_has_a_length_and_no_body():
    with talking(says(reply_with(body=b"{}")[:-2])) as (http, _):
        reply = http.exchange(Request("HEAD", "/"))
        assert (reply.status, reply.header("content-length"), reply.body) == (200, "2", b"")


def test_encodings_that_were_asked_for_are_left_as_they_are():
    with talking(says(reply_with("Content-Encoding: gzip", body=b"\x1f\x8b"))) as (http, _):
        assert http.exchange(Request("GET", "/", (("Accept-Encoding", "gzip"),))).body == b"\x1f\x8b"


def test_nobody_who_ever_listened_is_no_answer_and_nobody_any_more_is_closed():
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    with pytest.raises(NoAnswer, match="unreachable"):
        Http(*address).exchange(GET)
    with talking(says_and_closes(OK)) as (http, server):
        http.exchange(GET)
        http.close()
        server.listening.shutdown(socket.SHUT_RDWR)
        server.listening.close()
        with pytest.raises(Broken, match="closed"):
            http.exchange(GET)


# -- what goes out -------------------------------------------------------------------------------------------------------

def test_a_request_goes_out_as_it_is_given():
    headers = (("x-B", "2"), ("X-a", "1"), ("x-B", "3"), ("Host", "a b"), ("Host", "c"))
    asked = Request("PoST", "/api/mizan/%2e%2e/?a b=\udcff", headers, b"\0")
    with talking(says(OK)) as (http, server):
        http.exchange(asked)
        assert server.heard == [b"PoST /api/mizan/%2e%2e/?a b=\xff HTTP/1.1\r\nAccept-Encoding: identity\r\nx-B: 2\r\nX-a: 1\r\nx-B: 3\r\n"
                                b"Host: a b\r\nHost: c\r\nContent-Length: 1\r\n\r\n\0"]


def test_nothing_is_added_but_host_identity_and_length():
    with talking(says(OK)) as (http, server):
        http.exchange(POST)
        host = "{}:{}".format(*server.address).encode()
        assert server.heard == [b"POST /api/mizan/call/ HTTP/1.1\r\nHost: " + host + b"\r\nAccept-Encoding: identity\r\n"
                                b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"]


def test_a_field_without_a_value_is_left_out():
    assert message(Request("GET", "/", (("Host", None), ("Accept-Encoding", None))), ("h", 1)) == b"GET / HTTP/1.1\r\n\r\n"


def test_another_style_says_the_same():
    plain, other = (message(POST, ("127.0.0.1", 9), *style) for style in ((), (OTHER,)))
    lines = [{line.lower() for line in raw.split(b"\r\n") if not line.lower().startswith(b"user-agent")} for raw in (plain, other)]
    assert plain != other
    assert lines[0] == lines[1]


@pytest.mark.parametrize(("withhold", "sent"), [(False, b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), (True, b"2\r\nab\r\n1\r\nc\r\n")])
def test_a_chunked_body_can_keep_its_last_chunk_back(withhold, sent):
    with talking(says(OK)) as (http, server):
        assert http.exchange(Request("POST", "/", chunks=(b"ab", b"c"), withhold=withhold)).status == 200
        assert server.heard[0].partition(b"\r\n\r\n")[2] == sent


@pytest.mark.parametrize("asked", [Request("POST", "/", (("Content-Length", "9"),), b"{}"),
                                   Request("POST", "/", chunks=(b"a",), withhold=True)], ids=["length", "chunks"])
def test_the_next_request_is_not_read_as_the_rest_of_an_unfinished_one(asked):
    with talking(says(OK)) as (http, server):
        http.exchange(asked)
        assert http.exchange(GET).status == 200
        assert server.connections == 2


def test_an_early_reply_is_read_though_the_body_is_never_taken():
    with socket.create_server(("127.0.0.1", 0)) as listening, contextlib.closing(Http(*listening.getsockname(), exchange_s=2)) as http:
        def refuse():
            connection, _ = listening.accept()
            connection.recv(100)
            connection.sendall(reply_with(status="413 Content Too Large"))
            connection.shutdown(socket.SHUT_WR)
            time.sleep(0.2)
            connection.close()

        thread = threading.Thread(target=refuse)
        thread.start()
        assert http.exchange(Request("POST", "/", body=b"x" * (64 << 20))).status == 413
        thread.join()


# -- the log, second connections, changed replies ------------------------------------------------------------------------

def test_the_log_holds_both_streams_and_what_became_of_them():
    with talking(says(OK)) as (http, server):
        http.label = "names.known"
        http.exchange(POST)
        http.again().exchange(GET)
    first, second = http.log
    assert (first.request, first.received, first.reply.status, first.broken, first.label) == (POST, OK, 200, None, "names.known")
    assert first.sent == server.heard[0]
    assert (second.label, second.at_s > first.at_s) == (None, True)


def test_the_log_keeps_64_kib_and_a_digest_of_the_rest():
    with talking(says(reply_with(body=b"x" * 100_000))) as (http, _):
        http.exchange(GET)
    assert (len(http.log[0].received), len(http.log[0].reply.raw), len(http.log[0].sha256)) == (65536, 65536, 64)
    assert http.log[0].cut_bytes == len(reply_with(body=b"x" * 100_000)) - 65536


def test_a_broken_exchange_is_in_the_log():
    with talking(says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc")) as (http, _), contextlib.suppress(Broken):
        http.exchange(GET)
    assert (http.log[0].broken.reason, http.log[0].reply, http.log[0].received[-3:]) == ("truncated", None, b"abc")


def test_requests_sent_ahead_go_out_in_one_write_and_are_answered_in_order():
    first, second = (reply_with("Content-Type: application/json", body=body) for body in (b"1", b"2"))
    with talking(says(first + second)) as (http, server):
        bodies = [http.exchange(request).body for request in (replace(POST, ahead=(GET,)), GET)]
        assert (bodies, server.connections, len(server.heard)) == ([b"1", b"2"], 1, 1)


def test_bytes_past_the_last_reply_to_what_was_sent_ahead_are_broken():
    with talking(says(OK + OK + b"x")) as (http, _):
        http.exchange(replace(POST, ahead=(POST,)))
        with pytest.raises(Broken, match="extra-bytes"):
            http.exchange(POST)


def test_changed_replies_are_judged_like_any_bytes():
    with talking(says(OK)) as (http, _):
        same = Mutated(http, lambda reply: reply)
        assert (same.exchange(GET).status, same.changed) == (200, 0)
        other = Mutated(http, lambda reply: reply.with_status(401))
        with pytest.raises(Broken, match="semantics"):
            other.exchange(GET)
        assert other.changed == 1


# -- replies -------------------------------------------------------------------------------------------------------------

def a_reply(body: bytes = b'{"result":{"id":5,"":1},"errors":[{"code":"type"}]}', *headers: tuple[bytes, bytes]) -> Reply:
    return Reply(200, ((b"Content-Type", b"application/json"), *headers), body, GET)


@pytest.mark.parametrize(("path", "found"), [("result.id", 5), ("errors.0.code", "type"), ("result.name", ABSENT), ("errors.1", ABSENT),
                                             ("result.id.x", ABSENT), ("errors.code", ABSENT)])
def test_a_member_is_found_by_its_path(path, found):
    assert a_reply().member(path) == found


def test_a_header_is_one_text_or_absent_and_two_are_ambiguous():
    reply = a_reply(b"", (b"X-A", b"1"), (b"x-a", b"2"))
    assert (reply.header("content-TYPE"), reply.header("X-B")) == ("application/json", ABSENT)
    with pytest.raises(Broken, match="ambiguous"):
        reply.header("X-A")


def test_a_body_that_is_no_i_json_is_broken():
    with pytest.raises(Broken, match="json"):
        a_reply(b'{"a":1,"a":2}').member("a")


def test_a_reply_is_changed_by_making_another():
    reply = a_reply().with_header("content-type", "application/problem+json").with_header("X-A", "1").with_json(lambda document: {**document, "n": 1})
    assert (reply.header("Content-Type"), reply.header("X-A"), reply.member("n")) == ("application/problem+json", "1", 1)
    assert reply.without_header("x-a").with_status(404).with_body(b"").header("X-A") == ABSENT


@pytest.mark.parametrize("media", ["text/html", "text/json", "application/jsonp", ""])
def test_a_body_that_does_not_say_that_it_is_json_is_not_read_as_json(media):
    with pytest.raises(Broken, match="ambiguous"):
        a_reply().with_header("Content-Type", media).json()


def test_a_list_of_fields_may_be_said_in_two_fields():
    check_meaning(GET, 200, ((b"Vary", b"a"), (b"Vary", b"b")))
