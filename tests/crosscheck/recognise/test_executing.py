"""A module gets the command line and the data files that it can read."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import hooks, recognition
from crosscheck.recognise.cases import CallCases, is_binary
from crosscheck.recognise.executing import executed
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.roles import filled
from crosscheck.recognise.world import Plan, World
from crosscheck.source import read


def run(folder: Path, source: str, wanted: tuple[str, ...] = ()) -> World:
    path = folder / "program.py"
    path.write_text(source)
    return executed(read(path), Plan(), wanted)


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        (
            "rows = [[float(v) for v in line.split(',')] for line in open('a.csv')]\nX = [r[:-1] for r in rows]\n",
            (12, 4),
        ),
        ("X = []\nfor line in open('a.txt'):\n    x, y = line.split()\n    X.append([float(x)])\n", (12, 1)),
        ("X = []\nfor line in open('a.txt'):\n    r = line.split()\n    X.append([float(r[0]), int(r[6])])\n", (12, 2)),
        ("import csv\nX = [[float(r['a']), int(r['class'])] for r in csv.DictReader(open('a.csv'))]\n", (12, 2)),
        ("import csv\nX = [[float(v) for v in r] for r in csv.reader(open('a'), delimiter=';')]\n", (12, 5)),
        ("X = [[len(t), int(y)] for y, t in (line.split('\\t') for line in open('reviews.tsv'))]\n", (12, 2)),
        ("X = [[len(t), int(y)] for t, y in (line.strip().split('\\t') for line in open('a.tsv'))]\n", (12, 2)),
        ("X = [[len(w.split('/')[0]) for w in l.split()[:3]] + [l.split('/')[1]] for l in open('a')]\n", (12, 4)),
    ],
    ids=["numbers", "unpacked", "indexed", "named", "semicolons", "label first", "label last", "tags"],
)
def test_data_files_hold_what_the_program_reads(tmp_path: Path, source: str, shapes: tuple[int, ...]) -> None:
    world = run(tmp_path, source)
    assert world.failures == []
    assert np.shape(world.names["X"]) == shapes


def test_sentences_end_with_blank_lines(tmp_path: Path) -> None:
    source = """def gradient(s):
    return s
sent, all = [], []
for line in open('a.conll'):
    if line.strip():
        sent.append(line.split())
    else:
        all.append(sent)
        sent = []
for s in all:
    gradient([tag for word, tag in s])
"""
    world = run(tmp_path, source, ("gradient",))
    assert {len(sentence) for sentence in world.names["all"]} == {3, 4}
    assert world.hooks.entries["gradient"][0].finished
    # Nobody wants anything of it, and nothing failed: it keeps its text.
    assert run(tmp_path, source).plan.layout is None


def test_files_of_digits_have_their_headers(tmp_path: Path) -> None:
    source = """import gzip, struct
import numpy as np
with gzip.open('train-images-idx3-ubyte.gz') as f:
    magic, count, rows, columns = struct.unpack('>IIII', f.read(16))
    X = np.frombuffer(f.read(), np.uint8).reshape(count, rows * columns)
Z = np.frombuffer(open('train-images.idx3-ubyte', 'rb').read(), np.uint8, offset=16).reshape(-1, 28 * 28)
y = np.frombuffer(open('train-labels-idx1-ubyte', 'rb').read(), np.uint8, offset=8)
"""
    names = run(tmp_path, source).names
    assert names["X"].shape == names["Z"].shape == (12, 16)
    assert names["y"].shape == (12,)
    assert names["y"].max() < 10


def test_arguments_are_given_to_who_asks(tmp_path: Path) -> None:
    source = "import sys\nname, n, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])\ntext = open(name).read()\n"
    world = run(tmp_path, source)
    assert world.failures == []
    assert (world.names["n"], world.names["rate"]) == (3, 0.5)


def test_answers_are_letters_and_numbers(tmp_path: Path) -> None:
    source = "a = input('letter: ')\nn = int(input('size: '))\nr = float(input('rate: ').strip())\n"
    names = run(tmp_path, source).names
    assert (names["a"], names["n"], names["r"]) == ("a", 3, 0.5)


def test_words_and_their_tags_are_numbered_apart(tmp_path: Path) -> None:
    path = tmp_path / "tagger.py"
    path.write_text("""import numpy as np
