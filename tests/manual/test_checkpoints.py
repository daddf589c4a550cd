import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from manual.atomic import check_writable, replace_file
from manual.checkpoints import Checkpoint, check_text, digest_text, load, save
from manual.errors import InputError
from manual.parameters import Parameters, initialise
from manual.settings import Sampling, Settings
from manual.text import Vocabulary
from manual.training import begin, engine_from, train
from manual.windows import Layout

ROOT = Path(__file__).parents[2]
H, T = 5, 3
TEXT = "so long as men can breathe or eyes can see\nso long lives this\n"
VOCABULARY = Vocabulary.from_text(TEXT)
INDICES = VOCABULARY.encode(TEXT)
SWEEP = Settings(Layout(T))


def checkpoint_after(steps, settings=SWEEP, dtype=np.float64):
    state = begin(initialise(len(VOCABULARY), H, seed=37, scale=0.5, dtype=dtype), settings, seed=41)
    state = run(state, settings, steps)[-1].state if steps else state
    return Checkpoint(settings, VOCABULARY, digest_text(INDICES), state)


def run(state, settings, steps):
    sampling = Sampling(every=5, length=7)
    return list(train(state, INDICES, settings.layout, engine_from(settings), steps=steps, sampling=sampling))


def assert_same(first, second):
    """Two nested tuples, dictionaries and arrays are equal bit for bit."""
    assert type(first) is type(second)
    if isinstance(first, np.ndarray | np.generic):
        assert first.dtype == second.dtype
        assert first.shape == second.shape
        assert first.tobytes() == second.tobytes()
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second


