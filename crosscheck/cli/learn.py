"""`crosscheck learn`."""

import click

from crosscheck.cli.exits import Exit


@click.group()
def learn() -> None:
    """Derive gradients by hand, and be told which term is wrong."""


@learn.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> int:
    """Prove that the exercises work: for their authors.

    Of every exercise, or of those named: the stub fails with its TODO, the solution passes, every listed mistake gets
    its own message, and the files are complete and well written. Nothing of a learner's is read or written.
    """
    from crosscheck.learn.course import course
    from crosscheck.learn.verify import answers, files, manifest, symbols

    everything = course()
    chosen = [everything.exercise(name) for name in names] or everything.exercises
    faults = list(manifest(everything))
    mistakes = 0
    for exercise in chosen:
        of_files = list(files(exercise))
        found = of_files or [*symbols(exercise), *answers(exercise)]
        faults += [f"{exercise.name}: {fault}" for fault in found]
        mistakes += len(exercise.exam.wrong) if not of_files else 0
        click.echo(f"{exercise.name}: {'not ok' if found else 'ok'}")
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(chosen)} exercises, {mistakes} mistakes with a message of their own, {len(faults)} faults")
    return Exit.DISAGREE if faults else Exit.AGREE