class Tagger:
    def __init__(self):
        self.E, self.b = np.random.randn(14, 3), np.random.randn(3)
    def loss(self, feats, tags):
        s = np.array([self.E[f].sum(0) for f in feats]) + self.b
        return (np.log(np.exp(s).sum(1)) - s[np.arange(len(tags)), tags]).sum()
    def gradient(self, feats, tags):
        s = np.array([self.E[f].sum(0) for f in feats]) + self.b
        p = np.exp(s) / np.exp(s).sum(1, keepdims=True)
        p[np.arange(len(tags)), tags] -= 1
        dE = np.zeros_like(self.E)
        for t, f in enumerate(feats):
            for k in f:
                dE[k] += p[t]
        return dE, p.sum(0)
m = Tagger()
for step in range(3):
    dE, db = m.gradient([[0, 13], [5, 12], [7, 11]], [0, 2, 1])
    m.E -= 0.1 * dE
    m.b -= 0.1 * db
""")
    found = recognise(read(path))
    assert [unit.name for unit in found.units] == ["Tagger.gradient"]
    symbols = found.units[0].cases.symbols
    assert symbols["tags"] == 3
    assert symbols["feats[0]"] == 14


def test_a_scaled_mask_stays_one() -> None:
    random = np.random.default_rng(3)
    mask = (np.arange(20).reshape(4, 5) % 2) / 0.5
    drawn = CallCases({"w": np.ones(3)}, {"mask": mask})
    for index in range(8):
        made = drawn.build(drawn.draw(0, index)).arguments[1]["mask"]
        assert set(np.unique(made)) == {0.0, 2.0}
    assert np.array_equal(filled(mask, 1), mask)
    # A single chosen entry is a gradient, and no mask.
    chosen = np.zeros(9)
    chosen[4] = 3.7
    assert not is_binary(chosen)
    assert not is_binary(random.normal(size=9))


UNKNOWN = "import numpy as np\nw = np.ones(3)\ndef grad(w):\n    g = w * 2.7 + w[::-1] * 3\n    return g\ngrad(w)\n"


def test_a_gradient_without_a_loss_is_named(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(UNKNOWN)
    assert [skipped.function for skipped in recognise(read(path)).skipped] == ["grad"]


@pytest.mark.usefixtures("every_plan")
def test_no_other_sizes_are_tried_when_time_is_up_and_who_waits_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "program.py"
    path.write_text(UNKNOWN)
    ticks = {seconds: list[None]() for seconds in (recognition.SECONDS, -1.0)}
    for seconds, told in ticks.items():
        monkeypatch.setattr(recognition, "SECONDS", seconds)
        found = recognise(read(path), tick=lambda told=told: told.append(None))
        assert [skipped.function for skipped in found.skipped] == ["grad"]
    usual, hurried = map(len, ticks.values())
    assert 2 <= hurried == usual / len(recognition.PLANS) < usual


def test_a_replayed_while_loop_ends_when_it_has_taken_long(monkeypatch: pytest.MonkeyPatch) -> None:
    made = hooks.Hooks(60)
    made.begin("train")
    assert all(made.again(3, True) for _ in range(hooks.SOME_TURNS * 3))
    monkeypatch.setattr(hooks, "LONGEST", -1.0)
    made.begin("train")
    assert all(made.again(3, True) for _ in range(hooks.SOME_TURNS - 1))
    with pytest.raises(TimeoutError, match="line 3 does not end"):
        made.again(3, True)


def test_what_did_not_end_is_called_no_more_while_units_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = hooks.Hooks(60)
    monkeypatch.setattr(hooks, "ENDLESS", 1)
    for endless in (None, set[str]()):
        made.endless = endless
        made.begin("train")
        with pytest.raises(TimeoutError):
            [made.again(3, True) for _ in range(2)]
    with pytest.raises(TimeoutError, match="in train does not end"):
        made.begin("train")
    made.begin("forward")
    made.endless = None
    made.begin("train")
