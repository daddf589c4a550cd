"""Where every run starts and ends: whatever happens becomes one of the exit codes.

Left alone, Python exits 1 after an uncaught exception and click after Ctrl-C; both would read as DISAGREE.
"""

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click
from click.core import ParameterSource
from click.shell_completion import shell_complete

from crosscheck.cli.commands import PROGRAM, commands
from crosscheck.cli.exits import Exit
from crosscheck.errors import CrosscheckError

COMPLETION_VARIABLE = "_CROSSCHECK_COMPLETE"

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit; `arguments` stand in for those of the process."""
    if sys.stdout is None:  # closed by the caller, who only wants the exit code
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 (for the life of the process)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A model may write symbols that the terminal's encoding lacks.
        sys.stdout.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Never raises: a bug of ours is printed with its traceback."""
    try:
        try:
            code = _invoke(arguments)
        except CrosscheckError as error:
            code = _refuse(str(error))
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        # Commands that have something to tell or to save did so before they let the interrupt through.
        _say("\nInterrupted.")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return Exit.UNREAD
    except MemoryError:
        return _refuse("There is not enough memory for this: choose smaller sizes.")
    except OSError as error:
        if error.errno not in NO_SPACE:
            return _bug()
        _discard_output()
        return _refuse(f"Writing failed ({error.strerror}): free some space and run it again.")
    except Exception:  # noqa: BLE001 (the one place where every bug must end, or its exit code would say DISAGREE)
        return _bug()
    return code


def _invoke(arguments: Sequence[str]) -> int:
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        return shell_complete(commands, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
    try:
        # Not click's own main(), which turns Ctrl-C and closed pipes into exit code 1.
        with commands.make_context(PROGRAM, list(arguments)) as context:
            return int(commands.invoke(context) or Exit.AGREE)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        return _refuse(_usage_sentence(error))


def _usage_sentence(error: click.ClickException) -> str:
    sentence = error.format_message().rstrip()
    context = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    if context is None:
        return sentence
    if parameter is not None and context.get_parameter_source(parameter.name) is ParameterSource.DEFAULT_MAP:
        sentence += f" It is set in {context.find_root().obj.file}."
    return f"{sentence} See: {context.command_path} --help"


def _refuse(sentence: str) -> int:
    _say(f"{PROGRAM}: {sentence}")
    return Exit.NOT_RUN


def _bug() -> int:
    traceback.print_exc()
    _say(f"{PROGRAM}: This is a bug in {PROGRAM}, not in your input: please report it with the lines above.")
    return Exit.BUG


def _say(line: str) -> None:
    with suppress(OSError):  # standard error may be what is full: the exit code remains to tell
        click.echo(line, err=True)


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere instead of failing once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
