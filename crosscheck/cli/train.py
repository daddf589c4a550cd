"""`crosscheck train`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from crosscheck.cli.exits import Exit

if TYPE_CHECKING:
    from crosscheck.builtin.runs import Run

# Whether a file can be read is found out by reading it, which knows a remedy.
PATH = click.Path(path_type=Path, readable=False)
COUNT = click.IntRange(min=1)

DEFAULT_STEPS = 10_000

# What the first parameters, the optimiser's state and the position in the text depend on.
FIXED_BY_A_CHECKPOINT = (
    "level", "sequence_length", "batch", "document_length", "document_separator", "hidden_size", "optimiser", "dtype",
    "seed",
)  # fmt: skip

# What may be chosen anew when a run goes on.
CHANGEABLE = ("learning_rate", "clip", "clip_bound", "window")

# What no checkpoint holds, so that going on must be told again unless it is the default.
FORGOTTEN = {
    "engine": "manual", "sample_every": None, "save_every": 1000, "record": None, "record_every": 10, "html": None,
}  # fmt: skip


@click.command()
@click.argument("file", type=PATH)
@click.option(
    "--engine",
    type=click.Choice(["manual", "autodiff", "lockstep"]),
    default=FORGOTTEN["engine"],
    show_default=True,
    help="Who derives: NumPy by hand, JAX, or both from the same state at every step, and every step is judged.",
)
@click.option("--free", is_flag=True, help="Let both run apart from the same start, and plot how they drift.")
@click.option("--steps", type=COUNT, help="Stop at this step.  [default: 10000, unless --epochs is given]")
@click.option("--epochs", type=COUNT, help="Stop after so many passes over the text.")
@click.option("--level", type=click.Choice(["character", "word"]), default="character", show_default=True)
@click.option("--hidden-size", type=COUNT, default=100, show_default=True)
@click.option("--sequence-length", type=COUNT, default=25, show_default=True, help="Steps of a window.")
@click.option("--window", type=COUNT, help="Cut the gradient's way back every so many steps.  [default: never]")
@click.option("--batch", type=COUNT, help="Read so many parts of the text side by side.")
@click.option("--document-length", type=COUNT, help="The text is made of documents of so many symbols.")
@click.option("--document-separator", metavar="TEXT", help=r"Documents end behind this text, such as '\n'.")
@click.option("--optimiser", type=click.Choice(["adagrad", "adam", "sgd"]), default="adagrad", show_default=True)
@click.option("--learning-rate", type=float, help="[default: adagrad and sgd 0.1, adam 0.001]")
@click.option("--clip", type=click.Choice(["value", "norm", "none"]), default="value", show_default=True)
@click.option("--clip-bound", type=float, default=5.0, show_default=True)
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float64", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--sample-every", type=COUNT, help="Write a sample every so many steps.")
@click.option(
    "--checkpoint", type=PATH, help="Where to save.  [default: FILE's name with .safetensors, in this folder]"
)
@click.option(
    "--save-every", type=COUNT, default=FORGOTTEN["save_every"], show_default=True, help="Steps between two saves."
)
@click.option("--resume", type=PATH, help="Go on from this checkpoint, and save to it.")
@click.option("--record", type=PATH, help="Write down how it goes, as JSON lines for crosscheck plot.")
@click.option(
    "--record-every",
    type=COUNT,
    default=FORGOTTEN["record_every"],
    show_default=True,
    help="Steps between two records.",
)
@click.option("--html", type=PATH, help="Show the record as a page.  [record: the same name with .jsonl]")
@click.pass_context
def train(context: click.Context, file: Path, **options: Any) -> int:
    """Train a character RNN: by hand, by JAX, or both in lockstep.

    FILE is a text in UTF-8. Ctrl-C saves; --resume goes on as if never interrupted. With --engine lockstep the exit
    code is a verdict, otherwise 0 says that the training was done.
    """
    given = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    _refuse_contradictions(options, given)
    if options["steps"] is None and options["epochs"] is None:
        options["steps"] = DEFAULT_STEPS
    from crosscheck.builtin import runs

    with runs.input_refused():
        choices = {name: options[name] for name in CHANGEABLE if name in given or options["resume"] is None}
        if options["resume"] is None:
            data = {name: options[name] for name in FIXED_BY_A_CHECKPOINT}
            run = runs.new_run(file, **data, choices=choices, checkpoint=options["checkpoint"])
        else:
            run = runs.resumed_run(file, options["resume"], choices=choices, checkpoint=options["checkpoint"])
        return _train(replace(run, again=_again(options)), options)


def _train(run: "Run", options: dict[str, Any]) -> int:
    from crosscheck.builtin.records import Wanted, recorded

    limits = {name: options[name] for name in ("steps", "epochs", "save_every")}
    record, html = options["record"], options["html"]
    if record is None and html is not None:
        record = html.with_suffix(".jsonl")
    wanted = Wanted(record, html, options["record_every"], resumed=options["resume"] is not None)
    if options["free"]:
        from crosscheck.builtin.drift import ENGINES, run_freely

        with recorded(run, wanted, ENGINES) as recorders:
            run_freely(run, recorders, **limits)
        return Exit.AGREE
    from crosscheck.builtin.train import train_on

    choices = {name: options[name] for name in ("engine", "sample_every")}
    with recorded(run, wanted, [options["engine"]]) as recorders:
        return Exit.of(train_on(run, *recorders, **choices, **limits))


def _again(options: dict[str, Any]) -> tuple[str, ...]:
    """Give the options that a run needs to go on as it was, as they would be typed."""
    # What --free saves is the run by hand, and what it records are two.
    wanted = options | {"engine": "manual", "record": None, "html": None} if options["free"] else options
    kept = [name for name, default in FORGOTTEN.items() if wanted[name] != default]
    return tuple(word for name in kept for word in (f"--{name.replace('_', '-')}", str(wanted[name])))


def _refuse_contradictions(options: dict[str, Any], given: set[str]) -> None:
    if options["free"] and "engine" in given and options["engine"] != "lockstep":
        raise click.UsageError(f"--free runs both engines: leave out --engine {options['engine']}.")
    if options["free"] and "sample_every" in given:
        raise click.UsageError("--free writes no samples: leave out --sample-every.")
    for option in ("record", "html"):
        if options[option] is not None and str(options[option]) == "-":
            raise click.UsageError(f"--{option} needs a file: standard output holds the results.")
    if options["html"] is not None and options["html"] == options["record"]:
        raise click.UsageError("--html and --record name the same file: name another one, or leave out --record.")
    if options["resume"] is not None and (fixed := [name for name in FIXED_BY_A_CHECKPOINT if name in given]):
        option = fixed[0].replace("_", "-")
        raise click.UsageError(
            f"--{option} is fixed by the checkpoint: leave it out, or start a new run without --resume."
        )
