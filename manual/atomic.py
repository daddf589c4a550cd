"""Writing a file so that a kill, a crash or a full disk at any moment leaves the previous one whole."""

import errno
import os
from pathlib import Path

from manual.errors import InputError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def replace_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to a hidden file in the same folder, and only when it is on the disk rename it to `path`.

    Renaming within a file system is atomic (POSIX, rename): a reader finds the old file or the new one. After a kill
    the hidden file may remain; it is called `.NAME.PID.partial`. Raises InputError where this cannot be done.
    """
    try:
        target, partial = _target_and_partial(path)
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
            _sync_folder(target.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(_why_not(Path(path), error, len(content))) from None


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise InputError if `replace_file` could not write to `path`: worth asking before hours of work, not after."""
    try:
        _, partial = _target_and_partial(path)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise InputError(_why_not(Path(path), error, 0)) from None


def _target_and_partial(path: str | os.PathLike[str]) -> tuple[Path, Path]:
    # A link is followed, so that the file it points to is replaced and not the link.
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise InputError(f"{path} is a folder: add a file name.")
    if target.exists() and not target.is_file():
        # Renaming over /dev/null would replace the device for the whole machine.
        raise InputError(f"{path} is not a regular file, so that it cannot be replaced: name a file.")
    return target, target.with_name(f".{target.name}.{os.getpid()}.partial")


def _sync_folder(folder: Path) -> None:
    """Put the renaming itself on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why_not(path: Path, error: OSError, size: int) -> str:
    if error.errno == errno.ENOENT:
        return f"{path} cannot be written, there is no folder {path.parent}: create it first."
    if error.errno in FORBIDDEN:
        return f"{path} cannot be written, this user may not write to the folder {path.parent}: choose another one."
    if error.errno in NO_ROOM:
        return (
            f"{path} cannot be written, there is no room for {size} bytes ({error.strerror}), and what was there "
            "before is untouched: free some space or choose another disk."
        )
    return f"{path} cannot be written ({error.strerror}): choose another place."
