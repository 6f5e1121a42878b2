"""A clause is one line with a number for life; what only looks like one is said."""
import pytest

from afi import clauses
from afi.errors import BadSpec


@pytest.fixture
def page(tmp_path):
    def write(text, name="row.md"):
        (tmp_path / name).write_text(text)
        return tmp_path
    return write


def test_a_page_is_its_clauses(page):
    found = clauses.load(page("# Row\n\n**row-1** (MUST) One thing.\n  Unprobed: nobody sees it.\n\n**row-2** (SHOULD) Another.\n"))
    assert [(c.id, c.level, c.text, c.unprobed) for c in found.values()] == [("row-1", "MUST", "One thing.", "nobody sees it."),
                                                                            ("row-2", "SHOULD", "Another.", None)]


@pytest.mark.parametrize(("text", "said"), [
    ("**row-1** (MUST) a\n**row-1** (MUST) b\n", "twice"),
    ("**other-1** (MUST) a\n", "another page"),
    ("**row-1** (MAY) a\n", "begins like a clause"),
    ("**row-1**: a\n", "begins like a clause"),
    ("**row-01** (MUST) a\n", "begins like a clause"),
    ("**Bold** text\n", "begins like a clause"),
])
def test_what_is_no_clause_is_said(page, text, said):
    with pytest.raises(BadSpec, match=said):
        clauses.load(page(text))
