"""An adapter.yaml is read strictly, and what is wrong with it is said with its place and the next step."""
import pytest

from afi import descriptor
from afi.errors import BadDescriptor

GOOD = """\
id: sample
title: A sample
language: python
speaks: [http]
needs: [python3]
prepare: [[python3, -m, venv, .venv]]
serve: [.venv/bin/python, ../serve.py]
ready: {within_s: 3}
oracle: [python3, oracle.py]
"""
# what is changed in GOOD (old, new), and what the message must say
WRONG = [
    ("id: sample", "id: Sample", r"\$\.id"),
    ("id: sample", "id: no", r"\$\.id: wanted a text, got False; .*quote it"),
    ("title: A sample", "title: 5", r"\$\.title"),
    ("title: A sample", "title: a | b", r"\$\.title"),
    ("speaks: [http]", "speaks: [htpt]", r"speaks\[0\].*htpt"),
    ("speaks: [http]", "speaks: []", r"\$\.speaks"),
    ("serve: [.venv/bin/python, ../serve.py]", "serve: python3 serve.py", r"\$\.serve"),
    ("serve: [.venv/bin/python, ../serve.py]", "serve: []", r"\$\.serve"),
    ("serve: [.venv/bin/python, ../serve.py]", "serve: [./x, on]", r"serve\[1\].*True"),
    ("serve: [.venv/bin/python, ../serve.py]", "", r"'serve' is a required property"),
    ("serve: [.venv/bin/python, ../serve.py]", "serve: [pythn3, x.py]", r"serve\[0\]: 'pythn3' is a bare name.*did you mean 'python3'"),
    ("oracle: [python3, oracle.py]", "oracle: [oracle.py]", r"oracle\[0\].*needs"),
    ("prepare: [[python3, -m, venv, .venv]]", "prepare: [[cargo, build]]", r"prepare\[0\]\[0\].*'cargo'"),
    ("needs: [python3]", "needs: [bin/python3]", r"needs\[0\]"),
    ("ready: {within_s: 3}", "ready: {within_s: 0}", r"ready\.within_s"),
    ("ready: {within_s: 3}", "ready: {within_s: 600}", r"ready\.within_s"),
    ("ready: {within_s: 3}", "ready: {path: /x}", r"\$\.ready"),
    ("ready: {within_s: 3}", "redy: {within_s: 3}", r"unknown member 'redy'; did you mean 'ready'"),
    ("title: A sample", "id: twice", r"'id' stands twice"),
    ("title: A sample", "title: !!python/object/apply:os.system [x]", r"no YAML"),
    ("id: sample", "- x", r"no YAML"),
    ("id: sample", "---\nid: sample\n---\nid: sample", r"no YAML"),
    ("title: A sample", "title: " + "x" * (65 << 10), r"wanted at most 65536"),
    ("title: A sample", "title: " + "[" * 5000, r"no YAML"),
]


def written(folder, text):
    path = folder / "adapter.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_one_is_read(tmp_path):
    found = descriptor.load(written(tmp_path, GOOD))
    assert found == descriptor.Descriptor(
        "sample", "A sample", "python", ("http",), (f"{tmp_path}/.venv/bin/python", "../serve.py"), tmp_path / "adapter.yaml", ("python3",),
        (("python3", "-m", "venv", ".venv"),), ("python3", "oracle.py"), 3.0)
    assert found.folder == tmp_path


def test_what_may_be_left_out_may_be_left_out(tmp_path):
    found = descriptor.load(written(tmp_path, "id: a\ntitle: A\nlanguage: rust\nspeaks: [http, ws]\nserve: [./a]\n"))
    assert (found.needs, found.prepare, found.oracle, found.within_s) == ((), (), None, 10.0)


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path, old, new, said):
    with pytest.raises(BadDescriptor, match=said) as refused:
        descriptor.load(written(tmp_path, GOOD.replace(old, new)))
    assert str(tmp_path / "adapter.yaml") in str(refused.value)


def test_a_bare_name_of_a_file_beside_it_is_told_how_to_be_written(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(BadDescriptor, match=r"write '\./run'"):
        descriptor.load(written(tmp_path, GOOD.replace("[.venv/bin/python, ../serve.py]", "[run]")))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadDescriptor, match=r"adapter\.yaml: cannot be read"):
        descriptor.load(tmp_path / "adapter.yaml")


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    (tmp_path / "adapter.yaml").write_bytes(GOOD.encode() + b"# \xff\n")
    with pytest.raises(BadDescriptor, match="no YAML"):
        descriptor.load(tmp_path / "adapter.yaml")


def test_a_link_to_a_program_is_left_alone(tmp_path):
    (tmp_path / "python").symlink_to("/usr/bin/python3")
    assert descriptor.load(written(tmp_path, GOOD.replace(".venv/bin/python", "./python"))).serve[0] == f"{tmp_path}/python"
