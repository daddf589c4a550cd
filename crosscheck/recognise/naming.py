"""What names give away: that `dWxh`, `grad_Wxh`, `dL_dWxh` and `Wxh_grad` hold the gradient of `Wxh`."""

import re
from functools import lru_cache

_CURRENT = re.compile(r"_(?:current|now|old|curr?)$", re.IGNORECASE)
_LAID_OUT = re.compile(r"(?<=\w)_(?:flat(?:tened)?|reshaped|2d)$", re.IGNORECASE)
"""What arrays are called besides when they lie otherwise: `dx_flat.reshape(x.shape)`"""
_MARKS = (
    "gradients|gradient|grads|grad|delta|deltas|diff|deriv|derivatives|derivative|update|updates|upd|g|G|d|D|nabla|total"
    "|sum|acc"
)
_OF_LOSS = re.compile(r"^d_?(?:L|l|E|e|J|j|C|c|loss|Loss|cost|err|error)_?_?(?:by_?|over_?|wrt_?)?d_?(?=\w)")
_WORDS = (
    r"d_(?:model|ff|inner)$|da(?:ta|te|ys?$)|di(?:ag|ce$|ct|git|m(?!g)|r(?:_|s?$|ect)|s(?:c|k$|p|t)|v)"
    r"|de(?:bug|c(?:ay|i|od|k$)|ep|f(?:ault)?s?$|gree|lay|lim|mand|mo$|n(?:om|s|$)|p(?:end|th)|s(?:c|t)|t(?:ail|ect)|v)"
    r"|do(?:c|gs?$|main|ne$|uble|wn)|dr(?:aw|ift|iver|op)|d(?:type|um(?:my|p)|up|ur(?!l)|ynamic)"
    r"|g(?:a(?:in|me|mma|p$|te|uss)|e(?:n|o|t)|iven|lob|oa?ld?|pu|r(?:aph|ay|eedy|ey|id|ound|oup|ow|u$)|uess)"
)
"""Words that begin as gradients do: `decoder`, `gamma`"""
_BEFORE = re.compile(
    rf"^(?!{_WORDS})(?:(?:{_MARKS})_(?:of_)?(?=\w)|(?:nabla|delta|grad|Grad|del|d|D|g)(?=[A-Z_]|[a-z]\w*)|J(?=[WUVb][a-z]?\d?$))"
)
_AFTER = re.compile(rf"(?<=\w)_(?:{_MARKS})(?:_?(?:sum|total))?$|(?<=\w)(?:Grad|Gradient|Delta|Update|Diff)$")
CONTAINER = re.compile(
    rf"^(?:{_MARKS}|d_?params|d_?parameters|dparam|gradient_\w+|param_grads|G|gs|Gs)$|grad|^(?!{_WORDS})d[A-Z_]|delta",
    re.IGNORECASE,
)
LOSS_WORDS = (
    "perda|custo(?!m)|p[eé]rdida|perdita|perte|co[uû]t_|_co[uû]t$|coût|verlust|kosten|verlies|kay[iı]p|maliyet|koszt"
    "|^strat[ay](?:_|$)|^rugi(?:_|$)|kerugian|biaya|f[oö]rlust|kostnad|vesztes[eé]g|^ztr[aá]ta(?:_|$)|poter[yi]|потер"
    "|sunshi|损失|sonshitsu|損失|손실"
)
"""In Portuguese, Spanish, Italian, French, German, Dutch, Turkish, Polish, Indonesian, Swedish, Hungarian, Czech,
Russian, Chinese, Japanese and Korean; `cout` may be output channels"""
LOSS = re.compile(
    r"loss|cost|^l$|^j$|^e$|^err|error|nll|xent|cross_?entropy|objective|^obj(?:_?val(?:ue)?)?$|energy|surrogate|^ce$|^m[as]e$|^bce$|^sse$"
    rf"|^b[lł][aą]d(?:_|$)|{LOSS_WORDS}",
    re.IGNORECASE,
)
LOSS_FUNCTION = re.compile(rf"{LOSS.pattern}|^cout", re.IGNORECASE)
NOT_LOSS = re.compile(
    r"smooth|mean_?loss|minimi[sz]|avg|average|best|accuracy|total_seen|epoch|history|running|gradient"
    r"|^(?:val(?:id(?:ation)?)?|test)_",
    re.IGNORECASE,
)
MAXIMISED = re.compile(
    r"^(?!.*(?:neg|nll|minus|loss|cost)).*(?:likeli|log_?lik|log_?prob|elbo|reward|utility|objective|evidence|fitness|"
    r"log_?marg|sharpe|profit|(?:^|_)(?:ll|lml|loglh?)(?:_|$))",
    re.IGNORECASE,
)
"""Numbers that training drives up"""
STATE = re.compile(
    r"^(?:d_?)?(?:(?:last|prev|previous|old|init|initial)_?)?"
    r"(?:h|c|a|s|z|ctx|state|hidden|cell|hidden_?state|cell_?state)_?(?:prev|0|init|last|t|start|old|state|(?:t_?)?minus_?1|tm1)?s?$",
    re.IGNORECASE,
)
TRUTH = re.compile(
    r"^(?:y|t|y_?(?:true|real|train|actual)|targets?|labels?|truth|ground_?truth|true|actual|expected|goals?)$", re.I
)
"""What predictions are held against, by its whole name"""
DATA = re.compile(
    r"^(?:x|y|t|xs|ys|ts|data|inputs?|inp|targets?|goals?|labels?|out(?:puts?)?|preds?|probs?|mask|[hcas]_?(?:prev|0|last|init|state)|state)$",
    re.IGNORECASE,
)
OF_LOSS = re.compile(
    r"^(?:d_?(?=(?-i:[A-Z])|l(?:oss)?$|cost|err|j$|e$)|d_?(?:loss|[lejc])_*(?:by_?|over_?|wrt_?)?d_?\w|grad|delta|g_|nabla)",
    re.IGNORECASE,
)
"""Numbers that are gradients of a loss, or with respect to it, and no loss"""
WHOLE_LOSS = re.compile(r"^_?(?:total_?|train_?)?(?:loss|cost|j|error)$", re.IGNORECASE)
PART_OF_LOSS = re.compile(r"reg|penalty|decay|l[12]_|data_", re.IGNORECASE)
MEMORY = re.compile(r"veloc|moment|cache|mem|squares?$|^[mvs]$|^(?:vel|mom)s?$|adam|rms", re.IGNORECASE)
MULTIPLIER = re.compile(r"(?:^|[._'])(?:lam(?:bda)?s?_?|lagrange\w*|multipliers?|dual\w*|mu|nu)['\]]*$", re.IGNORECASE)
"""What the multiplier of a constraint is called: it climbs where all else goes down"""
DECAY = re.compile(
    r"(?:^|_)(?:l_?[12](?:[wb]|lam\w*|reg\w*|_?weights?|_?bias(?:es)?)?|reg(?!ression|ist|ion)\w*|lam\w*|lmbda|wd|penalty)"
    r"(?:_|$)|regulari|decay|lambda",
    re.IGNORECASE,
)
"""What the strength of a penalty is called"""
CLIP = re.compile(r"clip", re.IGNORECASE)
DOWNHILL = re.compile(r"descen|descid|minimi|optimi|(?:^|_)s?gd(?:$|_)|train|fit|momentum|nesterov|adam", re.IGNORECASE)
"""What functions are called that look for the least"""
UPHILL = re.compile(r"ascen|ascid|maximi|climb", re.IGNORECASE)
"""And those that look for the greatest value"""
RATE = re.compile(
    r"^lr|^l_r$|learn|alpha|^alfa$|^[αη]$|^eta$|rate|step_?size|^epsilon$|^gamma$|^mu$"
    r"|^(?:tasa|taxa|tasso|taux)(?:_|$)|aprend|appren[dt]|[oö][gğ]renme|laju_?(?:pem)?belajar",
    re.IGNORECASE,
)
WAY = r"(?:(?:pas(?:o|se|sagem|sage|saggio|so)?|propaga[a-zçã]*|para|hacia|em|en|vers|in)_)*"
"""What stands before the words for forward and backward in other languages: `passagem_para_tras`"""
FORWARD = re.compile(
    r"forward|fprop|feed_?forward|predict|fwd|(?:^|_)f[pw]$|^propag(?:ate|ation|ar|acion|acao|er)$"
    rf"|^{WAY}(?:vor(?:w(?:ae|ä)rts)?|avan[cz](?:e|er|a|ar)|adelante|frente|avant|avanti|ileri|vooruit|vpered|(?:na)?przod|qian_?xiang)(?:$|_)",
    re.IGNORECASE,
)
BACKWARD = re.compile(
    r"backward|bprop|back_?prop(?:agat(?:e|ion))?|propagate_?back|back_?pass|(?:^|\.)back$|bptt|bwd|(?<!ada)grad|nabla|retro_?prop"
    r"|(?:^|_)(?:b[pw]|vjp|pullback|adjoint)$|(?<!call)(?<!roll)(?<!feed)(?<!play)(?<!look)(?<!fall)_back$"
    r"|(?-i:(?<=[a-z0-9])Back$)|^back_(?=[a-z])"
    rf"|^{WAY}(?:r(?:ue|ü)ck(?:w(?:ae|ä)rts)?|reculer?|retroced(?:e|er)|retro|a?tr[aá]s|arri[eè]re|indietro|geri|terug|nazad|fan_?xiang)(?:$|_)"
    r"|wstecz",
    re.IGNORECASE,
)
"""In English, German, Spanish, Portuguese, French, Italian, Turkish, Dutch, Russian, Chinese and Polish"""


