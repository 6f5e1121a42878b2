"""
Text forms: how int64, decimal, date, datetime, uuid and bytes stand in a JSON string, in and out.

Source: the spec's ground rules on texts; RFC 3339 (datetime), RFC 4648 section 5 (base64url), RFC 9562 (uuid).
Errors: every reader raises BadText, whose `code` says whether the text has the wrong form (`format`) or a value out of reach (`range`);
        every writer raises WrongOutput for a Python value that its form cannot hold.
"""
import base64
import datetime as dt
import functools
import re
import uuid as uuids
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mizan.errors import WrongOutput

INT = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
DATETIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))\Z"
)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
INT64_CHARS = len(str(INT64_MIN))
DECIMAL_DIGITS = 38
LEAP_YEAR = 2000                                         # stands for the year 0000, which is one and which Python has not


class Long(int):
    """An int64 where a number may stand too, so that a writer tells `"5"` from `5`."""


class BadText(ValueError):
    """A text that is not of its form. `code`: format, or range."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_int64(text: str) -> int:
    """Reads an int by the rule `0|-?[1-9][0-9]*`, from -2^63 to 2^63-1."""
    if not INT.match(text):
        raise BadText("format")
    if len(text) > INT64_CHARS or not INT64_MIN <= int(text) <= INT64_MAX:
        raise BadText("range")
    return int(text)


def read_decimal(text: str) -> Decimal:
    """Reads at most 38 digits; zero has no sign. Trailing zeros are kept."""
    if not DECIMAL.match(text) or (text.startswith("-") and not text.strip("-0.")):
        raise BadText("format")
    if sum(char.isdigit() for char in text) > DECIMAL_DIGITS:
        raise BadText("range")
    return Decimal(text)


def read_date(text: str) -> dt.date:
    """Reads YYYY-MM-DD of a day that exists, years 0001 to 9999."""
    match = DATE.match(text)
    if not match:
        raise BadText("format")
    year, month, day = map(int, match.groups())
    try:
        found = dt.date(year or LEAP_YEAR, month, day)
    except ValueError as error:
        raise BadText("format") from error
    check_year(match[1])
    return found


def read_datetime(text: str) -> dt.datetime:
    """Reads RFC 3339 with an offset and at most 6 digits, no second 60; years 0001 to 9999 as written and in UTC. Returns: it in UTC."""
    match = DATETIME.match(text)
    if not match:
        raise BadText("format")
    fraction, sign, hours, minutes = match.groups()[6:]
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    if sign and (int(hours) > 23 or int(minutes) > 59):
        raise BadText("format")
    try:
        written = dt.datetime(year or LEAP_YEAR, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")), dt.UTC)
    except ValueError as error:
        raise BadText("format") from error
    check_year(match[1])
    offset = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        return written - offset if sign == "+" else written + offset
    except OverflowError as error:
        raise BadText("range") from error


def check_year(digits: str) -> None:
    """Raises: BadText, `range`, for the year 0000, which no calendar of ours has."""
    if digits == "0000":
        raise BadText("range")


def read_uuid(text: str) -> uuids.UUID:
    """Reads lower-case 8-4-4-4-12."""
    if not UUID.match(text):
        raise BadText("format")
    return uuids.UUID(text)


def read_bytes(text: str) -> bytes:
    """Reads base64url without padding and without unused bits."""
    if not BASE64URL.match(text) or len(text) % 4 == 1:
        raise BadText("format")
    value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if write_bytes(value) != text:
        raise BadText("format")
    return value


def write_int64(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or not INT64_MIN <= value <= INT64_MAX:
        raise WrongOutput(f"wanted an int from -2^63 to 2^63-1, got {type(value).__name__}")
    return str(int(value))


def write_decimal(value: Any) -> str:
    """Writes digits without an exponent, trailing zeros kept, zero unsigned."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise WrongOutput(f"wanted a finite Decimal, got {type(value).__name__}")
    if value.adjusted() > DECIMAL_DIGITS or value.adjusted() < -DECIMAL_DIGITS:
        raise WrongOutput(f"wanted a Decimal of at most {DECIMAL_DIGITS} digits")
    text = format(abs(value) if value.is_zero() else value, "f")
    if sum(char.isdigit() for char in text) > DECIMAL_DIGITS:
        raise WrongOutput(f"wanted a Decimal of at most {DECIMAL_DIGITS} digits")
    return text


def stripped_decimal(text: str) -> str:
    """Returns: a decimal as keys, entries and queries write it, without trailing zeros after the point."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_key_decimal(value: Any) -> str:
    return stripped_decimal(write_decimal(value))


def write_date(value: Any) -> str:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise WrongOutput(f"wanted a date, got {type(value).__name__}")
    return value.isoformat()


def write_datetime(value: Any) -> str:
    """Writes UTC with `Z`: no fraction if it is zero, 3 digits if whole milliseconds, else 6. A value without an offset is UTC."""
    if not isinstance(value, dt.datetime):
        raise WrongOutput(f"wanted a datetime, got {type(value).__name__}")
    try:
        utc = in_utc(value)
    except OverflowError as error:
        raise WrongOutput("wanted a datetime whose year in UTC is 0001 to 9999") from error
    return f"{utc.replace(microsecond=0, tzinfo=None).isoformat()}{fraction_text(utc.microsecond)}Z"


def in_utc(value: dt.datetime) -> dt.datetime:
    return value.replace(tzinfo=dt.UTC) if value.utcoffset() is None else value.astimezone(dt.UTC)


def fraction_text(microsecond: int) -> str:
    if microsecond == 0:
        return ""
    return f".{microsecond // 1000:03d}" if microsecond % 1000 == 0 else f".{microsecond:06d}"


def write_uuid(value: Any) -> str:
    if not isinstance(value, uuids.UUID):
        raise WrongOutput(f"wanted a UUID, got {type(value).__name__}")
    return str(value)


def write_bytes(value: Any) -> str:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise WrongOutput(f"wanted bytes, got {type(value).__name__}")
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


@dataclass(frozen=True)
class Spelling:
    """How text forms are spelt in one place: a reader and a writer for each kind."""

    read: Mapping[str, Callable[[str], Any]]
    write: Mapping[str, Callable[[Any], str]]


def read_out_form(kind: str, text: str) -> Any:
    """Reads a text form where a value has one spelling alone: what `KEY` would write. Raises: BadText, for any other spelling."""
    value = BODY.read[kind](text)
    if KEY.write[kind](value) != text:
        raise BadText("format")
    return value


BODY = Spelling(
    read={
        "int64": read_int64, "decimal": read_decimal, "date": read_date, "datetime": read_datetime, "uuid": read_uuid, "bytes": read_bytes,
    },
    write={
        "int64": write_int64, "decimal": write_decimal, "date": write_date, "datetime": write_datetime, "uuid": write_uuid,
        "bytes": write_bytes,
    },
)
KEY = Spelling(                                          # cache keys, entries and queries
    read={kind: functools.partial(read_out_form, kind) for kind in BODY.read},
    write={**BODY.write, "decimal": write_key_decimal},
)
