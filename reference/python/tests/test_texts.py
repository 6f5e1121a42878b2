"""texts: the forms of int64, decimal, date, datetime, uuid and bytes, in and out."""
import datetime as dt
import uuid
from decimal import Decimal

import pytest

from mizan import texts
from mizan.errors import WrongOutput

SECOND = dt.datetime(2024, 2, 29, 12, 34, 56, tzinfo=dt.UTC)


def code_of(kind, text, spelling=texts.BODY):
    with pytest.raises(texts.BadText) as refused:
        spelling.read[kind](text)
    return refused.value.code


@pytest.mark.parametrize(("kind", "text", "value"), [
    ("int64", "0", 0), ("int64", "-9223372036854775808", -(2**63)), ("int64", "9223372036854775807", 2**63 - 1),
    ("decimal", "1.50", Decimal("1.50")), ("decimal", "-0.5", Decimal("-0.5")), ("decimal", "9" * 38, Decimal("9" * 38)),
    ("date", "2024-02-29", dt.date(2024, 2, 29)), ("datetime", "2024-02-29T12:34:56Z", SECOND),
    ("datetime", "2024-02-29t12:34:56z", SECOND), ("datetime", "2024-02-29T18:04:56+05:30", SECOND),
    ("datetime", "2024-02-29T12:34:56-00:00", SECOND), ("datetime", "2024-02-29T12:34:56.000001Z", SECOND.replace(microsecond=1)),
    ("uuid", "0189f0c2-7a1b-7c3d-8e4f-0123456789ab", uuid.UUID("0189f0c2-7a1b-7c3d-8e4f-0123456789ab")),
    ("bytes", "", b""), ("bytes", "-_8", b"\xfb\xff"), ("bytes", "AQ", b"\x01"),
])
def test_a_text_of_its_form_is_read(kind, text, value):
    assert texts.BODY.read[kind](text) == value


@pytest.mark.parametrize(("kind", "text"), [
    ("int64", "01"), ("int64", "+1"), ("int64", "-0"), ("int64", "1.0"), ("int64", "1\n"), ("int64", "\uff11"), ("int64", ""),
    ("decimal", "-0"), ("decimal", "-0.00"), ("decimal", ".5"), ("decimal", "1."), ("decimal", "1e2"), ("decimal", "01"),
    ("decimal", "NaN"),
    ("date", "2023-02-29"), ("date", "20240229"), ("date", "2024-2-29"), ("date", "2024-13-01"), ("date", "0000-13-01"),
    ("date", "0000-02-30"), ("datetime", "0000-13-01T00:00:00Z"),
    ("datetime", "2024-02-29T12:34:56"), ("datetime", "2024-02-29 12:34:56Z"), ("datetime", "2016-12-31T23:59:60Z"),
    ("datetime", "2024-02-29T12:34:56.1234567Z"), ("datetime", "2024-02-29T24:00:00Z"), ("datetime", "2024-02-29T12:34:56+24:00"),
    ("datetime", "2024-02-29T12:34:56+05:60"), ("datetime", "2024-02-29T12:34Z"), ("datetime", "2024-02-29T12:34:56Z\n"),
    ("uuid", "0189F0C2-7A1B-7C3D-8E4F-0123456789AB"), ("uuid", "0189f0c27a1b7c3d8e4f0123456789ab"),
    ("bytes", "AQ=="), ("bytes", "AR"), ("bytes", "A"), ("bytes", "+/8"), ("bytes", "AQ\n"),
])
def test_a_text_of_another_form_is_format(kind, text):
    assert code_of(kind, text) == "format"


@pytest.mark.parametrize(("kind", "text"), [
    ("int64", "9223372036854775808"), ("int64", "-9223372036854775809"), ("int64", "1" * 5000), ("decimal", "9" * 39),
    ("decimal", "0." + "1" * 38), ("date", "0000-02-29"), ("datetime", "0000-12-31T23:59:59-01:00"),
    ("datetime", "0001-01-01T00:00:00+00:01"), ("datetime", "9999-12-31T23:59:59-00:01"),
])
def test_a_value_out_of_reach_is_range(kind, text):
    assert code_of(kind, text) == "range"


@pytest.mark.parametrize(("kind", "text"), [
    ("decimal", "1.50"), ("decimal", "1.0"), ("datetime", "2024-02-29T12:34:56+00:00"), ("datetime", "2024-02-29T12:34:56.000Z"),
    ("datetime", "2024-02-29T12:34:56.5Z"), ("datetime", "2024-02-29t12:34:56Z"),
])
def test_where_a_value_has_one_spelling_any_other_is_format(kind, text):
    assert code_of(kind, text, texts.KEY) == "format"


@pytest.mark.parametrize(("value", "text"), [
    (SECOND, "2024-02-29T12:34:56Z"), (SECOND.replace(microsecond=500_000), "2024-02-29T12:34:56.500Z"),
    (SECOND.replace(microsecond=1), "2024-02-29T12:34:56.000001Z"), (SECOND.replace(tzinfo=None), "2024-02-29T12:34:56Z"),
    (SECOND.astimezone(dt.timezone(dt.timedelta(hours=-8))), "2024-02-29T12:34:56Z"), (dt.datetime(1, 1, 1), "0001-01-01T00:00:00Z"),
])
def test_a_datetime_goes_out_in_utc(value, text):
    assert texts.write_datetime(value) == text


def test_a_datetime_beyond_the_calendar_in_utc_is_refused():
    with pytest.raises(WrongOutput):
        texts.write_datetime(dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.timezone(-dt.timedelta(hours=1))))


@pytest.mark.parametrize(("value", "text"), [
    (Decimal("1.50"), "1.50"), (Decimal("1E+2"), "100"), (Decimal("-0.0"), "0.0"), (Decimal("1E-7"), "0.0000001"), (Decimal("-12"), "-12"),
])
def test_a_decimal_goes_out_without_exponent_and_keeps_its_zeros(value, text):
    assert texts.write_decimal(value) == text


@pytest.mark.parametrize("value",
    [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("1E-999999"), Decimal("9" * 39), 1.5, 1])
def test_a_decimal_that_its_form_cannot_hold_is_refused(value):
    with pytest.raises(WrongOutput):
        texts.write_decimal(value)


@pytest.mark.parametrize(("text", "stripped"), [("1.50", "1.5"), ("1.00", "1"), ("100", "100"), ("0.0", "0"), ("-0.10", "-0.1")])
def test_a_key_has_no_trailing_zeros(text, stripped):
    assert texts.stripped_decimal(text) == stripped


@pytest.mark.parametrize(("kind", "value"), [
    ("int64", True), ("int64", 2**63), ("int64", "5"), ("date", SECOND), ("datetime", SECOND.date()), ("uuid", "x"), ("bytes", "x"),
])
def test_a_python_value_of_another_type_is_refused(kind, value):
    with pytest.raises(WrongOutput):
        texts.BODY.write[kind](value)