_WAYS_BACK = ("bptt", "backprop", "back_prop", "backpropagate", "backpropagation", "backward")
UPDATE = "".join(f"(?<!{word}_{joint})" for word in _WAYS_BACK for joint in ("", "and_")) + "update"
"""A pattern for what only moves weights by its name: `backprop_and_update` goes back besides"""

BEGINS_LIKE_GRADIENT = re.compile(
    r"(?!data|date|dummy|dump|dura|dim|dict|dist|digit|doc|domain|done|dot)"
    r"(?:d_?[A-Z]|d_|d[whbxyzcuvafiogp]|d[jl]_?d|d(?:e|err|error|loss)_d|grad|delta|g[A-Z]|.*_(?:grad|delta)$)"
)
"""Among them `dj_dw`, `dl_dw` and `dloss_dw`"""

NUMBERED = re.compile(r"^(?:[gd]|delta)_?\d$", re.IGNORECASE)
"""Gradients that are called by a letter and a number, where there are several: `g1`, `g2`"""

SAYS_GRADIENTS = re.compile(r"grad|backward|back_?prop|bptt", re.IGNORECASE)
"""Functions of such a name return gradients in whatever container they build"""


SHORTENED = 4
"""Letters of a word that are enough to tell it"""


@lru_cache(maxsize=4096)
def cores(name: str) -> tuple[str, ...]:
    """Return what a gradient's name may be the gradient of, most literal first; nothing if it does not look like one.

    >>> cores("dWxh"), cores("grad_Wxh")[0], cores("dL_dWxh")[0], cores("Wxh_grad")[0]
    (('Wxh',), 'Wxh', 'Wxh', 'Wxh')
    >>> cores("JWo"), cores("Jbo"), cores("J_train"), cores("Jacobi")
    (('Wo',), ('bo',), (), ())
    >>> cores("Wxh")
    ()
    """
    found: list[str] = []
    for pattern in (_OF_LOSS, _BEFORE, _AFTER):
        stripped = pattern.sub("", name, count=1)
        if stripped != name and stripped:
            found.append(stripped.lstrip("_"))
            found.extend(core for core in cores(stripped.lstrip("_")) if len(core) > 0)
    found += [_LAID_OUT.sub("", core) for core in found if _LAID_OUT.search(core)]
    return tuple(dict.fromkeys(found))


