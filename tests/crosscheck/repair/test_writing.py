import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.repair import Repair, apply
from crosscheck.source import Edit, read

CODE = b"# -*- coding: latin-1 -*-\r\nname = 'M\xfcller'\r\nx = 1\r\n"


def a_file(folder: Path) -> Path:
    path = folder / "model.py"
    path.write_bytes(CODE)
    return path


def a_repair(path: Path) -> tuple:
    document = read(path)
    edited = document.with_edits([Edit((3, 4), (3, 5), "2")])
    return document, Repair(3, "x = 1", "x = 2", document.diff(edited), 20, "constant-factor", edited=edited)


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def committed(folder: Path) -> Path:
    path = a_file(folder)
    git(folder, "init", "-q")
    git(folder, "add", "model.py")
    git(folder, "commit", "-q", "-m", "Begin")
    return path


def test_a_committed_file_is_mended_and_a_backup_kept(tmp_path: Path) -> None:
    path = committed(tmp_path)
    backup = apply(*a_repair(path))
    assert path.read_bytes() == CODE.replace(b"x = 1", b"x = 2")
    assert (backup.parent, backup.read_bytes()) == (tmp_path, CODE)


def test_a_backup_never_takes_the_place_of_another_file(tmp_path: Path) -> None:
    path = committed(tmp_path)
    taken = tmp_path / "model.py.orig"
    taken.write_text("precious")
    backup = apply(*a_repair(path))
    assert taken.read_text() == "precious"
    assert backup != taken
    assert backup.read_bytes() == CODE


def test_a_file_outside_version_control_is_left_alone(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    with pytest.raises(CrosscheckError, match=r"not under version control.*--force"):
        apply(*a_repair(path))
    assert [file.name for file in tmp_path.iterdir()] == ["model.py"]
    apply(*a_repair(path), force=True)
    assert b"x = 2" in path.read_bytes()


def test_uncommitted_changes_are_not_risked(tmp_path: Path) -> None:
    path = committed(tmp_path)
    path.write_bytes(CODE + b"y = 3\r\n")
    with pytest.raises(CrosscheckError, match="uncommitted changes"):
        apply(*a_repair(path))
    assert path.read_bytes() == CODE + b"y = 3\r\n"


def test_a_new_file_in_a_repository_is_not_under_version_control(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    git(tmp_path, "init", "-q")
    with pytest.raises(CrosscheckError, match="not under version control"):
        apply(*a_repair(path))


def test_a_file_that_changed_since_is_refused_even_by_force(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    document, repair = a_repair(path)
    path.write_bytes(CODE + b"z = 0\r\n")
    with pytest.raises(CrosscheckError, match="has changed since"):
        apply(document, repair, force=True)
    assert path.read_bytes() == CODE + b"z = 0\r\n"


def test_a_repair_without_its_edit_cannot_be_written(tmp_path: Path) -> None:
    document, repair = a_repair(committed(tmp_path))
    with pytest.raises(CrosscheckError, match="--fix"):
        apply(document, replace(repair, edited=None))


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path = committed(tmp_path)
    path.chmod(0o750)
    link = tmp_path / "link.py"
    link.symlink_to(path)
    backup = apply(*a_repair(link), force=True)
    assert link.is_symlink()
    assert [file.stat().st_mode & 0o777 for file in (path, backup)] == [0o750, 0o750]
