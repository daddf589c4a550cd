"""The pytest plugin: gradients that are registered or declared become tests, and every verdict is reported.

Loaded at the start of every run of pytest where the distribution is installed; it imports neither JAX nor Hypothesis
nor NumPy until a gradient is judged. `-p no:crosscheck` switches it off.
"""

import contextlib
import json
import shlex
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.testing import session as sessions
from crosscheck.testing.declare import DECLARED, REGISTERED, Registered
from crosscheck.testing.options import OPTIONS, Choices, arguments_of_check, choices

SENT = "crosscheck"
"""The attribute of pytest's reports that holds ours, as JSON: pytest-xdist carries plain values only"""
KEY = pytest.StashKey["Plugin"]()
PACKAGE = str(Path(__file__).parents[1])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, on the command line and in the ini."""
    group = parser.getgroup("crosscheck", "gradients against their twins")
    for option in OPTIONS:
        group.addoption(f"--crosscheck-{option.name}", metavar=option.metavar, default=None, help=option.help)
        parser.addini(f"crosscheck_{option.name}", option.help, default=None)
    group.addoption(
        "--crosscheck-update-baseline", action="store_true", help="write the baseline file as the gradients stand now"
    )
    names = ("--crosscheck-shard", "--shard")
    with contextlib.suppress(ValueError):  # the short name belongs to another plugin
        group.addoption(*names, metavar="I/N", help="run the I-th of N parts of the gradients")
        return
    group.addoption(names[0], metavar="I/N", help="run the I-th of N parts of the gradients")


def pytest_configure(config: pytest.Config) -> None:
    """Begin a session."""
    try:
        plugin = Plugin(config)
        path, update = plugin.choices.get("baseline"), bool(config.getoption("--crosscheck-update-baseline"))
        if path or update:
            from crosscheck.testing.baseline import refuse_unusable

            refuse_unusable(path, update=update)
    except CrosscheckError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[KEY] = plugin
    config.pluginmanager.register(plugin, "crosscheck-session")
    sessions.begin(plugin.session)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session."""
    if KEY in config.stash:
        sessions.end()


def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """Make what a module has registered tests of their own."""
    if name != REGISTERED or not isinstance(obj, dict) or not isinstance(collector, pytest.Module):
        return None
    return [
        GradientItem.from_parent(collector, name=f"gradients.{one.name}", registered=one)
        for one in obj.values()
        if isinstance(one, Registered)
    ]


@pytest.fixture(name="crosscheck")
def crosscheck_fixture() -> "Gradients":
    """Judge gradients inside of a test, with the settings of the run: `crosscheck.assert_agree(subject, twin=…)`."""
    return Gradients()


class Gradients:
    """What the fixture `crosscheck` offers: the arguments are those of `crosscheck.check`."""

    def assert_agree(self, subject: Any = None, **arguments: Any) -> Any:
        """Judge a gradient; the test fails with the report unless the verdict is AGREE."""
        __tracebackhide__ = True
        return sessions.current().judge(subject, arguments)

    def check(self, subject: Any = None, **arguments: Any) -> Any:
        """Judge a gradient and return the report, whatever it says."""
        session = sessions.current()
        report = session.check(subject, arguments)
        session.observe(report)
        return report


