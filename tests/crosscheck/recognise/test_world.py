"""Someone's module is executed only as far as it is needed, and touches nothing."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise.executing import executed
from crosscheck.recognise.world import Plan, World
from crosscheck.source import read
from crosscheck.source.document import read_text


def run(folder: Path, source: str, plan: Plan = Plan()) -> World:  # noqa: B008 - it is frozen
    path = folder / "program.py"
    path.write_text(source)
    return World(read(path), plan).run()


def test_files_hold_text_and_nothing_is_written(tmp_path: Path) -> None:
    world = run(tmp_path, "text = open('no such file').read()\nwith open('out.txt', 'w') as f:\n    f.write(text)\n")
    assert len(set(world.names["text"])) == 7
    assert not (tmp_path / "out.txt").exists()
    assert world.failures == []


def test_annotations_are_not_evaluated(tmp_path: Path) -> None:
    world = run(tmp_path, "def wrapped(x: Tensor) -> Tensor:\n    return Tensor(x)\n\nclass Tensor:\n    pass\n")
    assert world.failures == []
    assert "wrapped" in world.names


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(1e6)\n",
        "import pdb\npdb.set_trace()\n",
        "name = input('Your name? ')\n",
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1])\nplt.show()\n",
        "import missing_module\nmissing_module.start(3)\n",
        "import sys\nif len(sys.argv) < 2:\n    sys.exit('usage: train.py FILE')\n",
    ],
)
def test_nothing_waits_for_anybody(tmp_path: Path, source: str) -> None:
    assert run(tmp_path, source + "reached = True\n").names["reached"]


def test_a_training_loop_ends_and_the_module_goes_on(tmp_path: Path) -> None:
    source = "def lossFun(x):\n    return x\nn = 0\nwhile True:\n    lossFun(n)\n    n += 1\nafter = n\n"
    assert run(tmp_path, source).names["after"] < 100


def test_other_loops_run_to_their_end(tmp_path: Path) -> None:
    assert run(tmp_path, "total = 0\nfor i in range(1000):\n    total += i\n").names["total"] == 499_500


def test_sizes_become_small_and_different(tmp_path: Path) -> None:
    world = run(tmp_path, "hidden_size = 100\nseq_length = 25\nlearning_rate = 50\nW = [0] * hidden_size\n")
    assert world.sizes == {100: 5, 25: 4}
    assert len(world.names["W"]) == 5
    assert world.names["learning_rate"] == 50
    assert run(tmp_path, "hidden_size = 100\n", Plan(small_sizes=False)).names["hidden_size"] == 100


def test_widths_between_layers_become_small_without_a_name(tmp_path: Path) -> None:
    start = "import numpy as np\nW = np.random.randn(2, 64)\nb = np.zeros((1, 64))\n"
    source = start + "V = np.random.normal(0, 1, size=(64, 1)) * np.sqrt(2 / 64)\nc = np.zeros(14)\n"
    names = run(tmp_path, source).names
    assert [names[n].shape for n in "WbVc"] == [(2, 5), (1, 5), (5, 1), (14,)]
    assert run(tmp_path, source + "rows = b.reshape(-1, 64)\n").names["W"].shape == (2, 64)


def test_what_raises_is_noted_and_passed_over(tmp_path: Path) -> None:
    world = run(tmp_path, "import numpy as np\nx = np.zeros(3)[7]\ny = 3\n")
    assert [line for line, _ in world.failures] == [2]
    assert world.names["y"] == 3


def test_a_forgotten_import_of_numpy_is_supplied_and_said(tmp_path: Path) -> None:
    world = run(tmp_path, "x = np.zeros(hidden_size)\n")
    assert len(world.names["x"]) == 5
    assert set(world.missing) == {"np", "hidden_size"}


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        ("from sklearn.datasets import make_moons\nX, y = make_moons(200, noise=0.2)\n", [(12, 2), (12,)]),
        ("import sklearn.datasets\nd = sklearn.datasets.load_iris()\nX, y = d.data, d.target\n", [(12, 4), (12,)]),
        ("import pandas as pd\nt = pd.read_csv('a.csv')\nX, y = t.drop('y').values, t['y'].values\n", [(12, 4), (12,)]),
        (
            "import pandas as pd\nt = pd.read_csv('a.csv').iloc[:9].copy()\nt.iloc[:, -1] = (t.iloc[:, -1] == 'yes')\n"
            "X, y = t.iloc[:, :-1].to_numpy(), t.iloc[:, -1].to_numpy(dtype=int)\nassert 0 < y.sum() < 9\n",
            [(9, 4), (9,)],
        ),
        ("import numpy as np\nt = np.loadtxt('a.csv')\nX, y = t[:, :-1], t[:, -1]\n", [(12, 4), (12,)]),
        ("import numpy as np\nX, y = np.loadtxt('x.dat'), np.loadtxt('data/y.dat')\n", [(12, 5), (12,)]),
        ("from keras.datasets import mnist\n(X, y), _ = mnist.load_data()\n", [(12, 4, 4), (12,)]),
        ("import gzip, pickle\n(X, y), _, _ = pickle.load(gzip.open('mnist.pkl.gz'))\n", [(12, 16), (12,)]),
        ("import numpy as np\nt = np.load('rows.npz')['arr_0']\nX, y = t[:, 1:], t[:, 0]\n", [(12, 4), (12,)]),
        ("import numpy as np\nX, y = np.load('digits.npy'), 0\n", [(12, 4, 4), ()]),
        ("import own\nX, y = own.X[:9], own.Y[:9]\nown.show(X)\n", [(9, 5), (9,)]),
        ("import urllib.request as u\nX = y = u.urlopen('http://a.b').read()\n", [(), ()]),
    ],
)
def test_data_sets_are_small_and_synthetic(tmp_path: Path, source: str, shapes: list[tuple[int, ...]]) -> None:
    world = run(tmp_path, source)
    assert world.failures == []
    assert [np.shape(world.names[name]) for name in "Xy"] == shapes


def test_numpy_reads_files_again_afterwards(tmp_path: Path) -> None:
    before = np.loadtxt
    run(tmp_path, "import numpy as np\nx = np.loadtxt('a')\n")
    assert np.loadtxt is before


def test_arrays_of_one_number_pass_for_numbers_where_the_program_needs_it(tmp_path: Path) -> None:
    plain = "import numpy as np\nx = np.zeros(3)\nx[1] = 2.0\n"
    assert run(tmp_path, plain).missing == {}
    world = executed(read_text(plain + "x[2] = np.ones((1, 1))\n", "utf-8", tmp_path / "x.py"), Plan())
    assert world.failures == []
    assert world.names["x"].tolist() == [0, 2, 1]
    assert "NumPy before" in world.missing["numpy"]


def test_sizes_of_pictures_and_options_become_small(tmp_path: Path) -> None:
    options = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--hidden', type=int, default=100)\n"
    names = run(tmp_path, options + "n = 28 * 28\nm = 784\nhidden = p.parse_args().hidden\n").names
    assert (names["n"], names["m"], names["hidden"]) == (16, 16, 5)
    layers = run(tmp_path, "layers = [64, 100, 50, 10]\n").names["layers"]
    assert (layers[0], layers[-1], max(layers[1:-1]) < 13) == (64, 10, True)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "import m\nclass Net(m.Base):\n    def __init__(self, n):\n        super().__init__(n)\nNet(3)\n",
            None,
        ),
        ("from inits import xavier_init\nx = xavier_init((4, 5))\n", (4, 5)),
        ("import inits\nx = inits.glorot_uniform(6, 2)\n", (6, 2)),
        ("import inits\nx = inits.initialise_everything('now')\n", None),
        (
            "from mnist import MNIST\nimages, labels = MNIST('data').load_training()\nx = images[:3] and labels[:5]\n",
            (5,),
        ),
        ("from dataset.mnist import load_mnist\n(x, t), _ = load_mnist(flatten=True, one_hot_label=True)\n", (12, 16)),
        ("import mnist_reader as r\nx, t = r.load_mnist('data/fashion', kind='train')\n", (12, 16)),
        ("from functions import softmax\nx = softmax(np.zeros((2, 5)) @ np.eye(5)).sum(axis=1)\n", (2,)),
    ],
)
def test_what_is_not_here_is_replaced_by_what_it_says_it_is(
    tmp_path: Path, source: str, shown: tuple[int, ...] | None
) -> None:
    world = run(tmp_path, "import numpy as np\n" + source)
    assert not world.failures
    if shown is not None:
        assert np.shape(world.names["x"]) == shown


@pytest.mark.parametrize(("product", "axis"), [("x @ self.W", 1), ("self.W @ x", 0)])
def test_a_missing_softmax_goes_along_the_axis_of_the_classes(tmp_path: Path, product: str, axis: int) -> None:
    source = f"""
