"""What arguments are called, and the values that those with usual ones are given."""

import re
from typing import Any

import numpy as np

from crosscheck.recognise.stubs import Descent

TARGET = re.compile(
    r"^(?:y|ys|t|ts|y_?true|y_?batch|y_?train|targets?|labels?|tags?|truth|expected|gold|y_?enc)$|^\w*one_?hot$|^y_?oh$"
    r"|^(?:true|y|target|label|correct)_?(?:labels?|values?|ids|id|idx|index|indices|class)$|^true_?y$|^y_?targets?$|^ground_?truth$|^(?:y|target)_?vec(?:tor)?$",
    re.I,
)
HOT = re.compile(r"one_?hot", re.I)
VECTOR = re.compile(r"(?:^|_)vec(?:tor)?$", re.I)
"""One array without further axes"""
NUMBERED = re.compile(r"^(?:d?[Wb]|weights?|bias(?:es)?)_?(\d)$")
BIAS = re.compile(r"^b(?:_?[a-z0-9]{1,3})?$|^b_?(?:hidden|input|output)|bias|^gamma|^beta|^scale$|^shift$", re.I)
MATRIX = re.compile(r"^[WUVw](?:[a-z0-9_]{0,5})$|^[Ww]_?(?:hidden|input|output)")
STATE = re.compile(
    r"^(?:prev_?|init_?|last_?|old_?)?(?:h|c|a|s|state|hidden|cell|hidden_?state|cell_?state)_?"
    r"(?:prev|0|init|last|t|start|old|state)?s?$",
    re.I,
)
LAYERS = re.compile(
    r"^(?:layers?_?(?:sizes?|dims?)|hidden_?(?:sizes|dims)|sizes|layers|dims|structure|topology)$", re.I
)
STRIDE = 2
"""What a window moves by: its length where it pools, so that none overlap, as is usual"""
POOLS = re.compile(r"pool", re.I)
ONE_LABEL = re.compile(r"^(?:label|action|digit|(?:true|correct|target)_?(?:class|label|index|idx))$", re.I)
"""What the one label of an example is called"""
VALUES: tuple[tuple[str, Any], ...] = (
    (r"learn(?:ing)?_?rate|sparsity|^rate$|^lr$|^eta$|^alpha$|step_?size|^reg$|lambda|weight_?scale|^std$|scale", 0.1),
    (r"^eps|epsilon", 1e-5),
    (r"momentum|^decay|^rho$|beta_?[12]", 0.9),
    (r"keep|^p$|^prob$|^rate$", 0.6),
    (r"drop", 0.4),
    (r"^strides?$", STRIDE),
    (r"^pad(?:ding)?$", 1),
    (r"^(?:kernel|filter|pool|window)_?(?:size|height|width|h|w)$|^p(?:ool)?_?[hw]$", 2),
    (r"(?-i:^G$)|^(?:n_?|num_?)?groups$", 2),
    (r"^reward$|^advantage$|^baseline$|^td_?error$", 0.7),
    (r"^(?:chosen_?)?(?:action|arm)(?:_?(?:idx|index|id))?$", 1),
    (r"seed|random_state", 0),
    (r"n(?:um)?_?layers|heads?$|^layers$|n_?iter|num_iter|iterations|epochs?$|^iters$", 2),
    (r"^mode$", "train"),
    (r"^(?:is_?)?train(?:ing)?(?:_fl?a?g)?$|^(?:use_?)?bias$", True),
    (r"verbose|print|debug|stateful|plot", False),
    (r"trunc", 100),
    (r"^dtype$", np.float64),
    (r"^(?:rng|rs|prng|random_?(?:generator|gen|stream)|np_?random)$", np.random.RandomState(3)),
    (r"^(?:optimi[sz]er|opt)$", Descent()),
)
PREDICTED = re.compile(r"pred|prob|^p$|^y_?hat|^a_?l$|^output$", re.I)
"""What the arguments of a loss are called that takes logarithms of probabilities"""
TEXT = re.compile(
    r"^(?:(?:raw|full|input|train(?:ing)?|source|data|my)_?)?(?:text|txt|corpus|content|string|document)"
    r"(?:_?(?:input|data))?$",
    re.I,
)
TYPED = re.compile(r"^(?:input|target|output|source|seed|x|y)_?str(?:ing)?$", re.I)
"""Texts by what their type is called in the name"""
CHARACTERS = re.compile(r"^(?:chars|characters|alphabet|letters)$", re.I)
"""What texts and their symbols are called that an object is made for"""
SYMBOLS = re.compile(r"^(?:vocab(?:ulary)?|symbols|tokens|words|classes|labels|tags)$", re.I)
"""What may be a list of symbols as well as their number"""
KERNEL = re.compile(r"^(?:hh|ww|[fk]_?[hw]?|(?:kernel|filter)_?(?:h|w|size|height|width))$", re.I)
"""What the sizes of a filter are called: they are to be smaller than what it slides over"""
SPAN = 3
"""The size of a filter that is one of a function's options: no stride, so that what it moves over overlaps"""
COUNT = re.compile(
    r"(?:n|num)_|(?:.*_)?(?:size|dim|units)$|vocab(?:ulary)?(?:_len)?$|(?-i:[a-z]\w*(?:Size|Dim|Units)$)", re.I
)
COUNTED = re.compile(r"^(?:seq(?:uence)?_?)?len(?:gth)?s$|_len(?:gth)?s$")
"""What the lengths of padded sequences are called"""
MASKS = re.compile(r"^(?:\w+_)?masks?$", re.I)
"""What is called that holds a one for what counts"""
LENGTH = "the length of sequences"
FUNCTION = re.compile(r"^(?:f|g|act|activation|nonlin|nonlinearity|phi|sigma)(?:_?(?:fn|func|function))?$", re.I)


def is_weight(name: str) -> bool:
    """Tell whether a name is that of a weight or a bias."""
    return is_matrix(name) or bool(BIAS.search(name))


def is_matrix(name: str) -> bool:
    """Tell whether a name is that of a weight, and of no bias."""
    return bool(MATRIX.search(name)) or bool(re.search(r"weight|embed.*w|kernel", name, re.I))


INPUTS = re.compile(
    r"^(?:n|num|no)_?(?:of_?)?(?:in|inputs?|features?)$|^(?:in|inputs?|features?)_?(?:size|dim|count|num|nodes|neurons|units|layer)?s?$",
    re.I,
)
"""What the number of inputs of a network is called"""