class GradientItem(pytest.Item):
    """A registered gradient."""

    def __init__(self, *, registered: Registered, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.registered = registered

    def runtest(self) -> None:
        """Judge it."""
        sessions.current().judge(self.registered.subject, self.registered.arguments)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Return the place where it was registered."""
        return self.path, self.registered.line - 1, self.name


class Plugin:
    """One run of pytest: the session that its tests share, and the reports that came of them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.choices = self._choices()
        self.shard = _shard(config.getoption("--crosscheck-shard"))
        self.reports: list[dict[str, Any]] = []
        self._found: list[dict[str, Any]] = []
        self._node = ""
        self.session = sessions.Session(
            presets={"pictures": bool(self.choices.get("html")), **arguments_of_check(self.choices.files)},
            overrides=arguments_of_check(self.choices.command),
            inconclusive=self.choices.get("inconclusive", "fail"),
            explains=self.choices.get("explain", True),
            observe=self._observe,
            describe=self._describe,
            cache=self.choices.get("cache"),
        )

    def _choices(self) -> Choices:
        from crosscheck.testing.settings import table

        config = self.config
        command = {option.name: config.getoption(f"--crosscheck-{option.name}") for option in OPTIONS}
        ini = {option.name: config.getini(f"crosscheck_{option.name}") for option in OPTIONS}
        if self.worker is not None:
            command["seed"] = self.worker.get("crosscheck_seed", command["seed"])
        return choices(command, ini, *table(config.rootpath))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand a seed that was drawn here to the workers of pytest-xdist."""
        if "seed" in self.choices.command:
            node.workerinput["crosscheck_seed"] = self.choices.command["seed"]

    def pytest_report_header(self) -> str | None:
        """Print a seed that was drawn."""
        written = self.config.getoption("--crosscheck-seed")
        seed = self.choices.get("seed")
        return f"crosscheck: seed {seed}" if written == "fresh" or seed else None

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the gradients of other shards."""
        if self.shard is None:
            return
        part, parts = self.shard
        gradients = sorted((item for item in items if is_gradient(item)), key=lambda item: item.nodeid)
        others = {id(item) for number, item in enumerate(gradients) if number % parts != part - 1}
        config.hook.pytest_deselected(items=[item for item in items if id(item) in others])
        items[:] = [item for item in items if id(item) not in others]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note which test the reports that follow belong to."""
        __tracebackhide__ = True
        self._found, self._node = [], item.nodeid
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send what was found along with the outcome: from a worker of pytest-xdist it reaches the others so.

        A test that does nothing but judge a gradient shows the report alone, and no traceback through us.
        """
        outcome = yield
        if call.when == "call":
            told = _told(call.excinfo.value) if call.excinfo is not None and is_gradient(item) else None
            outcome.longrepr = outcome.longrepr if told is None else told
            setattr(outcome, SENT, json.dumps(self._found))
            self._found = []
        return outcome

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what was found, once."""
        if self.worker is None:
            self.reports += json.loads(getattr(report, SENT, "[]"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the summary and the report files."""
        if not self.reports:
            return
        from crosscheck.testing.closing import close

        for line, markup in close(self.reports, self.choices, self.config):
            if markup == "title":
                terminalreporter.write_sep("=", line)
            else:
                terminalreporter.write_line(line, **({markup: True} if markup else {}))

    def _observe(self, report: Any) -> None:
        told = report.as_dict()
        told["name"] = name = self._node or report.target
        for known in self._found:
            if known["name"] == name and known["target"] != report.target:
                told["name"] = f"{name}, {report.target}"
        told["reproduce"] = self._command(report)
        from crosscheck.testing.closing import added

        added(self._found, told)

    def _describe(self, report: Any) -> str:
        from crosscheck.testing.message import failure

        return failure(report.as_dict(), self._command(report))

    def _command(self, report: Any) -> str:
        words = ["python", "-m", "pytest", self._node, "--crosscheck-seed", str(report.seed)]
        words += ["--crosscheck-case", report.case] if report.case else ["--crosscheck-examples", str(report.examples)]
        return shlex.join(words)


def is_gradient(item: pytest.Item) -> bool:
    """Tell whether a test is there to judge a gradient."""
    function = getattr(item, "obj", None)
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", None)  # below @given
    return isinstance(item, GradientItem) or hasattr(function, DECLARED) or hasattr(inner, DECLARED)


def _told(failure: BaseException) -> str | None:
    """Return what a failure of ours says, with what Hypothesis says of it; None of any other.

    Which of *our* lines only failing cases ran through explains nothing to anybody.
    """
    from crosscheck.report import Disagreement

    if not isinstance(failure, Disagreement | CrosscheckError):
        return None
    notes = [note for note in getattr(failure, "__notes__", ()) if PACKAGE not in note]
    return "\n".join([str(failure).lstrip("\n"), *notes])


def _shard(written: str | None) -> tuple[int, int] | None:
    """Read I/N. Raises CrosscheckError."""
    if written is None:
        return None
    part, _, parts = written.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise CrosscheckError(
            f"--crosscheck-shard is {written!r}, expected a part and the number of parts such as 2/3.",
            code="bad-shard",
        )
    return int(part), int(parts)