from functions import softmax
import numpy as np
class Net:
    def forward(self, x):
        return softmax({product})
p = softmax(np.arange(6.0).reshape(2, 3))
"""
    p = run(tmp_path, source).names["p"]
    assert np.allclose(p.sum(axis=axis), 1)
    assert not np.allclose(p.sum(axis=1 - axis), 1)


def test_a_function_of_which_no_call_is_remembered_has_no_entry(tmp_path: Path) -> None:
    world = run(tmp_path, "def seen(): return 1.0\ndef unseen(): return seen()\n")
    hooks = world.hooks
    hooks.watched = frozenset({"seen"})
    hooks.start(world.names)
    world.names["unseen"]()
    hooks.stop()
    assert hooks.entries.keys() == {"seen"}


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        ("X, Y = load()\nfound = [X, Y]\n", [(12, 5), (12,)]),
        ("(x_train, y_train), (x_test, y_test) = load(3)\nfound = [x_test, y_test]\n", [(12, 5), (12,)]),
        ("a, b = load()\nfound = [a, b]\n", None),  # says nothing of what it is
        ("y_train, y_test = load()\nfound = [y_train]\n", None),
    ],
)
def test_what_a_missing_module_returns_is_told_by_what_it_is_taken_apart_into(
    tmp_path: Path, source: str, shapes: list[tuple[int, ...]] | None
) -> None:
    world = run(tmp_path, "from mydata import load\n" + source)
    if shapes is None:
        assert "found" not in world.names
    else:
        assert [np.shape(one) for one in world.names["found"]] == shapes


@pytest.mark.parametrize(
    ("source", "is_numpy"),
    [
        ("import backend as xp\ndef f(x): return xp.exp(x) / xp.sum(x)\nm = xp", True),
        ("import lib.arrays as nd\ndef f(x): return nd.exp(x) / nd.sum(x)\nm = nd", True),
        ("from . import fast as f\nx = f.ones(3)\nm = f.zeros(2) is x or f", True),
        ("from helpers import lib, load\ndef f(x): return lib.exp(load(x)) / lib.sum(x)\nm = lib", True),
        ("import cupyx as cp\nx = cp.ones(3)\nm = cp.get_array_module(x)", True),
        ("from everything import *\nm = cp", True),
        ("import tools\ndef f(x): return tools.exp(x) / tools.sum(tools.grid(x))\nm = tools", False),
        ("import tools\nx = tools.load('x'), tools.save(3)\nm = tools", False),
    ],
)
def test_a_missing_module_that_arrays_are_computed_with_is_numpy(tmp_path: Path, source: str, is_numpy: bool) -> None:
    world = run(tmp_path, source + "\n")
    assert (getattr(world.names["m"], "exp", None) is np.exp) == is_numpy


@pytest.mark.parametrize(
    "call", ["super().__init__(n, r=r)", "super(Net, self).__init__(n, r)", "B.__init__(self, r, n)"]
)
def test_a_missing_base_class_keeps_what_it_is_made_with(tmp_path: Path, call: str) -> None:
    world = run(
        tmp_path,
        f"from m import B\nclass Net(B):\n    def __init__(self, n, r=0.5, other=7):\n"
        f"        self.n = 2\n        {call}\n        self.n += 1\nnet = Net(3)\n",
    )
    assert vars(world.names["net"]) == {"n": 3, "r": 0.5}


def test_a_bar_of_progress_is_told_things_while_it_turns(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "from tqdm import tqdm, trange\n"
        "bar, seen = tqdm(range(3), desc='x'), []\n"
        "for turn in bar:\n    bar.set_postfix(loss=turn)\n    seen.append(turn)\n"
        "for turn in (other := trange(2)):\n    other.set_description('x')\n    seen.append((turn, len(other)))\n"
    )
    world = World(read(path)).run()
    assert not world.failures
    assert world.names["seen"] == [0, 1, 2, (0, 2), (1, 2)]


def test_an_option_that_is_a_file_is_open(tmp_path: Path) -> None:
    code = """
import argparse
options = argparse.ArgumentParser()
options.add_argument('train', type=argparse.FileType('r'))
options.add_argument('--test', type=argparse.FileType('r'), default='test.txt')
found = options.parse_args()
lines = found.train.readlines(), found.test.readlines()
"""
    assert all(run(tmp_path, code).names["lines"])
