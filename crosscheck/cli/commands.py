"""The commands, imported only when they are called: `crosscheck --help` answers before JAX would have been found."""

import importlib
import logging
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from crosscheck.cli.exits import Exit
from crosscheck.cli.settings import Settings, check_names

PROGRAM = "crosscheck"

logger = logging.getLogger(PROGRAM)


class Entry(NamedTuple):
    """Where a command lives, and its line in the help."""

    place: str
    """`module:attribute` of a click command."""
    summary: str


# A new command is one line here.
COMMANDS = {
    "check": Entry(
        "crosscheck.cli.check:check", "Judge someone's code: scripts, notebooks, folders of them, module:function."
    ),
    "campaign": Entry(
        "crosscheck.cli.campaign:campaign", "Judge a million random models: every entry of every gradient."
    ),
    "adapter": Entry("crosscheck.cli.adapter:adapter", "Write an adapter for code that is not recognised."),
    "explain": Entry("crosscheck.cli.explain:explain", "Explain a finding's or diagnosis' code at length."),
    "train": Entry("crosscheck.cli.train:train", "Train a character RNN: by hand, by JAX, or both in lockstep."),
    "plot": Entry("crosscheck.cli.plot:plot", "Show how trainings went, one or several side by side."),
    "sample": Entry("crosscheck.cli.sample:sample", "Let a trained model write."),
    "learn": Entry("crosscheck.cli.learn:learn", "Derive gradients by hand, and be told which term is wrong."),
    "merge": Entry("crosscheck.cli.merge:merge", "Make one report of several that --json wrote."),
    "mutants": Entry("crosscheck.cli.mutants:mutants", "Try the judge on backward passes that are wrong on purpose."),
}

EPILOG = """\b
Exit codes: 0 agree, 1 disagree, 2 could not run, 3 inconclusive,
            70 a bug in crosscheck, 130 interrupted by Ctrl-C.

\b
Completion in bash (or zsh_source, fish_source):
  eval "$(_CROSSCHECK_COMPLETE=bash_source crosscheck)"

Options may be preset in pyproject.toml: those above under [tool.crosscheck], those of a command under
[tool.crosscheck.COMMAND]."""


class LazyGroup(click.Group):
    """A group that takes its commands from the table above, and its defaults from the user's pyproject.toml."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the settings before the options that they preset."""
        ctx.obj = Settings.find(Path.cwd())
        ctx.default_map = ctx.obj.defaults
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Refuse bad settings only here, so that they cannot stand in the way of --help and --version."""
        ctx.obj.raise_for_problem()
        check_names(self, ctx.obj.defaults, ctx.obj.file, tables=frozenset([*COMMANDS, "waivers", "pytest"]))
        return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Name the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (as above)
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].place.partition(":")
        return getattr(importlib.import_module(module), attribute)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and refuse settings that it does not have."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            check_names(command, ctx.obj.defaults.get(name, {}), ctx.obj.file)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (as above)
        """Write the table without importing what it names."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, epilog=EPILOG, context_settings={"max_content_width": 100})
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws the cases.")
@click.option("--examples", type=click.IntRange(min=1), default=200, show_default=True, help="Random cases per pair.")
@click.option("--steps", type=click.IntRange(min=1), default=150, show_default=True, help="Training steps in lockstep.")
@click.option("-v", "--verbose", is_flag=True, help="Tell on standard error what is being done.")
@click.version_option(package_name="backprop-crosscheck", prog_name=PROGRAM)
@click.pass_context
def commands(context: click.Context, seed: int, examples: int, steps: int, verbose: bool) -> int | None:
    """Tell whether a hand-written backward pass is right.

    Without a command, every built-in pair of a hand-written and a JAX-derived backward pass is cross-checked over
    random cases, and both train in lockstep on two sonnets.
    """
    logging.basicConfig(format="%(name)s: %(message)s")
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    logger.info("Python %s, settings from %s", sys.version.split()[0], context.obj.file or "nowhere")
    if context.invoked_subcommand is None:
        from crosscheck.builtin.main_job import main_job

        return Exit.of(main_job(seed=seed, examples=examples, steps=steps))
    for name in ("seed", "examples", "steps"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--{name} before {context.invoked_subcommand} belongs to the main job: write it behind the command."
            )
    return None
