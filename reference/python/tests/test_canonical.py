"""canonical: strict reading, RFC 8785 writing."""
import random
import struct
import time

import pytest

from mizan import canonical
from mizan.canonical import NotIJson


def kind_of(raw: bytes) -> str:
    with pytest.raises(NotIJson) as refused:
        canonical.read(raw)
    return refused.value.kind


@pytest.mark.parametrize("raw", [
    b"", b"[1,]", b"1 2", b"01", b"+1", b".5", b"1.", b"NaN", b"[-Infinity]", b'"\n"', b'"\\x41"', b"[1]//", b"\xc2\xa01", b"\xef\xbb\xbf1",
    b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', "1".encode("utf-16"), b'{"a":1,"a":1}', b'{"a":1,"\\u0061":2}', b'["\\ud83d"]',
    b'{"\\udc00":1}', b'"\\ude00\\ud83d"', b'"\\uffff"', b'"\\ufdd0"', b'"\\ud83f\\udfff"', b'"\xef\xbf\xbe"', b"True", b"{a:1}", b"'a'",
])
def test_what_is_not_i_json_is_syntax(raw):
    assert kind_of(raw) == "syntax"


@pytest.mark.parametrize("raw", [b"9007199254740992", b"[-9007199254740993]", b"1" * 5000, b"-" + b"1" * 5000, b"1e400", b"-1.8e308"])
def test_a_number_out_of_reach_is_number(raw):
    assert kind_of(raw) == "number"


@pytest.mark.parametrize("raw", [b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 100_000, b'[{"a":' * 50_000])
def test_more_than_64_open_brackets_is_depth(raw):
    assert kind_of(raw) == "depth"


def test_brackets_in_strings_do_not_nest():
    assert canonical.read(b'["' + b"[" * 1000 + b'\\"' + b"{" * 1000 + b'"]') == ["[" * 1000 + '"' + "{" * 1000]


def test_64_open_brackets_are_read():
    assert canonical.write(canonical.read(b"[" * 64 + b"]" * 64)) == b"[" * 64 + b"]" * 64


@pytest.mark.parametrize("raw",
    [b"[" * 100_000, b"1" * 100_000, b'"' + b"\\" * 100_001 + b'"', b'"' * 100_001, b"[" + b'"\\ud800",' * 20_000])
def test_hostile_documents_are_refused_quickly(raw):
    start = time.perf_counter()
    with pytest.raises(NotIJson):
        canonical.read(raw)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(("raw", "value"), [
    (b"1", 1), (b"-5", -5), (b"1.0", 1.0), (b"1e0", 1.0), (b"-0", 0.0), (b"-0.0", 0.0), (b"-1e-400", 0.0), (b"9007199254740991", 2**53 - 1),
])
def test_ints_and_floats_are_told_apart_by_their_token(raw, value):
    read = canonical.read(raw)
    assert (type(read), repr(read)) == (type(value), repr(value))


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0"), (-0.0, "0"), (1.0, "1"), (1e21, "1e+21"), (1e-7, "1e-7"), (1e-6, "0.000001"), (5e-324, "5e-324"), (0.1, "0.1"),
    (1.7976931348623157e308, "1.7976931348623157e+308"), (333333333.3333333, "333333333.3333333"), (-123.456, "-123.456"), (4.5, "4.5"),
    (1424953923781206.25, "1424953923781206.2"), (9.999999999999997e22, "9.999999999999997e+22"), (9007199254740991.0, "9007199254740991"),
    (0.002, "0.002"), (2.2250738585072014e-308, "2.2250738585072014e-308"), (1.2e-6, "0.0000012"), (1.5e300, "1.5e+300"),
])
def test_numbers_are_written_as_ecmascript_does(value, text):
    assert canonical.write(value).decode() == text


def test_every_written_double_reads_back():
    draw = random.Random(7)
    for _ in range(2000):
        value = struct.unpack(">d", draw.randbytes(8))[0]
        if value == value and abs(value) != float("inf") and not 2**53 <= abs(value) < 1e21:
            assert float(canonical.write(value)) == value


@pytest.mark.parametrize("value", [
    2**53, -(2**53), 1e20, 9007199254740992.0, float("nan"), float("inf"), float("-inf"), "\ud800", "\uffff", {"\udfff": 1}, {1: 2},
    {1, 2}, b"",
])
def test_what_canonical_json_cannot_say_is_refused(value):
    with pytest.raises(NotIJson):
        canonical.write([value])


def test_a_value_that_holds_itself_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(NotIJson):
        canonical.write(value)


def test_members_are_sorted_by_utf_16_code_units():
    assert canonical.write({"\ufb33": 1, "\U0001f600": 2, "a": 3, "": 4}).decode() == '{"":4,"a":3,"\U0001f600":2,"\ufb33":1}'


def test_texts_are_escaped_only_where_json_asks():
    assert canonical.write('\b\t\n\f\r"\\/\x00\x1f\x7f\u2028é').decode() == '"\\b\\t\\n\\f\\r\\"\\\\/\\u0000\\u001f\x7f\u2028é"'


@pytest.mark.parametrize("raw", [b'"' + b'\\"' * 500_000, b'\\"' * 500_000, b'"' * 1_000_000, b"[" + b'"' * 999_999, b"1" * 1_000_000])
def test_reading_takes_time_in_proportion_to_the_length(raw):
    began = time.process_time()
    assert kind_of(raw) in ("syntax", "number")
    assert time.process_time() - began < 3                 # a quadratic reader takes minutes
