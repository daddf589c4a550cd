"""Training scripts as everybody writes them, in all combinations of habits: does `crosscheck check` judge them rightly?

    python -m tests.quality.ordinary_scripts [FAMILY ...] [--scripts 200] [--seed 0] [--processes 2] [--keep FOLDER]

Half of the scripts of a family have a slip in the gradient. Prints how many verdicts are right, and which are not.
"""

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import crosscheck
from tests.quality.habits import (
    Script,
    characters,
    dictionaries,
    engines,
    factors,
    images,
    layers,
    loops,
    margins,
    models,
    recurrences,
)

FAMILIES: dict[str, Callable[[random.Random, bool], Script | None]] = {
    "models": models.drawn,
    "characters": characters.drawn,
    "dictionaries": dictionaries.drawn,
    "engines": engines.drawn,
    "factors": factors.drawn,
    "images": images.drawn,
    "layers": layers.drawn,
    "loops": loops.drawn,
    "margins": margins.drawn,
    "recurrences": recurrences.drawn,
}
"""How to draw a script that is right, or one that is wrong; None if habits and slip do not go together"""


def scripts(family: str, seed: int) -> Iterator[Script]:
    """Yield scripts without end, right ones and wrong ones in turn."""
    choose = random.Random(seed)
    is_right = True
    while True:
        script = FAMILIES[family](choose, is_right)
        if script is not None:
            yield script
            is_right = not is_right


def judged(script: Script) -> tuple[Script, str]:
    """Return the script with the verdict on it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "script.py")
        path.write_text(script.text, encoding="utf-8")
        return script, str(crosscheck.check_file(path, repair=False).verdict)


def main() -> None:
    """Print how many of some scripts are judged rightly, and which are not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("families", nargs="*", metavar="FAMILY", default=[*FAMILIES], help=", ".join(FAMILIES))
    parser.add_argument("--scripts", type=int, default=200, help="of each family")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where to put scripts that are misjudged")
    asked = parser.parse_args()
    if unknown := [name for name in asked.families if name not in FAMILIES]:
        parser.error(f"no family is called {unknown[0]}; there are {', '.join(FAMILIES)}")
    if asked.keep is not None:
        asked.keep.mkdir(parents=True, exist_ok=True)
    for family in asked.families:
        known = [script for script, _ in zip(scripts(family, asked.seed), range(asked.scripts), strict=False)]
        counts: Counter[tuple[str, str]] = Counter()
        with ProcessPoolExecutor(asked.processes) as pool:
            for number, (script, verdict) in enumerate(pool.map(judged, known)):
                truth = "right" if script.is_right else "wrong"
                counts[truth, verdict] += 1
                if verdict == ("agree" if script.is_right else "disagree"):
                    continue
                print(f"{family} {number}, {truth}, {verdict}: {script.name}", flush=True)
                if asked.keep is not None:
                    path = asked.keep / f"{family}_{asked.seed}_{number}_{truth}.py"
                    path.write_text(script.text, encoding="utf-8")
        for (truth, verdict), count in sorted(counts.items()):
            print(f"{family}, {truth}: {verdict} {count}", flush=True)


if __name__ == "__main__":
    main()