def given_name(word: str) -> str:
    """Return what a gradient is called that had no name: nobody means a state's by it.

    >>> cores(given_name("W"))
    ('W',)
    """
    return f"gradient_of_{word}"


def forward_stem(name: str) -> str:
    """Return what a forward pass is called beside that it is one; of several such words the last says so.

    >>> forward_stem("conv_forward"), forward_stem("feedforward_forward"), forward_stem("forward")
    ('conv_', 'feedforward_', '')
    """
    found = list(FORWARD.finditer(name))
    return name[: found[-1].start()] + name[found[-1].end() :] if found else name


def backward_stem(name: str) -> str:
    """Return what a backward pass is called beside that it is one.

    >>> backward_stem("conv_backward"), backward_stem("backprop")
    ('conv_', '')
    """
    return BACKWARD.sub("", name)


def plain(name: str) -> str:
    """Return a name without what habits differ in.

    >>> plain("W_xh") == plain("wxh")
    True
    """
    return name.replace("_", "").lower()


PLAINLY = 3
"""How surely a name is that of a gradient which is spelled out"""


@lru_cache(maxsize=16384)
def is_gradient_of(gradient: str, name: str) -> int:
    """Tell how plainly one name is that of the gradient of the other: 0 not at all, 3 letter by letter.

    >>> is_gradient_of("dWxh", "Wxh"), is_gradient_of("gradPred", "predicted"), is_gradient_of("dWxh", "Why")
    (3, 1, 0)
    """
    found = cores(gradient)
    if name in found or _CURRENT.sub("", name) in found:
        return 3
    if plain(name) in {plain(core) for core in found}:
        return 2
    return int(any(len(core) >= SHORTENED and plain(name).startswith(plain(core)) for core in found))


def looks_like_gradient(name: str) -> bool:
    """Tell whether a name is one that gradients have."""
    return bool(cores(name))


def is_gradient_argument(name: str) -> bool:
    """Tell whether an argument is a gradient from above, by its name."""
    return looks_like_gradient(name) or bool(
        re.search(
            r"grad|delta|upstream|diff$|^ep_?d(?!f)\w|(?:^|_)err(?:or)?s?$|^dl$|^[deg]$|dvalues"
            r"|^back_?prop(?:agated)?(?:_?(?:grads?|gradients?|err(?:or)?s?|deltas?|signal))?$",
            name,
            re.IGNORECASE,
        )
    )
