"""The strict reader takes I-JSON, tells numbers apart, and refuses everything else with a word, at once."""
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afi import ijson

GOOD = {
    b'{"a":1}': {"a": 1}, b" [1 , 2]\n": [1, 2], b"null": None, b'"\\ud83d\\ude00"': "\U0001f600", b'"\xf0\x9f\x98\x80"': "\U0001f600",
    b"9007199254740991": 2**53 - 1, b"-9007199254740991": 1 - 2**53, b"1e308": 1e308, b"1e-400": 0.0, b'{"a":{"a":1}}': {"a": {"a": 1}},
    b'"\xc3\xa9\\u0000"': "é\0", b'"[[[[[[[[' + b"[" * 100 + b'"': "[" * 108, b'"\\ufffd"': "\ufffd",
    b'"\xf0\x9f\xbf\xbd"': "\U0001fffd",
}
REFUSED = {
    "bom": [b"\xef\xbb\xbf{}"],
    "utf-8": [b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', '{"a":1}'.encode("utf-16"), b'"\xc3'],
    "syntax": [b"", b" ", b"{}{}", b"{} x", b"[1,]", b"{'a':1}", b"NaN", b"[Infinity]", b"-Infinity", b"01", b"1.", b".5", b"+1", b"0x1",
               b'"\t"', b'"\n"', b'{"a":1,}', b"[1] // x", b"nul", b'"\\x41"', b'{a:1}', '{"a":1}'.encode("utf-16-le"), b"[1\x0b]",
               b"\xc2\xa01", b'"a', "[1\u0661]".encode(), b"-", b'"\\u00g0"'],
    "depth": [b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 100_000, b'["\\"[",' + b"[" * 64],
    "duplicate": [b'{"a":1,"a":1}', b'{"a":1,"\\u0061":2}', b'[{"b":{"a":1,"a":2}}]', b'{"":1,"":2}', b'{"__proto__":1,"__proto__":2}'],
    "number": [b"9007199254740992", b"-9007199254740992", b"9" * 5000, b"1e400", b"-1e400", b"1" + b"0" * 400 + b".5"],
    "surrogate": [b'"\\ud800"', b'"\\udc00x"', b'{"\\ud800":1}', b'["a","\\ud800\\u0041"]', b'"\\uD83D"'],
    "noncharacter": [b'"\\uffff"', b'"\xef\xbf\xbf"', '"\ufdd0"'.encode(), '{"\U0010ffff":1}'.encode(), b'"\\ud83f\\udffe"'],
}


@pytest.mark.parametrize("raw", GOOD, ids=repr)
def test_what_is_i_json_is_read(raw):
    assert ijson.load(raw) == GOOD[raw]


def test_sixty_four_open_brackets_are_read_and_one_more_is_not():
    ijson.load(b"[" * 64 + b"]" * 64)
    with pytest.raises(ijson.NotIJsonError, match="depth"):
        ijson.load(b"[" * 65 + b"]" * 65)


@pytest.mark.parametrize(("word", "raw"), [(word, raw) for word, several in REFUSED.items() for raw in several], ids=lambda v: repr(v)[:40])
def test_what_is_not_is_refused_with_a_word_at_once(word, raw):
    began = time.monotonic()
    with pytest.raises(ijson.NotIJsonError) as refused:
        ijson.load(raw)
    assert refused.value.word == word
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(("raw", "kind"), [(b"1", int), (b"1.0", float), (b"1e0", float), (b"-0", float), (b"0", int), (b"-1", int)])
def test_ints_and_floats_are_told_apart(raw, kind):
    assert type(ijson.load(raw)) is kind


MEGABYTES = {"quotes": b'"' * (4 << 20), "backslashes": b'["' + b"\\" * (4 << 20), "escaped-quotes": b"[" * 65 + b'"\\' * (2 << 20),
             "brackets": b"[" * (4 << 20), "endless-text": b'"' + b"a" * (4 << 20)}


@pytest.mark.parametrize("raw", MEGABYTES.values(), ids=MEGABYTES)
def test_megabytes_of_nonsense_are_refused_in_under_a_second(raw):
    began = time.monotonic()
    with pytest.raises(ijson.NotIJsonError):
        ijson.load(raw)
    assert time.monotonic() - began < 1


@given(st.recursive(st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
                    | st.text(st.characters(max_codepoint=0xFDCF, exclude_categories=["Cs"])),
                    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "[", '"', "\\"]), inner), max_leaves=20))
def test_every_value_is_read_as_the_standard_library_wrote_it(value):
    assert ijson.load(json.dumps(value).encode()) == value


NEARLY = st.text(st.sampled_from('{}[]",:\\u0189deE+-. tfnulrs\ud800'), max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=40) | NEARLY)
def test_no_bytes_raise_anything_but_a_refusal(raw):
    try:
        ijson.load(raw)
    except ijson.NotIJsonError:
        return
    json.loads(raw)
