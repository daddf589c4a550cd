"""Trees come apart in JAX's order, go together again, and differ with a sentence."""

import dataclasses
import re
from collections import OrderedDict, defaultdict
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscheck import trees


class Pair(NamedTuple):
    W: Any
    b: Any


class Twin(NamedTuple):
    W: Any
    b: Any


class Other(NamedTuple):
    W: Any
    c: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    W: Any
    b: Any
    width: int = dataclasses.field(default=3, metadata={"static": True})


def nested(leaves):
    keys = st.text("abcW 0", min_size=1, max_size=3)
    return st.recursive(
        leaves,
        lambda inside: st.one_of(
            st.lists(inside, max_size=3),
            st.lists(inside, max_size=3).map(tuple),
            st.dictionaries(keys, inside, max_size=3),
            st.dictionaries(keys, inside, max_size=3).map(OrderedDict),
            st.dictionaries(st.integers(-2, 2), inside, max_size=3),
            st.builds(Pair, inside, inside),
            st.none(),
        ),
        max_leaves=8,
    )


TREES = nested(st.one_of(st.integers(), st.builds(np.full, st.just((2, 3)), st.integers(0, 9))))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TREES)
def test_leaves_come_in_the_order_of_jax(tree):
    expected = jax.tree.leaves(tree)
    for found in ([leaf for _, leaf in trees.flatten(tree)], trees.leaves(tree)):
        assert len(found) == len(expected)
        assert all(mine is theirs for mine, theirs in zip(found, expected, strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TREES)
def test_names_are_unique_and_rebuilding_restores_the_tree(tree):
    named = trees.flatten(tree)
    assert len({name for name, _ in named}) == len(named)
    replaced = trees.rebuild(tree, range(len(named)))
    assert jax.tree.structure(replaced) == jax.tree.structure(tree)
    assert trees.leaves(replaced) == list(range(len(named)))
    again = trees.rebuild(replaced, trees.leaves(tree))
    assert repr(again) == repr(tree)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TREES, TREES)
def test_places_are_given_only_where_matching_finds_nothing_wrong(tree, other):
    for second in (tree, other):
        pairs, mismatches = trees.match(tree, second)
        fast = trees.places(tree, second)
        if fast is not None:
            assert not mismatches
            assert len(fast) == len(pairs)
            assert all(one is two for one, (_, _, two) in zip(fast, pairs, strict=True))
    assert not trees.match(tree, tree)[1]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TREES)
def test_a_tree_matches_itself_with_lists_for_tuples_and_tuples_for_lists(tree):
    def swapped(node):
        if isinstance(node, Pair):
            return Twin(*map(swapped, node))
        if isinstance(node, list | tuple):
            return (tuple if isinstance(node, list) else list)(map(swapped, node))
        return {key: swapped(child) for key, child in node.items()} if isinstance(node, dict) else node

    pairs, mismatches = trees.match(tree, swapped(tree))
    assert not mismatches
    assert all(mine is given for _, mine, given in pairs)
    assert [(name, mine) for name, mine, _ in pairs] == trees.flatten(tree)


def test_names_are_readable():
    tree = {
        "layers": [{"W": 1, "b": 2}],
        "cell": Pair(W=3, b=(4,)),
        "input gate": 5,
        "wide": Layer(W=6, b=7),
        "class": 8,
    }
    assert dict(trees.flatten(tree)) == {
        "layers[0].W": 1,
        "layers[0].b": 2,
        "cell.W": 3,
        "cell.b[0]": 4,
        "parameters['input gate']": 5,
        "wide.W": 6,
        "wide.b": 7,
        "class": 8,
    }
    assert trees.flatten(1.0) == [("parameters", 1.0)]
    assert trees.flatten([1.0], "inputs") == [("inputs[0]", 1.0)]


def test_only_an_ordered_dict_keeps_its_own_order():
    for kind, order in ((OrderedDict, [1, 2]), (dict, [2, 1])):
        tree = kind(b=1, a=2)
        assert trees.leaves(tree) == jax.tree.leaves(tree) == order


