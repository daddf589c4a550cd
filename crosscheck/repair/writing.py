"""Writing a repair to the user's file, with a backup, and only where the old state cannot be lost."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from crosscheck.errors import CrosscheckError
from crosscheck.repair.repair import Repair
from crosscheck.source.document import Document

PATIENCE = 20
"""Seconds that git may take"""


def apply(document: Document, repair: Repair, *, force: bool = False) -> Path:
    """Write a repair to the file it was found in; return the path of the backup beside it.

    Refused, with a CrosscheckError, where the file has changed since it was read, where it has uncommitted changes, or
    where it is not under version control; `force` overrules the last two. A backup never takes the place of a file.
    """
    path = document.path
    if repair.edited is None:
        raise CrosscheckError("This repair was read from a report: run the check again with --fix.", code="no-edit")
    try:
        now = path.read_bytes()
    except OSError as error:
        raise CrosscheckError(
            f"{path} cannot be read any more ({error}): nothing was written.", code="unreadable-file"
        ) from None
    if now != document.edited_bytes(document):
        raise CrosscheckError(
            f"{path} has changed since it was checked: nothing was written. Run the check again.", code="file-changed"
        )
    if not force and (why := unsafe(path)):
        raise CrosscheckError(
            f"{path} {why}, so the repair was not written: commit it first, or pass --force.", code="fix-refused"
        )
    new = document.edited_bytes(repair.edited)
    backup = backed_up(path)
    _replace(path, new)
    return backup


def unsafe(path: Path) -> str | None:
    """Say why the present state of a file could be lost; None if git has it."""
    git = shutil.which("git")
    if git is None:
        return "may not be under version control (git was not found)"
    folder, name = path.resolve().parent, path.resolve().name
    try:
        known = _git(git, folder, "ls-files", "--error-unmatch", "--", name)
        if known.returncode:
            return "is not under version control"
        if _git(git, folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
            return "has never been committed"
        status = _git(git, folder, "status", "--porcelain", "--", name)
    except (OSError, subprocess.TimeoutExpired):
        return "may have uncommitted changes (git did not answer)"
    return "has uncommitted changes" if status.returncode or status.stdout.strip() else None


def backed_up(path: Path) -> Path:
    """Copy a file to a name beside it that is not taken: x.py.orig, x.py.orig1, ..."""
    number = 0
    while True:
        backup = path.with_name(f"{path.name}.orig{number or ''}")
        try:
            with backup.open("xb") as file:
                file.write(path.read_bytes())
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            raise CrosscheckError(
                f"No backup could be written beside {path} ({error}): nothing was changed.", code="no-backup"
            ) from error
        shutil.copymode(path, backup)
        return backup


def _replace(path: Path, content: bytes) -> None:
    """Write all or nothing; a link stays a link, and permissions stay."""
    target = path.resolve()
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        shutil.copymode(target, temporary)
        Path(temporary).replace(target)
    except OSError as error:
        raise CrosscheckError(
            f"{path} cannot be written ({error}): nothing was changed.", code="unwritable-file"
        ) from error


def _git(git: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [git, "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 (git, found on PATH)
