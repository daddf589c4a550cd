"""`crosscheck learn`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosscheck.cli.exits import Exit
from crosscheck.errors import CrosscheckError

if TYPE_CHECKING:
    from crosscheck.learn.course import Exercise
    from crosscheck.learn.workspace import Workspace

EPILOG = "Exit codes: 0 solved, 1 unsolved, 2 could not run, 70 a bug of crosscheck, 130 interrupted."
NAME = click.argument("name", required=False)
YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group(invoke_without_command=True, epilog=EPILOG)
@click.option(
    "--edit-cmd", metavar="COMMAND", help="Opens a file: 'code -g {path}', or a command to put the path behind."
)
@click.pass_context
def learn(context: click.Context, edit_cmd: str | None) -> int:
    """Derive gradients by hand, and be told which term is wrong.

    Without a command, the folder made by `init` is watched: save a file, and you are told whether it is right. NAME is
    an exercise; where it is left out, the one you are at.
    """
    if context.invoked_subcommand is not None:
        return Exit.AGREE
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CrosscheckError(
            "Watching needs a terminal, and this is none: use crosscheck learn run NAME, hint and list.",
            code="no-terminal",
        )
    from crosscheck.learn.watching import watch

    return watch(_workspace(), edit_cmd)


@learn.command(short_help="Make a folder with the exercises.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def init(folder: Path | None) -> int:
    """Make a folder with the exercises, or add those that are new to one: nothing of yours is touched."""
    from crosscheck.learn.course import course
    from crosscheck.learn.paint import shortest
    from crosscheck.learn.workspace import DEFAULT, Workspace

    workspace, added = Workspace.make(course(), folder or Path(DEFAULT))
    first = workspace.path(workspace.current())
    click.echo(
        f"{len(workspace.course.exercises)} exercises are in {shortest(workspace.folder)} ({len(added)} files new)."
    )
    click.echo(f"Begin:\n\n    cd {shortest(workspace.folder)}\n    crosscheck learn\n")
    click.echo(f"and open {first.relative_to(workspace.folder)} there in your editor.")
    return Exit.AGREE


@learn.command()
@NAME
def run(name: str | None) -> int:
    """Look at one file: is it right, and if not, why?"""
    from crosscheck.learn.looking import look
    from crosscheck.learn.pupil import Pupil

    workspace, exercise = _chosen(name)
    if exercise.lacks:
        click.echo(f"{exercise.name} needs {exercise.lacks}, which is not installed: it is skipped.")
        return Exit.AGREE
    pupil = Pupil(exercise)  # it starts while the rest is imported
    from crosscheck.learn.paint import Paint
    from crosscheck.learn.telling import verdict

    result = look(workspace, exercise, pupil)
    paint = Paint.of(sys.stdout)
    click.echo(f"{exercise.title}: {paint.path(workspace.path(exercise))}", color=True)
    click.echo("\n".join(verdict(result, paint)), color=True)
    return Exit.AGREE if result.solved else Exit.DISAGREE


@learn.command()
@NAME
def theory(name: str | None) -> int:
    """Show the theory of an exercise."""
    from crosscheck.learn import telling

    _, exercise = _chosen(name)
    return _shown(lambda paint: telling.theory(exercise, paint))


@learn.command(short_help="Show the next of three hints.")
@NAME
def hint(name: str | None) -> int:
    """Show the next hint; there are three, each more telling than the one before."""
    workspace, exercise = _chosen(name)
    number, text = workspace.next_hint(exercise)
    return _shown(lambda paint: [f"Hint {number} of {len(exercise.hints)}", "", *paint.wrapped(text)])


@learn.command(name="list")
def list_() -> int:
    """Show all exercises, and what is solved."""
    from crosscheck.learn import telling

    workspace = _workspace()
    done = telling.counted(workspace)
    return _shown(lambda paint: [*telling.listing(workspace, paint, workspace.current()), "", paint.bar(*done)])


@learn.command(name="check-all")
def check_all() -> int:
    """Look at every file; 1 if one of them is not solved."""
    from crosscheck.learn.looking import look
    from crosscheck.learn.paint import Paint

    workspace, paint = _workspace(), Paint.of(sys.stdout)
    unsolved = 0
    for exercise in workspace.course.exercises:
        if exercise.lacks:
            said = f"skipped, {exercise.lacks} is not installed"
        else:
            result = look(workspace, exercise)
            unsolved += not result.solved
            said = paint.good("solved") if result.solved else "todo" if result.code == "todo" else paint.bad("not yet")
        click.echo(f"{exercise.name:16} {said}", color=True)
    click.echo(f"\n{unsolved} left." if unsolved else "\nAll solved.")
    return Exit.DISAGREE if unsolved else Exit.AGREE


@learn.command(short_help="Bring a file back to its beginning.")
@click.argument("name")
@YES
def reset(name: str, yes: bool) -> int:
    """Bring back the file of an exercise as it was at the beginning; yours is kept beside it."""
    workspace, exercise = _chosen(name)
    if not yes:
        _asked(f"Bring {exercise.name} back to its beginning (your file is kept)?")
    kept = workspace.reset(exercise)
    click.echo(f"{workspace.path(exercise).name} is as it was at the beginning.")
    if kept is not None:
        click.echo(f"Yours is in {kept}.")
    return Exit.AGREE


@learn.command()
@NAME
@YES
def solution(name: str | None, yes: bool) -> int:
    """Show the solution and how one finds it."""
    from crosscheck.learn import telling

    workspace, exercise = _chosen(name)
    if exercise.name not in workspace.progress().solved and not yes:
        _asked(f"{exercise.name} is not solved yet. Show the solution all the same?")
    return _shown(lambda paint: telling.solution(exercise, paint))


@learn.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="gradients.ipynb")
def notebook(file: Path) -> int:
    """Write the whole course as one notebook."""
    from crosscheck.learn.course import course
    from crosscheck.learn.notebook import notebook as written
    from crosscheck.learn.progress import write

    if file.exists():
        raise CrosscheckError(f"{file} exists: name a file that is to be made.", code="folder-in-use")
    write(file, written(course()))
    click.echo(f"The course is in {file}.")
    return Exit.AGREE


@learn.command()
@click.argument("names", nargs=-1)
@click.option("--carry", is_flag=True, help="Also try every backward pass in `crosscheck check`.")
def verify(names: tuple[str, ...], carry: bool) -> int:
    """Prove that the exercises work: for their authors.

    Of every exercise, or of those named: the stub fails with its TODO, the solution passes, every listed mistake gets
    its own message, and the files are complete and well written. Nothing of a learner's is read or written.
    """
    from crosscheck.learn.course import course
    from crosscheck.learn.verify import answers, carried, files, manifest, symbols

    everything = course()
    chosen = [everything.exercise(name) for name in names] or everything.exercises
    faults = list(manifest(everything))
    mistakes = 0
    for exercise in chosen:
        of_files = list(files(exercise))
        found = of_files or [*symbols(exercise), *answers(exercise), *(carried(exercise) if carry else ())]
        faults += [f"{exercise.name}: {fault}" for fault in found]
        mistakes += len(exercise.exam.wrong) if not of_files else 0
        click.echo(f"{exercise.name}: {'not ok' if found else 'ok'}")
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(chosen)} exercises, {mistakes} mistakes with a message of their own, {len(faults)} faults")
    return Exit.DISAGREE if faults else Exit.AGREE


def _workspace() -> "Workspace":
    from crosscheck.learn.course import course
    from crosscheck.learn.workspace import Workspace

    return Workspace.find(course(), Path.cwd())


def _chosen(name: str | None) -> "tuple[Workspace, Exercise]":
    workspace = _workspace()
    return workspace, workspace.current() if name is None else workspace.course.exercise(name)


def _shown(lines: Callable[[Any], list[str]]) -> int:
    from crosscheck.learn.paint import Paint

    click.echo("\n".join(lines(Paint.of(sys.stdout))), color=True)
    return Exit.AGREE


def _asked(question: str) -> None:
    if not sys.stdin.isatty():
        raise CrosscheckError(f"{question} Nobody is there to answer: add --yes.", code="no-terminal")
    if not click.confirm(question):
        raise click.Abort
