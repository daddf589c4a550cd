"""Classes of torch.autograd.Function against the derivative of their forward."""

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch
torch.set_num_threads(1)  # tensors of twenty numbers: more threads would only wait for each other

from crosscheck.custom_rules.constants import SOME_NUMBER, constants_of  # noqa: E402
from crosscheck.source import Edit, read  # noqa: E402
from tests.crosscheck.custom_rules.documents import TORCH, codes, examined, line_of  # noqa: E402


def function(forward, backward, name="Rule", arguments="x", saved="x"):
    """Return the source of a class."""
    return (
        f"{TORCH}\nclass {name}(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, {arguments}):\n"
        f"        ctx.save_for_backward({saved})\n        return {forward}\n\n    @staticmethod\n"
        f"    def backward(ctx, g):\n        {saved}, = ctx.saved_tensors\n        {backward}\n"
    )


def judged(tmp_path, code):
    subjects, _, _ = examined(tmp_path, code)
    (subject,) = subjects.values()
    return subject


@pytest.mark.thorough
def test_a_right_class_agrees_and_a_wrong_one_is_found_on_the_line_of_its_backward(tmp_path):
    subject = judged(tmp_path, function("x.sin()", "return g * x.cos()"))
    assert (subject["verdict"], codes(subject)) == ("agree", set())
    assert subject["model"] == "torch.autograd.Function"
    assert subject["oracles"] == ["torch's derivative of the forward"]
    assert "single" in subject["regimes"]
    code = function("x.sin()", "return g * -x.cos()")
    subject = judged(tmp_path, code)
    assert subject["verdict"] == "disagree"
    (finding,) = [one for one in subject["findings"] if one["severity"] == "error"]
    assert (finding["code"], finding["parameter"]) == ("gradient-differs", "x")
    assert finding["line"] - 1 == line_of(code, "def backward") - 1


def test_helpers_that_are_compiled_are_run_as_they_are_written(tmp_path):
    slope = "@torch.jit.script\ndef slope(x, g):\n    return g * x.cos()\n\n\n"
    code = function("x.sin()", "return slope(x, g)").replace("class Rule", f"{slope}class Rule")
    assert judged(tmp_path, code)["verdict"] == "agree"
    assert judged(tmp_path, code.replace("x.cos()", "x.sin()"))["verdict"] == "disagree"


def test_a_forward_through_numpy_is_differentiated_numerically(tmp_path):
    forward = "torch.from_numpy(__import__('numpy').sin(x.detach().numpy()))"
    subject = judged(tmp_path, function(forward, "return g * x.cos()"))
    assert subject["verdict"] == "agree"
    assert subject["oracles"] == ["differences of the forward"]
    assert judged(tmp_path, function(forward, "return g * x.sin()"))["verdict"] == "disagree"


def test_a_forward_that_detaches_a_part_is_not_believed_to_be_differentiable(tmp_path):
    forward, half = "x * x.detach()", "return g * x"
    subject = judged(tmp_path, function(forward, "return 2 * g * x"))
    assert subject["verdict"] == "agree"
    assert "differences of the forward" in subject["oracles"]
    assert judged(tmp_path, function(forward, half))["verdict"] == "disagree"


@pytest.mark.parametrize(
    ("backward", "code"),
    [
        ("return (g.view(-1) * x.reshape(-1).cos()).view(x.shape)", "upstream-layout"),
        ("g *= x.cos(); return g", "upstream-changed"),
        ("return g * x.cos_()", "saved-changed"),
        ("return g * x.cos(), None, g", "rule-malformed"),
    ],
)
def test_what_torch_asks_for_beside_the_numbers(tmp_path, backward, code):
    subject = judged(tmp_path, function("x.sin()", backward))
    assert subject["verdict"] == "disagree"
    assert code in codes(subject)


TWO = """
        dx = dy = None
        if ctx.needs_input_grad[0]:
            dx = g * y
        if ctx.needs_input_grad[1]:
            dy = g * x
        return dx, dy"""


def test_every_combination_of_needed_gradients_is_asked_for(tmp_path):
    code = function("x * y", TWO, arguments="x, y", saved="x, y").replace("x, y, =", "x, y =")
    assert judged(tmp_path, code)["verdict"] == "agree"
    subject = judged(tmp_path, code.replace("input_grad[1]", "input_grad[0]"))
    assert (subject["verdict"], "needs-input-grad" in codes(subject)) == ("disagree", True)


def test_none_for_a_gradient_that_is_needed_is_an_error_and_for_a_mask_a_warning(tmp_path):
    code = function("x * y", "return g * y, None", arguments="x, y", saved="x, y").replace("x, y, =", "x, y =")
    assert judged(tmp_path, code)["verdict"] == "disagree"
    subject = judged(tmp_path, code.replace("y", "mask").replace("mask,", "mask,"))
    assert (subject["verdict"], "gradient-left-out" in codes(subject)) == ("agree", True)


