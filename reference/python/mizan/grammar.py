"""
Which names may be declared.

Source: the ground rules of the spec on names. Errors: BadName, naming the offender.
"""
import re

from mizan.errors import BadName

SEGMENT = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
FIELD_NAME = re.compile(r"(?!__proto__\Z)[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,127}\Z")
NAME_LIMIT_BYTES = 128
RESERVED = frozenset({"jwt", "mwt", "mizan"})


def is_segment(name: str) -> bool:
    """Whether a text is one segment: a lower-case letter, then letters, digits and underscores, at most 64 bytes."""
    return SEGMENT.match(name) is not None


def is_function_name(name: str) -> bool:
    """Whether a text is segments joined by dots, at most 128 bytes in all."""
    return len(name) <= NAME_LIMIT_BYTES and all(map(is_segment, name.split(".")))


def is_type_name(name: str) -> bool:
    return TYPE_NAME.match(name) is not None


def is_reserved(name: str) -> bool:
    return name.split(".")[0] in RESERVED


def check_segment(name: str, noun: str) -> None:
    """Raises: BadName, where the name of a context, parameter, slot, form or page is not one segment."""
    if not is_segment(name):
        raise BadName(f"{noun} {name!r}: not a name; wanted a lower-case letter, then a-z, 0-9 and _, at most 64 bytes")


def check_function_name(name: str) -> None:
    """Raises: BadName, where a function's name is outside the grammar or its first segment is reserved."""
    if not is_function_name(name):
        raise BadName(f"function {name!r}: not a name; wanted segments such as update_profile joined by dots, at most 128 bytes")
    if is_reserved(name):
        raise BadName(f"function {name!r}: the first segment is reserved ({', '.join(sorted(RESERVED))}); choose another")


def check_read_name(name: str) -> None:
    """Raises: BadName, where the name of a function with a context, which names a slot, is not one segment."""
    if not is_segment(name):
        raise BadName(f"function {name!r}: it has a context, so its name is a slot's: one segment, without a dot")


def check_field_name(name: str, where: str) -> None:
    """Raises: BadName, where the field of an object is no name in every language, or one that JavaScript gives a meaning."""
    if FIELD_NAME.match(name) is None:
        raise BadName(f"{where}: field {name!r} is not a name; wanted a letter or _, then letters, digits and _, at most 64 bytes, and not __proto__")


def check_type_name(name: str, where: str) -> None:
    """Raises: BadName, where an enum or object is not named `[A-Z][A-Za-z0-9]*`, at most 128 bytes."""
    if not is_type_name(name):
        raise BadName(f"{where}: type {name!r} is not a name; wanted a capital letter, then letters and digits; rename the class")
