"""registry and seal: what an application declared, checked as a whole."""
import warnings

import pydantic
import pytest

import mizan
from mizan import BadDeclaration, ReactContext, Registry, client
from mizan.seal import UnboundName

USER, TEAM = ReactContext("user"), ReactContext("team")


class User(pydantic.BaseModel):
    id: int


@pytest.fixture
def registry():
    with Registry().active() as one:
        yield one


def read(name, /, **parameters):
    """Declares a read of the context `user` with these parameters: a type, or a pair of type and default."""
    defaults = {key: one for key, one in parameters.items() if isinstance(one, tuple)}
    names = ", ".join([key for key in parameters if key not in defaults] + [f"{key}=_{key}" for key in defaults])
    space = {f"_{key}": one[1] for key, one in defaults.items()}
    exec(f"def body(request, {names}): ...", space)
    body = space["body"]
    body.__annotations__ = {key: one[0] if isinstance(one, tuple) else one for key, one in parameters.items()} | {"return": int}
    return client(context=USER, name=name)(body)


class Plugin:
    """An extension that counts."""

    def __init__(self):
        self.topics = ["chat"]

    def schema(self):
        return {"topics": self.topics}

    def clear(self):
        self.topics = []


def test_functions_are_found_by_their_own_name_alone(registry):
    probe = read("probe", user_id=int)
    assert (mizan.get_function("probe"), mizan.get_function("__class__"), mizan.get_function("register")) == (probe, None, None)


def test_register_takes_server_functions_alone(registry):
    with pytest.raises(BadDeclaration, match="wanted a ServerFunction, got function"):
        mizan.register(lambda request: None)


def test_a_function_can_have_another_name_in_another_registry(registry):
    read("probe", user_id=int)
    other = Registry()
    other.register_as("renamed", registry.get_function("probe"))
    assert [one.name for one in other.get_all_functions().values()] == ["renamed"]


@pytest.mark.parametrize("register", [mizan.register, lambda one: mizan.register_compose("probe", [one])])
def test_a_name_taken_refuses(registry, register):
    probe = read("probe", user_id=int)
    with pytest.raises(BadDeclaration, match="'probe': the name is registered already"):
        register(probe)


def test_a_read_has_a_name_of_one_segment(registry):
    with pytest.raises(BadDeclaration, match=r"'a\.b': it has a context"):
        read("a.b", user_id=int)


def test_two_registries_know_nothing_of_each_other(registry):
    read("probe", user_id=int)
    with Registry().active() as other:
        assert (other.get_all_functions(), mizan.get_registry()) == ({}, other)
    assert mizan.get_registry() is registry


def test_the_order_of_registration_never_shows(registry):
    read("b", user_id=int)
    read("a", user_id=int)
    assert (list(mizan.get_all_functions()), list(mizan.get_contexts()["user"].slots)) == (["a", "b"], ["a", "b"])


def test_a_contexts_parameters_are_the_union(registry):
    read("a", org_id=int)
    read("b", user_id=int, org_id=(int, 1))
    assert {name: one.required for name, one in mizan.get_contexts()["user"].parameters.items()} == {"org_id": True, "user_id": True}


def test_a_parameter_that_no_function_requires_has_the_one_default(registry):
    read("a", lang=(str, "en"))
    read("b", lang=(str, "en"))
    assert mizan.get_contexts()["user"].parameters["lang"].default == b'"en"'


@pytest.mark.parametrize("other", [{"user_id": str}, {"user_id": int | None}])
def test_one_name_has_one_type(registry, other):
    read("a", user_id=int)
    read("b", **other)
    with pytest.raises(BadDeclaration, match="context 'user': function 'b': parameter 'user_id' has one type here"):
        mizan.validate_registry()


def test_one_name_has_one_default(registry):
    read("a", lang=(str, "en"))
    read("b", lang=(str, "de"))
    with pytest.raises(BadDeclaration, match="'lang' has one default here"):
        mizan.validate_registry()


def test_a_default_meets_every_other_also_where_one_between_requires_it(registry):
    read("a", lang=(str, "en"))
    read("b", lang=str)
    read("c", lang=(str, "de"))
    with pytest.raises(BadDeclaration, match="'lang' has one default here"):
        mizan.validate_registry()


