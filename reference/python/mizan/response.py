"""
Which class is the framework's own response: the binding says so once, so that the core imports no framework.

Source: the spec's page on calls (a function that returns the framework's own response).
"""
from typing import Any

_response: dict[str, type] = {}


def set_framework_response_base(cls: type) -> None:
    """Says which class, with its subclasses, is a response of the framework; the binding calls it when it is imported."""
    _response["base"] = cls


def is_framework_response(obj_or_cls: Any) -> bool:
    """Whether a class, or the class of an object, is the framework's own response; False while no binding has said."""
    known = _response.get("base")
    if known is None:
        return False
    return issubclass(obj_or_cls, known) if isinstance(obj_or_cls, type) else isinstance(obj_or_cls, known)


def status_of(response: Any) -> int:
    """Returns: the status of the framework's own response; Starlette, Django and Flask name it so."""
    return int(response.status_code)
