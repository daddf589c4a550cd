"""Whatever code does in the child, the parent gets a clear sentence and what was said before; no process is left."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.files import process
from crosscheck.files.options import Limits, Options
from crosscheck.files.process import ChildBugError, cpu_seconds, listen, silence, time_left

HERE = Path(__file__).resolve().parent
QUICK = Limits(seconds=30, idle=10)


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))

    def of(code, *, limits=QUICK, options=None, stand_in="run_it", **more):
        path = tmp_path / "subject.py"
        path.write_text(textwrap.dedent(code))
        monkeypatch.chdir(tmp_path)
        return listen(path, options or Options(), limits, examine=f"stand_ins:{stand_in}", **more)

    return of


def functions(heard):
    return [event["subject"]["function"] for event in heard.events if event["event"] == "judged"]


def test_events_arrive_in_turn(check):
    seen = []
    heard = check("print('hello')\nverdict = 'disagree'", options=Options(seed=7), handler=seen.append)
    assert heard.error is None
    assert heard.events == seen
    assert [event["event"] for event in seen] == ["unit", "judged", "judged"]
    assert (seen[1]["subject"]["seed"], seen[2]["subject"]["verdict"]) == (7, "disagree")
    assert heard.printed == "hello\n"


def test_what_is_printed_while_the_last_events_are_read_is_not_lost():
    pipes = [os.pipe() for _ in range(3)]
    (reading, writing), (out, printing), (errors, _) = pipes
    waiting = subprocess.Popen(["sleep", "60"])  # how long this process has computed is nothing to go by
    with os.fdopen(out, "rb", 0) as stdout, os.fdopen(errors, "rb", 0) as stderr:
        running = SimpleNamespace(pid=waiting.pid, stdout=stdout, stderr=stderr)
        os.write(writing, b'{"event": "unit"}\n{"event": "done"}\n')
        child = process._Child(running, reading, QUICK, Path("x.py"), None)
        heard = child.listen(lambda _: os.write(printing, b"hello\n"))
    waiting.kill()
    waiting.wait()
    for descriptor in (reading, writing, printing, pipes[2][1]):
        os.close(descriptor)
    assert (heard.error, heard.printed) == (None, "hello\n")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "limits", "error", "says"),
    [
        ("import os; os._exit(7)", QUICK, "subject-exited", "exit code 7"),
        ("raise SystemExit(3)", QUICK, "subject-exited", "exit (3)"),
        ("while True: pass", Limits(seconds=1.5, idle=60), "timed-out", "--budget"),
        ("while True: pass", Limits(seconds=60, idle=1.5), "timed-out", "endless loop"),
        ("import time; time.sleep(100)", Limits(seconds=60, idle=1.5), "timed-out", "hung"),
        ("x = bytearray(3 << 30)", Limits(memory=1 << 30), "out-of-memory", "--memory"),
        ("while True: print('x' * 1000)", Limits(output=1_000_000), "too-much-output", "1,000,000 bytes"),
        ("import sys\nwhile True: sys.stderr.write('x' * 1000)", Limits(output=1_000_000), "too-much-output", "bytes"),
        ("import ctypes; ctypes.string_at(0)", QUICK, "subject-crashed", "SIGSEGV"),
        ("open('new.txt', 'w')", QUICK, "refused", "--allow writes"),
        ("import os; os.remove(__file__)", QUICK, "refused", "write, move or delete"),
        ("import os; os.open('new.txt', os.O_CREAT | os.O_WRONLY)", QUICK, "refused", "--allow writes"),
        ("import pathlib; pathlib.Path('d').mkdir()", QUICK, "refused", "--allow writes"),
        ("import numpy as np; np.save('a', np.zeros(3))", QUICK, "refused", "--allow writes"),
        ("import socket; socket.create_connection(('localhost', 1))", QUICK, "refused", "--allow sockets"),
        ("import subprocess; subprocess.run(['true'])", QUICK, "refused", "--allow processes"),
        ("import os; os.system('true')", QUICK, "refused", "--allow processes"),
        ("import os; os.fork()", QUICK, "refused", "--allow processes"),
    ],
)  # fmt: skip
def test_every_way_to_end_early_is_a_sentence(check, tmp_path, code, limits, error, says):
    heard = check(code, limits=limits)
    assert heard.error is not None
    assert (heard.error["code"], heard.error["line"]) == (error, None)
    assert says in heard.error["message"]
    assert "\n" not in heard.error["message"]
    assert functions(heard) == ["f"]
    assert [path.name for path in tmp_path.iterdir()] == ["subject.py"]


@pytest.mark.thorough
def test_what_the_check_imports_is_compiled_once_and_what_is_checked_leaves_no_bytecode(check, tmp_path, monkeypatch):
    kept = tmp_path / "kept"
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(kept))
    (tmp_path / "beside.py").write_text("verdict = 'disagree'")
    code = f"""
        import os, subprocess, sys
        sys.path.insert(0, {str(tmp_path)!r})
        from beside import verdict
        subprocess.run([sys.executable, '-c', 'import beside'], check=True)
        """
    heard = check(code, options=Options(allow=("writes", "processes")))
    assert heard.error is None
    assert heard.events[-1]["subject"]["verdict"] == "disagree"
    compiled = [path.name.partition(".")[0] for path in kept.rglob("*.pyc")]
    assert {"child", "guards", "document"} <= set(compiled)
    assert "beside" not in compiled
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "unwanted"))
    assert check("verdict = 'agree'").error is None
    assert not (tmp_path / "unwanted").exists()


def test_reading_is_allowed_and_the_rest_where_it_is_asked_for(check, tmp_path):
    (tmp_path / "input.txt").write_text("abc")
    code = """
        import os, subprocess
        verdict = open('input.txt').read() + open('/dev/null', 'w').name
        open('new.txt', 'w').close()
        os.remove('new.txt')
        subprocess.run(['true'], check=True)
        try:
            input()
        except EOFError:
            verdict += ' end'
    """
    heard = check(code, options=Options(allow=("writes", "processes")))
    assert heard.error is None
    assert heard.events[-1]["subject"]["verdict"] == "abc/dev/null end"


def test_a_file_that_cannot_be_read_is_said_by_the_child(check):
    heard = check("x = (\n")
    assert heard.error is not None
    assert (heard.error["code"], heard.error["line"], heard.events) == ("syntax-error", 1, [])


def test_what_is_no_event_is_garbled(check):
    heard = check("x = 1", stand_in="scribble")
    assert heard.error is not None
    assert heard.error["code"] == "garbled"


def test_a_bug_of_ours_comes_with_its_traceback(check):
    with pytest.raises(ChildBugError, match="ZeroDivisionError: ours"):
        check("x = 1", stand_in="fail")


def test_a_python_that_is_none(check):
    with pytest.raises(CrosscheckError, match="--python") as raised:
        check("x = 1", python=Path("/no/such/python"))
    assert raised.value.code == "no-python"


def test_a_system_without_groups_of_processes_is_told_so(check, monkeypatch):
    monkeypatch.setattr(process, "HAS_GROUPS", False)
    with pytest.raises(CrosscheckError, match="use Linux, macOS or WSL") as raised:
        check("x = 1")
    assert raised.value.code == "no-guarded-process"


def test_a_program_that_is_no_python(check):
    heard = check("x = 1", python=Path("/bin/ls"))
    assert heard.error is not None
    assert (heard.error["code"], "check --python" in heard.error["message"]) == ("no-python", True)


@pytest.mark.parametrize(("wall", "used", "counts"), [(60.0, 59.0, 59.0), (60.0, 4.0, 4.0), (60.0, 0.0, 60.0)])
def test_a_child_that_computes_slowly_does_not_hang(wall, used, counts):
    assert silence(wall, used) == counts


@pytest.mark.parametrize(
    ("wall", "used", "left"), [(1000.0, 30.0, 60.0), (1000.0, 119.0, 1.0), (1195.0, 30.0, 5.0), (100.0, 0.0, 20.0)]
)
def test_a_limit_is_of_what_a_child_computes_where_that_is_known(wall, used, left):
    assert time_left(Limits(seconds=120, clock=1200, idle=60), wall, used, 0.0) == left


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_the_time_that_a_process_computed():
    before, process = time.process_time(), cpu_seconds(os.getpid())
    assert before - 0.05 <= process <= time.process_time() + 0.05
    assert cpu_seconds(2**22 + 1) == 0


def test_another_environment_needs_numpy(check, tmp_path):
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -S -I "$@"\n')
    bare.chmod(0o755)
    heard = check("x = 1", python=bare)
    assert heard.error is not None
    assert heard.error["code"] == "no-numpy"
    assert "NumPy" in heard.error["message"]


def test_what_the_code_started_ends_with_it(check, tmp_path):
    code = """
        import subprocess
        verdict = subprocess.Popen(['sleep', '100']).pid
    """
    heard = check(code, options=Options(allow=("processes",)))
    assert heard.error is None
    deadline = time.monotonic() + 10
    while alive(heard.events[-1]["subject"]["verdict"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(heard.events[-1]["subject"]["verdict"])


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0]


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_child_ends_with_its_parent(tmp_path, end):
    subject = tmp_path / "subject.py"
    subject.write_text("import os, time\nopen(os.environ['NOTE'], 'w').write(str(os.getpid()))\ntime.sleep(100)")
    note = tmp_path / "note"
    program = (
        "from pathlib import Path\nfrom crosscheck.files.options import Limits, Options\n"
        "from crosscheck.files.process import listen\n"
        f"listen(Path({str(subject)!r}), Options(allow=('writes',)), Limits(), examine='stand_ins:run_it')"
    )
    environment = {**os.environ, "PYTHONPATH": f"{HERE}:{HERE.parents[2]}", "NOTE": str(note)}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(note.read_text())
    assert alive(child)
    parent.send_signal(end)
    _, said = parent.communicate(timeout=30)
    assert (b"KeyboardInterrupt" in said) == (end == signal.SIGINT)
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)