@contextmanager
def without_privileges():
    """Root writes everywhere; become nobody for a while."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.safetensors"


@pytest.mark.parametrize(
    "settings",
    [
        SWEEP,
        Settings(Layout(T, stream_count=2), "adam", 0.01, "norm", 0.1 + 0.2, truncation=2),
        Settings(Layout(T, separator=(0,)), "sgd", 1e-3, "none"),
        Settings(Layout(T, document_length=11), "adam"),
    ],
    ids=["sweep", "streams", "lines", "documents"],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_continues_from_its_file_as_if_never_interrupted(path, settings, dtype):
    whole = run(checkpoint_after(0, settings, dtype).state, settings, 40)
    interrupted = checkpoint_after(17, settings, dtype)
    save(path, interrupted)
    restored = load(path)
    assert_same(restored, interrupted)
    resumed = run(restored.state, restored.settings, 40)
    assert len(resumed) == 23
    assert_same(tuple(resumed), tuple(whole[17:]))


def test_words_are_restored_as_words(path):
    checkpoint = checkpoint_after(1)._replace(vocabulary=Vocabulary.from_text(TEXT + "y z é", level="word"))
    parameters = initialise(len(checkpoint.vocabulary), H, seed=43)
    save(path, checkpoint._replace(state=begin(parameters, SWEEP, seed=47)))
    assert load(path).vocabulary == checkpoint.vocabulary


def test_restored_arrays_own_their_memory_and_can_be_changed(path):
    save(path, checkpoint_after(3))
    state = load(path).state
    for array in (*state.parameters, *state.optimiser_state.memory, state.hidden_state):
        assert array.flags.owndata
        assert array.flags.writeable


def test_saving_replaces_the_previous_file_and_leaves_nothing_else(path):
    save(path, checkpoint_after(3))
    save(path, checkpoint_after(7))
    assert load(path).state.step == 7
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_followed(path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere.safetensors")
    save(path, checkpoint_after(3))
    assert path.is_symlink()
    assert (tmp_path / "elsewhere.safetensors").is_file()


def test_the_mode_of_a_checkpoint_is_that_of_any_new_file(path):
    save(path, checkpoint_after(0))
    ordinary = path.with_name("ordinary")
    ordinary.touch()
    assert path.stat().st_mode == ordinary.stat().st_mode


def refusal(call, *arguments):
    """Return the sentence with which a call is refused."""
    with pytest.raises(InputError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_every_truncated_file_is_refused(path):
    save(path, checkpoint_after(3))
    content = path.read_bytes()
    for length in np.unique(np.geomspace(1, len(content) - 1, 101).astype(int)):
        path.write_bytes(content[:length])
        assert str(path) in refusal(load, path)
    path.write_bytes(b"")
    assert "truncated" in refusal(load, path)


def test_every_flipped_bit_is_noticed(path):
    save(path, checkpoint_after(3))
    content = path.read_bytes()
    generator = np.random.default_rng(53)
    for place in [*range(8), *generator.integers(8, len(content), size=150)]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(generator.integers(8))
        path.write_bytes(flipped)
        assert str(path) in refusal(load, path)


def rewrite(path, metadata=(), tensors=(), without=()):
    """Change the contents of a checkpoint, as another program might have written it."""
    with safetensors.safe_open(path, framework="np") as file:
        all_metadata = {**file.metadata(), **dict(metadata)}
        all_tensors = {name: file.get_tensor(name) for name in file.keys() if name not in without}  # noqa: SIM118
    path.write_bytes(safetensors.numpy.save({**all_tensors, **dict(tensors)}, all_metadata))


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"metadata": {"version": "2"}}, "has checkpoint format 2, and this program reads format 1"),
        ({"metadata": {"format": "another"}}, "no checkpoint of this program"),
        ({"metadata": {"run": "{"}}, "settings make no sense"),
        ({"metadata": {"run": "[]"}}, "settings make no sense"),
        ({"metadata": {"digest": "0"}}, "do not match its digest"),
        ({"without": ["parameters.Whh"]}, "lacks the tensor parameters.Whh"),
        ({"without": ["parameters.bh"]}, "no usable tensor parameters.bh"),
        ({"without": ["optimiser.memory.by"]}, "lacks the tensor optimiser.memory.by"),
        ({"without": ["hidden_state"]}, "lacks the tensor hidden_state"),
        ({"tensors": {"parameters.bz": np.zeros(3)}}, "holds the unknown tensor parameters.bz"),
        ({"tensors": {"parameters.bh": np.zeros((H, 1))}}, "no usable tensor parameters.bh"),
        ({"tensors": {"parameters.bh": np.zeros(H, np.int64)}}, "no usable tensor parameters.bh"),
        ({"tensors": {"parameters.bh": np.zeros(0)}}, "no usable tensor parameters.bh"),
        ({"tensors": {"parameters.Whh": np.zeros((H, 7))}}, "parameters.Whh has shape (5, 7), expected (5, 5)"),
        ({"tensors": {"hidden_state": np.zeros((2, H))}}, "hidden_state has shape (2, 5), expected (5,)"),
        ({"tensors": {"parameters.by": np.zeros(len(VOCABULARY), np.float32)}}, "dtype float32, expected float64"),
        ({"tensors": {"parameters.bh": np.full(H, 0.25)}}, "do not match its digest"),
    ],
)
def test_a_file_with_other_contents_is_refused(path, change, part):
    save(path, checkpoint_after(3))
    rewrite(path, **change)
    message = refusal(load, path)
    assert part in message
    assert str(path) in message


def test_settings_that_do_not_fit_are_refused(path):
    save(path, checkpoint_after(3))
    with safetensors.safe_open(path, framework="np") as file:
        run_text = file.metadata()["run"]
    for key, value in [("settings", {}), ("position", [0, 0, 0, 0]), ("generator_state", {}), ("vocabulary", None)]:
        rewrite(path, metadata={"run": json.dumps({**json.loads(run_text), key: value})})
        assert "settings make no sense" in refusal(load, path)


def test_files_of_other_kinds_are_refused(path, tmp_path):
    assert "There is no checkpoint" in refusal(load, path)
    assert "is a folder" in refusal(load, tmp_path)
    path.write_bytes(b"some text that is no checkpoint at all")
    assert "truncated or no checkpoint" in refusal(load, path)
    path.write_bytes(safetensors.numpy.save({"weight": np.zeros(3)}))
    assert "no checkpoint of this program" in refusal(load, path)


def test_a_file_without_permission_is_refused(path):
    save(path, checkpoint_after(0))
    path.chmod(0)
    with without_privileges():
        assert "may not be read" in refusal(load, path)


def test_another_text_is_refused():
    checkpoint = checkpoint_after(0)
    check_text(checkpoint, VOCABULARY, INDICES)
    words = Vocabulary.from_text(TEXT, level="word")
    assert "choose the level 'character'" in refusal(check_text, checkpoint, words, words.encode(TEXT))
    more = Vocabulary.from_text(TEXT + "Z")
    message = refusal(check_text, checkpoint, more, more.encode(TEXT))
    assert "'Z' is in the text only" in message
    assert f"checkpoint's has {len(VOCABULARY)} symbols, the text's {len(VOCABULARY) + 1}" in message
    fewer = Vocabulary.from_text(TEXT.replace("v", ""))
    assert "'v' is in the checkpoint only" in refusal(check_text, checkpoint, fewer, fewer.encode("so"))
    assert "another text with the same vocabulary" in refusal(check_text, checkpoint, VOCABULARY, INDICES[::-1])


@pytest.mark.skipif(np.finfo(np.longdouble).nmant == 52, reason="longdouble is float64 here")
def test_longdouble_cannot_be_saved(path):
    checkpoint = checkpoint_after(0)
    wide = Parameters(*(array.astype(np.longdouble) for array in checkpoint.state.parameters))
    state = checkpoint.state._replace(parameters=wide)
    assert "no longdouble: train in float64" in refusal(save, path, checkpoint._replace(state=state))
    assert list(path.parent.iterdir()) == []


def test_places_that_cannot_be_written_are_refused_early_and_late(tmp_path):
    def both(path):
        early, late = refusal(check_writable, path), refusal(save, path, checkpoint_after(0))
        assert early == late
        return late

    assert "no folder" in both(tmp_path / "missing" / "run.safetensors")
    assert "is a folder" in both(tmp_path)
    pipe = tmp_path / "pipe"  # not a device: if the refusal failed, root would replace it
    os.mkfifo(pipe)
    assert "not a regular file" in both(pipe)
    assert pipe.is_fifo()
    file = tmp_path / "file"
    file.touch()
    assert "Not a directory" in both(file / "run.safetensors")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with without_privileges():
        assert "may not write to the folder" in both(closed / "run.safetensors")


def test_asking_whether_a_place_can_be_written_changes_nothing(path):
    check_writable(path)
    assert list(path.parent.iterdir()) == []
    path.write_bytes(b"before")
    check_writable(path)
    assert path.read_bytes() == b"before"


def test_a_write_that_is_interrupted_leaves_the_previous_file(path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    path.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(path.parent.iterdir()) == [path]


def script(*arguments, prefix=()):
    """Run one of the programs below in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [*prefix, sys.executable, "-c", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


MAKE = """
import os, resource, signal, sys, time
from pathlib import Path
import numpy as np
from manual.checkpoints import Checkpoint, load, save
from manual.errors import InputError
from manual.parameters import initialise
from manual.settings import Settings
from manual.text import Vocabulary
from manual.training import begin

def checkpoint(step, hidden_size):
    state = begin(initialise(2, hidden_size, seed=1), Settings(), seed=2)._replace(step=step)
    return Checkpoint(Settings(), Vocabulary(("a", "b")), "", state)
"""

KILLED = """
path, generator = Path(sys.argv[1]), np.random.default_rng(59)
save(path, checkpoint(0, 199))
steps = [0]
for _ in range(60):
    worker = os.fork()
    if worker == 0:
        for step in range(steps[-1] + 1, 10**9):
            save(path, checkpoint(step, 199))
    time.sleep(generator.uniform(0, 0.03))
    os.kill(worker, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(worker, 0)[1]) == signal.SIGKILL
    steps.append(load(path).state.step)
print(steps[-1], steps == sorted(steps))
"""


def test_a_kill_at_any_moment_leaves_a_whole_checkpoint(path):
    ended = script(MAKE + KILLED, path)
    assert ended.returncode == 0, ended.stderr
    last, in_order = ended.stdout.split()
    assert int(last) > 0
    assert in_order == "True"
    # The kills were worth something: some of them struck while a file was being written.
    assert len(list(path.parent.glob(f".{path.name}.*.partial"))) > 5


FULL = """
folder, how = Path(sys.argv[1]), sys.argv[2]
path = folder / "run.safetensors"
save(path, checkpoint(1, 3))
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    save(path, checkpoint(2, 199))
except InputError as error:
    print(error)
print(load(path).state.step, sorted(entry.name for entry in folder.iterdir()))
"""


def assert_no_room(ended, path):
    assert ended.returncode == 0, ended.stderr
    sentence, survivors = ended.stdout.splitlines()
    assert sentence.startswith(f"{path} cannot be written, there is no room for ")
    assert survivors == "1 ['run.safetensors']"


def test_a_limit_on_the_size_of_files_leaves_the_previous_checkpoint(path):
    assert_no_room(script(MAKE + FULL, path.parent, "limit"), path)


def test_a_full_disk_leaves_the_previous_checkpoint(path):
    # A file system of 64 kB that only this process sees.
    mounted = f'mount -t tmpfs -o size=64k tmpfs "{path.parent}" && exec "$@"'
    isolated = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted, "sh"]
    try:
        subprocess.run([*isolated, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine gives no small file system to ordinary users")
    assert_no_room(script(MAKE + FULL, path.parent, "disk", prefix=isolated), path)
