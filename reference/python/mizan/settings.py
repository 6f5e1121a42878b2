"""
Settings, read from the environment once, before anything listens.

Source: spec/ground.md, Settings. Errors: BadSetting names the setting; a program that meets one does not start.
"""
import re
from collections.abc import Mapping
from dataclasses import dataclass

# An origin as browsers write it (RFC 6454, 6.2): lower case, no path, no user, no default port.
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://((?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LAST_PORT = 65_535


class BadSetting(ValueError):
    """A setting that no start can go on with; the message names it and says what would do."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides. `origins`: who may read replies across origins; none: CORS is off."""

    origins: frozenset[str] = frozenset()


def read(environment: Mapping[str, str]) -> Settings:
    """Raises: BadSetting."""
    return Settings(origins=origins_in(environment.get("MIZAN_ORIGINS", "")))


def origins_in(text: str) -> frozenset[str]:
    """Returns: the origins of `MIZAN_ORIGINS`, which stand between spaces. Raises: BadSetting."""
    return frozenset(checked_origin(one) for one in text.split())


def checked_origin(text: str) -> str:
    """Returns: `text`, an origin that some browser can send. Raises: BadSetting."""
    seen = _ORIGIN.fullmatch(text)
    if seen is None:
        raise BadSetting(f"MIZAN_ORIGINS: {text!r} is not an origin; wanted scheme://host or scheme://host:port in lower case, "
                         "without a path or a slash at the end; `*` and `null` are no origins: list each one, with spaces between")
    scheme, _, port = seen.groups()
    if port is not None and (port == _DEFAULT_PORTS.get(scheme) or int(port) > _LAST_PORT):
        raise BadSetting(f"MIZAN_ORIGINS: no browser sends the port of {text!r}; leave out a scheme's own, and stay within {_LAST_PORT}")
    return text
