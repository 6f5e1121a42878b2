"""The pins as one test file in another language: every case, the same each time, and red for a wrong answer or an empty file."""
import ast
import json
import re
import subprocess

import pytest

from afi import export
from afi.errors import BadTemplate
from afi.faults.children import PYTHON
from afi.pinfile import Case
from afi.selection import Unknown

LANGUAGES = export.languages()


def rows(text):
    """Returns: the cases of a generated file; each stands on a line of its own."""
    return [json.loads(line.strip().rstrip(",")) for line in text.splitlines() if line.startswith('    ["')]


def generated(language, folder):
    export.written(language, folder)
    (path,) = folder.iterdir()
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_stands_in_the_file_once(language, tmp_path):
    found = export.cases()
    text = generated(language, tmp_path).read_text(encoding="utf-8")
    assert len(found) > 1000
    assert rows(text) == [[check, case.clause, case.op, case.given, dict([case.answer])] for check, case in found.items()]
    assert text.count(str(len(found))) >= 2, "in its head, and in the test that counts"


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_set_of_pins_is_one_file(language, tmp_path):
    assert generated(language, tmp_path / "a").read_bytes() == generated(language, tmp_path / "b").read_bytes()


@pytest.mark.parametrize("text", ["a\"\\b", "\n\r\t\0\x1f\x7f\x85", "\u2028\u202e\ufeff\ufffe", "\U0001f600\u00e9", "{rows} {count} ${x} %s", "__proto__"])
def test_a_row_is_a_literal_that_reads_back(text):
    row = export.literal("page/group.case", Case("group.case", "page-1", "op", {text: text}, ("ok", text), None))
    assert json.loads(row) == ast.literal_eval(row) == ["page/group.case", "page-1", "op", {text: text}, {"ok": text}]
    assert re.search("[\0-\x1f\x7f-\x9f\u2028\u202e\ufeff\ufffe]", row) is None


def test_a_language_without_a_template_is_told_which_have_one():
    with pytest.raises(Unknown, match=f"'pi'.*{', '.join(LANGUAGES)};"):
        export.written("pi", None)


def test_a_template_without_a_hole_is_told_so(tmp_path):
    template = tmp_path / "x.template"
    template.write_text("{rows} {digest}")
    with pytest.raises(BadTemplate, match="missing: count"):
        export.filled(template, {})


def without_cases(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith('    ["'))


def with_two_wrong(text):
    return text.replace('{"ok": "{\\"v\\":5}"}', '{"ok": "{\\"v\\":6}"}', 1).replace('{"err": "number"}', '{"err": "syntax"}', 1)


@pytest.mark.parametrize(("change", "said"), [(with_two_wrong, "2 failed"), (without_cases, "1 failed, 1 skipped")])
def test_a_wrong_file_is_red_in_its_own_runner(tmp_path, change, said):
    """With the one runner that is there wherever this test runs: another byte and another code, then no case at all."""
    path = generated("py", tmp_path)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    done = subprocess.run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stdout) == (1, True), done.stdout[-2000:]
