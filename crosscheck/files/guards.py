"""What the code under test may not do. This keeps accidents away; it is no sandbox.

An audit hook sees what goes through Python; what compiled code does by itself it does not see.
"""

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HARMLESS = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"})

_WRITES = frozenset({
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.chflags", "os.lockf", "os.utime", "os.setxattr", "os.removexattr", "shutil.rmtree", "shutil.move",
    "shutil.copyfile", "shutil.copymode", "shutil.copystat", "shutil.copytree", "shutil.make_archive",
    "shutil.unpack_archive", "shutil.chown", "tempfile.mkdtemp", "tempfile.mkstemp",
})  # fmt: skip
_SOCKETS = frozenset({
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.gethostbyaddr", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect",
    "poplib.connect", "imaplib.open", "telnetlib.Telnet.open", "webbrowser.open",
})  # fmt: skip
_PROCESSES = frozenset({
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile", "os.kill",
    "os.killpg", "pty.spawn", "subprocess.Popen", "signal.pthread_kill", "resource.setrlimit", "resource.prlimit",
})  # fmt: skip

_SAYS = {
    "writes": "to write, move or delete files",
    "sockets": "to use the network",
    "processes": "to start or stop processes",
}


class RefusedError(PermissionError):
    """Raised inside the code under test where it does what is not allowed."""

    def __init__(self, kind: str, event: str, detail: str) -> None:
        self.kind = kind
        self.wants = f"{_SAYS[kind]} ({f'{event} {detail}'.strip()})"
        super().__init__(
            f"The code wants {self.wants}, which is refused while it is checked: pass --allow {kind} if it must."
        )


refusals: list[RefusedError] = []
"""What was refused so far, whether or not the code caught it."""


def guard(allow: Collection[str]) -> None:
    """Refuse writes, deletes, sockets and child processes from now on, except for the kinds in `allow`.

    Nor is bytecode written from now on; that of what was imported before is Python's to keep.

    It cannot be undone: for the child only.
    """
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    kinds: dict[str, str] = {}
    for kind, events in (("writes", _WRITES), ("sockets", _SOCKETS), ("processes", _PROCESSES)):
        if kind not in allow:
            kinds |= dict.fromkeys(events, kind)
    if "writes" not in allow:
        kinds |= {"open": "writes", "sqlite3.connect": "writes"}
    sys.addaudithook(_hook(kinds))


def _hook(kinds: dict[str, str]) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        kind = kinds.get(event)
        if kind is None or (event == "open" and not _opens_for_writing(*arguments[:3])):
            return
        if event == "sqlite3.connect" and arguments[:1] == (":memory:",):
            return
        detail = str(arguments[0])[:80] if arguments and isinstance(arguments[0], str | bytes) else ""
        refusal = RefusedError(kind, event, detail)
        if len(refusals) < 100:
            refusals.append(refusal)
        raise refusal

    return hook


def _opens_for_writing(path: Any, mode: Any = None, flags: Any = 0) -> bool:
    if isinstance(path, int) or os.fsdecode(path) in _HARMLESS:
        return False
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & _WRITING)


LARGE_LIBRARIES = re.compile(rb"\b(?:import|from)\s+(?:jax|torch|flax|optax|haiku|equinox)\b")
ROOM = 32 << 30
"""Bytes of address space that the compilers and thread pools of these libraries reserve, most of it without using it"""


def address_space(source: bytes, size: int) -> int:
    """Return how much address space code may have that is to use `size` bytes: more if it imports JAX or torch.

    >>> address_space(b"import numpy as np", 4 << 30) >> 30
    4
    >>> address_space(b"from jax import grad", 4 << 30) >> 30
    36
    """
    return size + ROOM if LARGE_LIBRARIES.search(source) else size


def limit_memory(size: int) -> None:
    """Let allocations fail above `size` bytes of address space, and leave no core file behind."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system knows every limit
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def end_with_parent(parent: int, seconds: float = 1.0) -> None:
    """End this process, from a thread, when its parent has ended: nobody would read what it finds."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(seconds)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