@pytest.mark.parametrize("option", ["affects", "merge"])
def test_an_unknown_context_refuses(registry, option):
    client(name="touch", **{option: TEAM})(lambda_of(int))
    with pytest.raises(BadDeclaration, match="function 'touch': context 'team' has no read function"):
        mizan.validate_registry()


def lambda_of(result):
    def body(request): ...
    body.__annotations__ = {"return": result}
    return body


def test_a_type_name_means_one_type(registry):
    client(name="a")(lambda_of(User))
    client(name="b")(lambda_of(pydantic.create_model("User", id=(int, ...), more=(int, ...))))
    with pytest.raises(BadDeclaration, match="function 'b': another function has a different type called 'User'"):
        mizan.validate_registry()


def test_the_frameworks_own_response_is_no_slot(registry, monkeypatch):
    monkeypatch.setattr(mizan.response, "_response", {"base": Plugin})
    client(name="page", context=USER)(lambda_of(Plugin))
    with pytest.raises(BadDeclaration, match="'page': it returns the framework's own response"):
        mizan.validate_registry()


@pytest.mark.parametrize("name", ["id", "pk", "slug", "name"])
def test_a_parameter_that_means_anything_is_warned_of(registry, name):
    read("a", **{name: int})
    space: dict = {}
    exec(f"def touch(request, {name}: int) -> bool: ...", space)
    client(affects=USER)(space["touch"])
    with pytest.warns(UnboundName, match=f"function 'touch': '{name}' of context 'user'"):
        mizan.validate_registry()


def test_a_map_is_not_warned_of(registry):
    read("a", id=int)

    @client(affects={USER: {"id": "args.id"}})
    def touch(request, id: int) -> bool: ...

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mizan.validate_registry()


def test_a_sealed_registry_takes_no_more(registry):
    probe = read("probe", user_id=int)
    mizan.validate_registry()
    with pytest.raises(BadDeclaration, match="'other': the registry is sealed"):
        mizan.register_as("other", probe)


def test_sealing_twice_gives_the_same(registry):
    assert mizan.validate_registry() is mizan.validate_registry()


def test_asking_does_not_seal(registry):
    mizan.get_schema()
    assert read("probe", user_id=int).name == "probe"


def test_a_composition_unites_its_parts(registry):
    parts = [read("a", user_id=int), read("b", org_id=int)]
    mizan.register_compose("both", parts)
    assert list(mizan.validate_registry().parameters["both"]) == ["org_id", "user_id"]


@pytest.mark.parametrize("parts", [[], ["a"], [client(name="plain", registry=Registry())(lambda_of(int))]])
def test_a_composition_of_no_reads_refuses(registry, parts):
    mizan.register_compose("both", parts)
    with pytest.raises(BadDeclaration, match="composition 'both'"):
        mizan.validate_registry()


def test_an_extension_stands_under_its_own_key(registry):
    mizan.register_extension("channels", Plugin())
    assert mizan.get_schema()["extensions"] == {"channels": {"topics": ["chat"]}}


def test_clearing_clears_the_extensions_too(registry):
    mizan.register_extension("channels", Plugin())
    read("probe", user_id=int)
    mizan.validate_registry()
    mizan.clear_registry()
    assert (mizan.get_schema()["functions"], mizan.get_schema()["extensions"]) == ([], {"channels": {"topics": []}})


@pytest.mark.parametrize(("key", "extension"), [("channels", Plugin()), ("other", object()), ("Caps", Plugin())])
def test_an_extension_that_cannot_plug_in_refuses(registry, key, extension):
    mizan.register_extension("channels", Plugin())
    with pytest.raises(BadDeclaration, match=f"'{key}'"):
        mizan.register_extension(key, extension)


def test_the_schema_says_functions_contexts_and_bindings(registry):
    read("probe", user_id=int)

    @client(affects=USER)
    def touch(request, user_id: int) -> bool: ...

    schema = mizan.get_schema()
    assert [one["name"] for one in schema["functions"]] == ["probe", "touch"]
    assert schema["functions"][1]["affects"] == [{"binds": [{"param": "user_id", "arg": "user_id"}], "context": "user"}]
    assert schema["contexts"] == [{"name": "user", "params": [{"name": "user_id", "type": 'type "int"'}],
                                   "scopes": [["user_id"]], "slots": ["probe"]}]
