"""query: raw bytes to effective values and back, one spelling a value."""
import datetime as dt
from decimal import Decimal

import pydantic
import pytest

from mizan import Int64, Json, Registry, client, query


class Point(pydantic.BaseModel):
    x: int
    price: Decimal = Decimal("0")


def probe(request, i: int = 0, s: str = "d", f: float = 0, b: bool = False, n: int | None = None, big: Int64 = 0, raw: bytes = b"",
          d: Decimal = Decimal(0), at: dt.datetime = dt.datetime(2000, 1, 1), ints: list[int] = [], blobs: list[bytes] = [],
          maybes: list[int | None] = [], p: Point = Point(x=0), u: int | str = 0, j: Json = None) -> None: ...


FUNCTION = client(registry=Registry())(probe)


def found(raw):
    """Returns: (the values that the query gives beside the defaults, [(pointer, code)…])."""
    values, mismatches = query.decode(raw.encode(), FUNCTION.parameters, FUNCTION.names)
    defaults, _ = query.decode(b"", FUNCTION.parameters, FUNCTION.names)
    return {name: one for name, one in values.items() if one != defaults[name]}, [(one.pointer, one.code) for one in mismatches]


@pytest.mark.parametrize(("raw", "values"), [
    ("i=5&s=", {"i": 5, "s": ""}), ("&&i=5&", {"i": 5}), ("s=a%26b%3Dc+d%2Be=f", {"s": "a&b=c d+e=f"}), ("%69=5", {"i": 5}),
    ("f=1e%2B21", {"f": 1e21}),
    ("b=true", {"b": True}), ("n.json=null", {}), ("n=5", {"n": 5}), ("s=null", {"s": "null"}),
    ("ints=2&i=1&ints=1", {"ints": [2, 1], "i": 1}),
    ("ints.json=[]", {}), ("blobs=AQ", {"blobs": [b"\x01"]}), ('blobs.json=["AQ",""]', {"blobs": [b"\x01", b""]}), ('raw.json=""', {}),
    ("maybes.json=[null]", {"maybes": [None]}), ('p.json={"x":5}', {"p": Point(x=5)}), ('u.json="5"', {"u": "5"}), ("u.json=5", {"u": 5}),
    ("j.json=[1,null]", {"j": [1, None]}), ("d=1.5", {"d": Decimal("1.5")}), ("s=%F0%9F%98%80", {"s": "\U0001f600"}),
])
def test_the_one_spelling_is_read(raw, values):
    assert found(raw) == (values, [])


@pytest.mark.parametrize(("raw", "mismatches"), [
    ("i", [("", "format")]), ("i=%4", [("", "format")]), ("i=%ff", [("", "format")]), ("x=1&x=%zz", [("", "format")]),
    ("i=01", [("/i", "type")]),
    ("i=", [("/i", "type")]), ("i=1.0", [("/i", "type")]), ("i=-0", [("/i", "type")]), ("i=9007199254740992", [("/i", "range")]),
    ("f=1.0", [("/f", "type")]), ("f=-0", [("/f", "type")]), ("f=100000000000000000000", [("/f", "range")]), ("b=1", [("/b", "type")]),
    ("big=01", [("/big", "format")]), ("big=9223372036854775808", [("/big", "range")]), ("raw=", [("/raw", "format")]),
    ("d=1.50", [("/d", "format")]),
    ("at=2000-01-01T00:00:00%2B00:00", [("/at", "format")]), ("s=%EF%BF%BE", [("/s", "format")]), ("i=1&i=1", [("/i", "duplicate")]),
    ("i=1&i.json=1", [("/i", "duplicate")]), ("ints.json=[]&ints.json=[]", [("/ints", "duplicate")]), ("x=1&y=2", [("", "unknown")]),
    ("x.json=1", [("", "unknown")]), ("i.json=1", [("/i", "format")]), ("s.json=%22%22", [("/s", "format")]), ("n=null", [("/n", "type")]),
    ("ints.json=[1]", [("/ints", "format")]), ("ints=1&ints=x", [("/ints/1", "type")]), ("maybes=1", [("/maybes", "format")]),
    ('p.json={"x":+5}', [("/p", "format")]), ('p.json={"x":5,"price":"1"}', [("/p", "format")]),
    ('p.json={"price":"1.50","x":5}', [("/p/price", "format")]),
    ('p.json={"x":"5"}', [("/p/x", "type")]), ("p=5", [("/p", "format")]), ("u=5", [("/u", "format")]), ("j=5", [("/j", "format")]),
    ("i=x&b=y&z=1", [("", "unknown"), ("/b", "type"), ("/i", "type")]), ("&".join(["ints=1"] * 65), [("", "length")]),
    ("s=" + "x" * 8191, [("", "length")]),
])
def test_any_other_spelling_is_refused_at_its_pointer(raw, mismatches):
    assert found(raw)[1] == mismatches


def test_64_pieces_and_8192_bytes_are_within_the_limit():
    assert (found("&".join(["ints=1"] * 64))[1], found("s=" + "x" * 8190)[1]) == ([], [])


def test_a_required_parameter_is_missing():
    def other(request, a: int, b: int = 1) -> None: ...
    function = client(registry=Registry())(other)
    values, mismatches = query.decode(b"", function.parameters, function.names)
    assert (values, [(one.pointer, one.code) for one in mismatches]) == ({"b": 1}, [("/a", "missing")])


def test_what_is_written_reads_back():
    values = {"i": -5, "s": "é&=+ ", "f": 1e21, "b": True, "n": None, "big": 2**60, "raw": b"", "d": Decimal("1.50"), "ints": [2, 1],
        "blobs": [b"", b"x"],
              "maybes": [None, 1], "p": Point(x=1, price=Decimal("2.50")), "u": "5", "j": {"a": [None]},
              "at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)}
    raw = query.encode(values, FUNCTION.parameters, FUNCTION.names)
    read, mismatches = query.decode(raw.encode(), FUNCTION.parameters, FUNCTION.names)
    assert (read, mismatches) == (values, [])


def test_names_are_written_in_bytes_order_and_escaped():
    assert query.encode({"s": "é /", "i": 1, "ints": [2, 1]}, FUNCTION.parameters, FUNCTION.names) == "i=1&ints=2&ints=1&s=%C3%A9%20%2F"