def test_keys_without_an_order_come_as_they_are():
    assert trees.leaves({"b": 1, 2: 3, "a": 4}) == [1, 3, 4]


def test_containers_keep_their_class_and_what_is_not_a_child():
    tree = {"d": defaultdict(list, b=1, a=2), "l": Layer(W=1, b=2, width=7), "o": OrderedDict(b=1, a=2)}
    built = trees.transform(lambda leaf: leaf * 10, tree)
    assert built == {
        "d": defaultdict(list, b=10, a=20),
        "l": Layer(W=10, b=20, width=7),
        "o": OrderedDict(b=10, a=20),
    }
    assert list(built["d"]) == ["b", "a"]
    assert built["d"].default_factory is list
    assert tree["l"].W == 1


@pytest.mark.parametrize(("count", "word"), [(1, "fewer"), (3, "more")])
def test_a_wrong_number_of_leaves_is_refused(count, word):
    with pytest.raises(ValueError, match=word):
        trees.rebuild(Pair(1, 2), range(count))


@pytest.mark.parametrize(
    ("given", "kind", "name", "sentence"),
    [
        ({"W": 1}, "missing", "b", "b is missing"),
        ({"W": 1, "b": [2, 3], "U": 4}, "extra", "U", "U has no counterpart"),
        ({"W": 1, "b": None}, "missing", "b", "b is None"),
        ({"W": 1, "b": [2]}, "missing", "b[1]", "b[1] is missing"),
        ({"W": 1, "b": {"x": 2}}, "container", "b", "b is a dict of x, expected a list of [0], [1]"),
        ([1, [2, 3]], "container", "parameters", "parameters is a list of [0], [1], expected a dict of W, b"),
        (7, "container", "parameters", "parameters is an int, expected a dict of W, b"),
    ],
)
def test_a_difference_is_a_sentence(given, kind, name, sentence):
    assert trees.match({"W": 1, "b": [2, 3]}, given)[1] == [trees.Mismatch(kind, name, sentence)]


def test_every_difference_is_told():
    found = trees.match({"W": 1, "b": 2, "c": 3}, {"W": 1, "d": 4})[1]
    assert [(each.kind, each.name) for each in found] == [("missing", "b"), ("missing", "c"), ("extra", "d")]


@pytest.mark.parametrize("given", [(1, 2), [1, 2]])
@pytest.mark.parametrize("expected", [(3, 4), [3, 4]])
def test_lists_and_tuples_stand_for_each_other(expected, given):
    pairs, mismatches = trees.match(expected, given)
    assert pairs == [("parameters[0]", 3, 1), ("parameters[1]", 4, 2)]
    assert not mismatches


@pytest.mark.parametrize("given", [Twin(1, 2), Layer(1, 2)])
def test_classes_with_the_same_fields_stand_for_each_other(given):
    assert trees.match(Pair(3, 4), given) == ([("W", 3, 1), ("b", 4, 2)], [])


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"W": 1, "b": 2}, r"return Pair\(\*\*gradients\)"),
        ((1, 2), r"return Pair\(\*gradients\)"),
        (Other(1, 2), "an Other of W, c, expected a Pair of W, b"),
    ],
)
def test_fields_are_not_guessed(given, remedy):
    (mismatch,) = trees.match(Pair(3, 4), given)[1]
    assert mismatch.kind == "container"
    assert re.search(remedy, mismatch.sentence)


def test_what_stands_in_the_place_of_a_leaf_is_left_to_the_caller():
    pairs, mismatches = trees.match({"W": 1, "b": 2}, {"W": None, "b": [3, 4]})
    assert pairs == [("W", 1, None), ("b", 2, [3, 4])]
    assert not mismatches


def test_none_holds_no_leaf_and_may_be_left_out():
    assert trees.match({"W": 1, "b": None}, {"W": 2}) == ([("W", 1, 2)], [])
    assert trees.match({"W": 1, "b": None}, {"W": 2, "b": 3})[1][0].kind == "extra"
