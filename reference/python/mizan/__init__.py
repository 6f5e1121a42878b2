"""Mizan: typed functions for web and desktop front ends. Declare with `client`; a binding such as `mizan.fastapi` serves."""
from mizan.annotations import Int64, Json
from mizan.declare import client
from mizan.errors import ApplicationError, BadDeclaration, Misuse, Problem, WrongOutput
from mizan.function import Composition, Context, ReactContext, ServerFunction
from mizan.invalidation import invalidate
from mizan.registry import (
    Registry,
    RegistryExtension,
    clear_registry,
    get_all_compositions,
    get_all_functions,
    get_compose,
    get_context_groups,
    get_contexts,
    get_function,
    get_registry,
    get_schema,
    register,
    register_as,
    register_compose,
    register_extension,
    validate_registry,
)
from mizan.response import is_framework_response, set_framework_response_base
from mizan.upload import Upload

__all__ = [
    "ApplicationError", "BadDeclaration", "Composition", "Context", "Int64", "Json", "Misuse", "Problem", "ReactContext", "Registry",
    "RegistryExtension", "ServerFunction", "Upload", "WrongOutput", "clear_registry", "client", "get_all_compositions", "get_all_functions",
    "get_compose", "get_context_groups", "get_contexts", "get_function", "get_registry", "get_schema", "invalidate",
    "is_framework_response", "register", "register_as", "register_compose", "register_extension", "set_framework_response_base",
    "validate_registry",
]
