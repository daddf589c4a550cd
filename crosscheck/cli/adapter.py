"""`crosscheck adapter`."""

from pathlib import Path

import click

from crosscheck.cli.exits import Exit
from crosscheck.errors import CrosscheckError


@click.command()
@click.argument("target")
@click.option("--function", metavar="NAME", help="Which function.  [default: the one that looks most like a gradient]")
@click.option("--output", metavar="FILE", help="Where to write it; - is standard output.  [default: TARGET_adapter.py]")
def adapter(target: str, function: str | None, output: str | None) -> int:
    """Write an adapter for code that is not recognised.

    An adapter is three functions that say what the parameters and the data are and how the code is called. It is filled
    in as far as the source shows; complete it, and `crosscheck check` it. Nothing of TARGET is executed.
    """
    from crosscheck.adapters.writing import adapter_for
    from crosscheck.files.check import locate
    from crosscheck.source import read

    path, named = locate(target)
    text = adapter_for(read(path), function or (named[0] if named else None))
    if output == "-":
        click.echo(text, nl=False)
        return Exit.AGREE
    file = Path(output or f"{path.stem}_adapter.py")
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError as error:
        raise CrosscheckError(f"{file} exists: name another with --output.", code="unwritable-file") from error
    except OSError as error:
        raise CrosscheckError(
            f"{file} cannot be written ({error.strerror}): name another.", code="unwritable-file"
        ) from error
    click.echo(f"{file}: complete it, then: crosscheck check {file}", err=True)
    return Exit.AGREE