def test_what_is_kept_on_ctx_is_a_warning_and_differentiating_twice_a_note(tmp_path):
    code = function("x.sin()", "return g * ctx.x.cos()").replace("ctx.save_for", "ctx.x = x; ctx.save_for")
    subject = judged(tmp_path, code.replace("g * ctx.x.cos()", "g * ctx.x.cos().detach()"))
    severities = {one["code"]: one["severity"] for one in subject["findings"]}
    assert severities == {"saved-on-ctx": "warning", "double-backward": "note"}
    assert subject["verdict"] == "agree"


def test_setup_context_several_outputs_and_integers(tmp_path):
    code = (
        TORCH
        + """
class Entropy(torch.autograd.Function):
    @staticmethod
    def forward(logits, target):
        p = torch.softmax(logits, dim=1)
        return -p[torch.arange(len(target)), target].log().mean(), p

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(output[1], inputs[1])

    @staticmethod
    def backward(ctx, g, _):
        p, target = ctx.saved_tensors
        d = p - torch.nn.functional.one_hot(target, p.shape[1])
        return g * d / len(target), None

for _ in range(10 ** 9):
    Entropy.apply(torch.randn(80, 10, requires_grad=True), torch.randint(0, 10, (80,)))
"""
    )
    subject = judged(tmp_path, code)
    assert subject["verdict"] == "agree", subject
    assert subject["assumptions"][0].startswith("Entropy is called with logits (5, 3), target integers (5,)")
    assert judged(tmp_path, code.replace(" / len(target), None", ", None"))["verdict"] == "disagree"


def test_an_output_that_is_not_used(tmp_path):
    code = function("(x.sin(), x.cos())", "return g * x.cos() - h * x.sin()").replace("(ctx, g)", "(ctx, g, h)")
    assert judged(tmp_path, code)["verdict"] == "agree"
    code = code.replace("ctx.save_for", "ctx.set_materialize_grads(False); ctx.save_for")
    assert codes(judged(tmp_path, code)) == {"unused-output"}


def test_one_number_in_place_of_an_array_says_that_the_argument_is_a_number(tmp_path):
    code = function(
        "beta * x.sin()", "return g * beta * x.cos(), (g * x.sin()).sum()", arguments="x, beta", saved="x, beta"
    )
    assert judged(tmp_path, code)["verdict"] == "agree"
    assert "rule-malformed" in codes(judged(tmp_path, code.replace(".sum()", ".sum(1)")))


POWER = (
    TORCH
    + """
class Power(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma):
        ctx.save_for_backward(x)
        ctx.gamma = gamma
        return (1 + x * x).pow(gamma).sum()

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * ctx.gamma * (1 + x * x).pow(ctx.gamma - 1) * 2 * x, None
"""
)
CALLED = "\ndef power(x, gamma=3.0):\n    return Power.apply(x, gamma)\n"


def test_a_plain_number_needs_no_gradient_and_is_varied(tmp_path):
    subject = judged(tmp_path, POWER + CALLED)
    assert (subject["verdict"], [p["name"] for p in subject["parameters"]]) == ("agree", ["x"])
    assert "gamma: plain numbers, of which no gradient is asked for" in subject["assumptions"]
    assert "gamma 3.0" in subject["assumptions"][0]
    wrong = (POWER + CALLED).replace("g * ctx.gamma *", "g * 3.0 *")  # right for one of the numbers only
    assert judged(tmp_path, wrong)["verdict"] == "disagree"


def test_a_tensor_seen_in_a_call_is_no_number_whatever_the_default_is(tmp_path):
    caller = CALLED + "power(torch.ones(4, requires_grad=True), torch.ones(4, requires_grad=True))\n"
    subject = judged(tmp_path, POWER + caller)
    (finding,) = [one for one in subject["findings"] if one["severity"] == "error"]
    assert (subject["verdict"], finding["parameter"]) == ("disagree", "gamma")


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("", {"gamma": SOME_NUMBER}),
        (CALLED, {"gamma": 3.0}),
        (CALLED.replace("=3.0", "") + "power(data(), 2)\n", {"gamma": 2}),
        (CALLED.replace(", gamma)", ", -1.5)"), {"gamma": -1.5}),
        ("class Layer:\n def __init__(self, gamma=3.0):\n  self.gamma = gamma\n"
         " def run(self, x):\n  return Power.apply(x, self.gamma)\n", {"gamma": 3.0}),
        ("power = Power.apply\npower(data(), 0.5)\n", {"gamma": 0.5}),
        ("power = Power.apply\npower(data(), 0.5)\npower(data(), weights())\n", {}),
        ("Power.apply(x, torch.ones(4, requires_grad=True))\n", {}),
        ("Power.apply(x, layer.weight)\n", {}),
        ("def power(x, weight):\n    return Power.apply(x, weight)\n", {}),
    ],
)  # fmt: skip
def test_what_a_file_says_about_an_argument_that_may_be_a_number(caller, expected, tmp_path):
    path = tmp_path / "power.py"
    path.write_text(POWER + caller)
    document = read(path)
    assert constants_of(document, "Power", None, document.tree.body, ["x", "gamma"]) == expected
    returned = document.with_edits([edit_of(document, "* x, None", "* x, total")])
    unsaid = {"gamma": expected["gamma"]} if expected and caller else {}
    assert constants_of(returned, "Power", None, returned.tree.body, ["x", "gamma"]) == unsaid


