"""An oracle answers one line with one line, under a deadline; anything else is Broken, and nothing is asked of it again."""
import contextlib
import subprocess
import sys

import pytest

from afi.errors import Broken
from afi.transport import Oracle

LOOP = """import json, sys
for line in sys.stdin:
 q = json.loads(line)
 a, hello = {'id': q['id'], 'ok': q['in'].get('text', '')}, q['op'] == 'hello'
"""
GOOD = "print(json.dumps(a), flush=True)"
BROKEN = {
    "another-id": ("oracle", "if not hello: a['id'] += 1"), "no-id": ("oracle", "if not hello: del a['id']"),
    "a-bool-for-an-id": ("oracle", "a['id'] = True"), "two-words": ("oracle", "a['err'] = 'x'"), "no-text": ("oracle", "a['ok'] = 5"),
    "more-members": ("oracle", "a['x'] = 'y'"), "a-list": ("oracle", "a = [a]"),
    "noise": ("oracle", "if not hello: print('loading')"), "noise-after": ("oracle", "if not hello: print(json.dumps(a)); a = 'loading'"),
    "two-members": ("oracle", "print('{\"id\":1,\"id\":1,\"ok\":\"\"}')"),
    "hello-refused": ("oracle", "a = {'id': q['id'], 'err': 'version'}"),
    "silence": ("hang", "if not hello: sys.stdin.read()"),
    "a-line-without-an-end": ("hang", "if not hello: print('{', end='', flush=True); sys.stdin.read()"),
    "an-end": ("crashed", "if not hello: sys.exit()"), "an-end-at-once": ("crashed", "sys.exit()"),
    "an-endless-line": ("over-limit", "while not hello: print('x' * 65536, end='')"),
}


@contextlib.contextmanager
def answering(program, deadline_s=5.0):
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
        oracle = Oracle(child.stdin, child.stdout, deadline_s)
        try:
            yield oracle
        finally:
            oracle.close()
            child.kill()


def test_each_question_gets_its_answer():
    with answering(LOOP + f" {GOOD}\n") as oracle:
        assert [oracle.ask("canonical_json", {"text": text}) for text in ("a", "é\n\0", "")] == [("ok", "a"), ("ok", "é\n\0"), ("ok", "")]


@pytest.mark.parametrize("word", ["ok", "err", "skip"])
def test_an_answer_is_one_of_three_words(word):
    with answering(LOOP + f" a = {{'id': q['id'], 'ok' if hello else {word!r}: 'x'}}\n {GOOD}\n") as oracle:
        assert oracle.ask("scope", {}) == (word, "x")


def test_a_question_longer_than_a_pipe_is_asked_while_the_answer_is_read():
    with answering(LOOP + f" {GOOD}\n") as oracle:
        assert oracle.ask("canonical_json", {"text": "x" * 1_000_000}) == ("ok", "x" * 1_000_000)


@pytest.mark.parametrize("mode", BROKEN)
def test_an_oracle_that_misbehaves_is_broken_for_one_reason(mode):
    reason, line = BROKEN[mode]
    with answering(LOOP + f" {line}\n {GOOD}\n", 0.5 if reason == "hang" else 5.0) as oracle, pytest.raises(Broken) as broken:
        oracle.ask("canonical_json", {"text": "a"})
    assert broken.value.reason == reason


def test_a_broken_oracle_is_not_asked_again():
    with answering(LOOP + " if not hello: print('noise')\n" + f" {GOOD}\n") as oracle:
        for _ in range(2):
            with pytest.raises(Broken, match="oracle"):
                oracle.ask("canonical_json", {})
        assert len(oracle.log) == 2
