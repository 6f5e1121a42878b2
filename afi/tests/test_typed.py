"""Drawn values: what the seed draws is what spec/context.md lets a query say."""
import pytest

from afi import draw, expected, typed

SEEDS = (1, 7, 12345)


@pytest.mark.parametrize("seed", SEEDS)
def test_sixty_draws_reach_every_parameter(seed):
    drawn = draw.drawn({"typed": (typed.KINDS, 60)}, seed)["typed"]
    assert {name for given in drawn for name in given} >= {"text", "whole", "big", "real", "price", "at", "raw", "numbers", *typed.JSON_ONLY}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_drawn_query_is_over_the_limits(seed):
    drawn = draw.drawn({"typed": (typed.KINDS, 60)}, seed)["typed"]
    queries = [expected.query(given, typed.JSON_ONLY) for given in drawn]
    assert max(len(query) for query in queries) <= 8000 and max(query.count("&") for query in queries) < 60


@pytest.mark.parametrize(("parts", "text"), [((True, 0, "000"), "0"), ((True, 5, "10"), "-5.1"), ((False, 100, ""), "100")])
def test_a_drawn_decimal_is_stripped_and_zero_has_no_sign(parts, text):
    assert typed._decimal(parts) == text


def test_a_question_names_its_types_and_knows_its_answer():
    given, answer = typed.question({"a": ({"list": "int"}, [2, 1], False), "b": ({"map": "date"}, {}, True)})
    assert (given["query"], answer) == ("a=2&a=1&b.json=%7B%7D", ("ok", '{"a":[2,1],"b":{}}'))