def edit_of(document, before, after):
    number = next(n for n, line in enumerate(document.lines, 1) if before in line)
    at = document.lines[number - 1].index(before)
    return Edit((number, at), (number, at + len(before)), after)


@pytest.mark.thorough
def test_where_an_equality_chooses_the_branch_nothing_is_judged(tmp_path):
    forward = "torch.where(x == 0, 0.0, x * torch.log(torch.where(x == 0, 1.0, y.abs())))"
    code = function(forward, "return g * y.abs().log(), g * x / y", arguments="x, y", saved="x, y")
    subject = judged(tmp_path, code.replace("x, y, =", "x, y ="))
    assert (subject["verdict"], "zero" in subject["regimes"]) == ("agree", True)


PICTURES = (
    TORCH
    + """
class Centre(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gain):
        n, c, rows, columns = x.size()
        ctx.save_for_backward(x, gain)
        return gain.view(1, c, 1, 1) * (x - x.mean((2, 3), keepdim=True))

    @staticmethod
    def backward(ctx, g):
        x, gain = ctx.saved_tensors
        d = g * gain.view(1, -1, 1, 1)
        return d - d.mean((2, 3), keepdim=True), (g * (x - x.mean((2, 3), keepdim=True))).sum((0, 2, 3))
"""
)


@pytest.mark.thorough
def test_a_class_that_nobody_calls_is_called_with_what_its_forward_takes_apart(tmp_path):
    subject = judged(tmp_path, PICTURES)
    assert (subject["verdict"], {p["name"] for p in subject["parameters"]}) == ("agree", {"x", "gain"})
    assert judged(tmp_path, PICTURES.replace("return d - d.mean", "return d - g.mean"))["verdict"] == "disagree"


GROUPS = (
    TORCH
    + """
class Total(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, ranks):
        last = torch.ones(len(x), dtype=torch.bool)
        last[:-1] = ranks[1:] != ranks[:-1]
        ctx.save_for_backward(last)
        total = x.cumsum(0)[last]
        return torch.cat([total[:1], total[1:] - total[:-1]])

    @staticmethod
    def backward(ctx, g):
        last, = ctx.saved_tensors
        group = torch.cumsum(last, 0)
        group[last] -= 1
        return g[group], None
"""
)


def test_integers_may_decide_how_many_rows_an_output_has(tmp_path):
    assert judged(tmp_path, GROUPS)["verdict"] == "agree"
    assert (
        judged(tmp_path, GROUPS.replace("return g[group],", "return g[group] * last[:, None],"))["verdict"]
        == "disagree"
    )


BY_AXIS = "return y * (g - (g * y).sum(ctx.dim, keepdim=True)), None"


def test_an_axis_that_the_backward_has_written_down_is_found_where_another_is_asked_for(tmp_path):
    code = function("y", BY_AXIS, arguments="x, dim", saved="y")
    code = code.replace("ctx.save_for", "y = torch.softmax(x, dim); ctx.dim = dim; ctx.save_for")
    assert judged(tmp_path, code)["verdict"] == "agree"
    assert judged(tmp_path, code.replace("sum(ctx.dim,", "sum(-1,"))["verdict"] == "disagree"


def test_arrays_that_are_no_tensors_are_held_and_need_no_gradient(tmp_path):
    call = "import numpy as np\nRule.apply(torch.ones(9, 5, requires_grad=True), np.linspace(1.0, 2.0, 5))\n"
    code = function("x * torch.tensor(w)", "return g * torch.tensor(ctx.w), None", arguments="x, w")
    code = code.replace("ctx.save_for", "ctx.w = w; ctx.save_for") + call
    subject = judged(tmp_path, code)
    assert (subject["verdict"], [p["name"] for p in subject["parameters"]]) == ("agree", ["x"])
    assert judged(tmp_path, code.replace("g * torch.tensor(ctx.w)", "g"))["verdict"] == "disagree"


