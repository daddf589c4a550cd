"""How well the check of files does on the corpus: `python -m tests.corpus.score [--repair] [NAME...]`.

Prints a line for every program whose verdict is not the label's, and the shares of right verdicts, lines, diagnoses and
repairs. A diagnosis is right if it names what is wrong (diagnoses.py), a line if it is one of the label's.
"""

import sys
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from crosscheck.files.check import check_file
from crosscheck.files.process import ChildBugError
from tests.corpus.diagnoses import is_right
from tests.corpus.labels import lacks_torch

HERE = Path(__file__).parent


def programs() -> list[dict[str, Any]]:
    """Return the entries of the manifest."""
    return tomllib.loads((HERE / "manifest.toml").read_text())["program"]


def examined(entry: dict[str, Any], *, repair: bool) -> dict[str, Any]:
    """Return what the check of one program says, as its JSON."""
    started = time.monotonic()
    try:
        report = check_file(HERE / "programs" / entry["file"], repair=repair).as_dict()
    except ChildBugError as bug:  # the others are to be scored all the same
        report = {"verdict": "a bug of ours", "subjects": [], "skipped": [], "error": {"message": str(bug)[-150:]}}
    return {**report, "wall": time.monotonic() - started}


def main(arguments: list[str]) -> int:
    """Print the score; return how many verdicts are wrong."""
    repair = "--repair" in arguments
    names = [argument for argument in arguments if not argument.startswith("-")]
    chosen = [entry for entry in programs() if not names or any(name in entry["file"] for name in names)]
    chosen = [entry for entry in chosen if not lacks_torch(entry)]
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for entry, found in zip(chosen, pool.map(lambda e: examined(e, repair=repair), chosen), strict=True):
            counts.update(_judged(entry, found, repair=repair))
            sys.stdout.flush()  # of a run that is stopped, what was found so far is known
    print(dict(counts))
    return counts["wrong verdict"]


def _judged(entry: dict[str, Any], found: dict[str, Any], *, repair: bool) -> Counter[str]:
    counts: Counter[str] = Counter(["programs"])
    right = found["verdict"] == entry["verdict"]
    counts["right verdict" if right else "wrong verdict"] += 1
    functions = [(subject["function"], subject["verdict"]) for subject in found["subjects"]]
    if not right:
        reasons = [(one["function"], one["reason"][:90]) for one in found["skipped"]][:4]
        error = (found["error"] or {}).get("message", "")[:150]
        print(f"{entry['file']}: {found['verdict']}, expected {entry['verdict']} {functions} {reasons} {error}")
        if {found["verdict"], entry["verdict"]} == {"agree", "disagree"}:
            counts["false verdict"] += 1
    if repair and entry["verdict"] == "disagree" and right:
        lines = {one["line"] for one in [*found["diagnoses"], *found["repairs"][:1]]}
        counts["wrong programs"] += 1
        counts["line found"] += bool(lines & set(entry.get("lines", ())))
        codes = [one["code"] for one in found["diagnoses"]]
        counts["diagnosed rightly"] += is_right(entry["kinds"], codes)
        counts["diagnosed somehow"] += bool(codes) and codes[0] != "unexplained"
        counts["one edit"] += bool(entry["one_edit"])
        counts["repaired"] += bool(entry["one_edit"]) and bool(found["repairs"])
        hit = bool(lines & set(entry.get("lines", ())))
        if not hit or not found["repairs"] or not is_right(entry["kinds"], codes):
            said = [(one["code"], one["line"]) for one in found["diagnoses"]]
            known = f"kinds {entry['kinds']} lines {entry.get('lines')}"
            print(f"  {entry['file']}: {known}: {said}, {len(found['repairs'])} repairs")
    if found["wall"] > 30:
        print(f"  {entry['file']} took {found['wall']:.0f} s")
    return counts


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