def test_a_class_whose_backward_only_raises_has_no_gradient_to_judge(tmp_path):
    code = function("x.round()", "raise RuntimeError('it has none')", name="Nearest")
    code = code.replace("        x, = ctx.saved_tensors\n", "")
    subjects, events, others = examined(tmp_path, code + function("x.sin()", "return g * x.cos()"))
    assert (list(subjects), events, others) == (["Rule"], [], False)


def test_a_power_has_no_slope_where_its_base_is_zero_and_is_judged_beside_it(tmp_path):
    code = function(
        "x**n",
        "return g * n * x ** (n - 1), g * x**n * x.log()",
        arguments="x: torch.Tensor, n: torch.Tensor",
        saved="x, n",
    )
    subject = judged(tmp_path, code)
    assert (subject["verdict"], subject["judged"]) == ("agree", subject["examples"])
    assert judged(tmp_path, code.replace("x.log()", "n.log()"))["verdict"] == "disagree"


CE = """
class Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Z, Y):
        P = torch.softmax(Z, dim=1)
        ctx.save_for_backward(P, Y)
        return torch.mean(-torch.sum(Y * torch.log(P), dim=1))

    @staticmethod
    def backward(ctx, g):
        P, Y = ctx.saved_tensors
        return g * (P - Y){share}, None


W = torch.randn(4, 3, requires_grad=True)
for turn in range(3):
    loss = Loss.apply(torch.randn(5, 4) @ W, torch.eye(3)[torch.randint(0, 3, (5,))])
    loss.backward()
"""


@pytest.mark.parametrize(("share", "verdict"), [(" / Y.shape[0]", "agree"), ("", "disagree")])
def test_rows_that_sum_to_one_stay_so_and_need_no_gradient(tmp_path, share, verdict):
    subject = judged(tmp_path, TORCH + CE.format(share=share))
    assert subject["verdict"] == verdict
    assert {one["verdict"] for one in subject["parameters"] if one["name"] == "Y"} == {"agree"}


RECURRENT = """
class Recurrent(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tokens, emb, w_ih, w_hh, bias, bptt: int):
        h, states = emb.new_zeros(tokens.shape[0], w_hh.shape[0]), []
        for t in range(tokens.shape[1]):
            h = torch.tanh(emb[tokens[:, t]] @ w_ih.T + h @ w_hh.T + bias)
            states.append(h)
        ctx.save_for_backward(tokens, emb, w_ih, w_hh, torch.stack(states, 1))
        ctx.bptt = bptt
        return torch.stack(states, 1)

    @staticmethod
    def backward(ctx, g):
        tokens, emb, w_ih, w_hh, states = ctx.saved_tensors
        d_emb, d_ih, d_hh = torch.zeros_like(emb), torch.zeros_like(w_ih), torch.zeros_like(w_hh)
        d_bias, carried = torch.zeros(len(w_hh), dtype=g.dtype), torch.zeros_like(states[:, 0])
        for t in reversed(range(tokens.shape[1])):
            raw = (g[:, t] + carried) * (1 - states[:, t] ** 2)
            before = states[:, t - 1] if t else torch.zeros_like(carried)
            d_ih, d_hh = d_ih + raw.T @ emb[tokens[:, t]], d_hh + raw.T @ before
            d_bias = d_bias + raw.sum(0)
            d_emb.index_add_(0, tokens[:, t], raw @ w_ih)
            carried = raw @ w_hh if not ctx.bptt or t % ctx.bptt else torch.zeros_like(raw)
        return None, d_emb, d_ih, d_hh, d_bias, None
"""


def test_a_recurrent_layer_that_nobody_calls_is_called_by_the_names_of_its_weights(tmp_path):
    code = TORCH + RECURRENT
    subject = judged(tmp_path, code)
    assert (subject["verdict"], {p["name"] for p in subject["parameters"]}) == (
        "agree",
        {"emb", "w_ih", "w_hh", "bias"},
    )
    wrong = judged(tmp_path, code.replace("+ carried)", ")"))
    assert {p["name"] for p in wrong["parameters"] if p["verdict"] == "disagree"} >= {"emb", "w_ih", "w_hh", "bias"}


def test_a_backward_that_only_fails_with_what_was_guessed_is_not_judged(tmp_path):
    def of(problem):
        return function("p + q", f"{problem}\n        return g, g", arguments="p, q", saved="p, q")

    subjects, skipped, _ = examined(tmp_path, of("g[200]"))
    assert not subjects
    assert "with p (4, 5), q (4, 5) its backward raises IndexError" in str(skipped)
    subjects, skipped, _ = examined(tmp_path, of("unheard_of"))
    assert [subject["verdict"] for subject in subjects.values()] == ["error"]
