"""Several reports as one: those of many files, or of the shards that a run was split into."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosscheck.reports.schema import SCHEMA_VERSION
from crosscheck.verdicts import Verdict, aggregate

_LISTS = ("assumptions", "skipped", "parameters", "findings", "diagnoses", "repairs", "subjects")
_SUMS = ("examples", "judged", "seconds")
_ORDER = list(Verdict)

Json = dict[str, Any]


def merged(
    reports: Sequence[Mapping[str, Any]],
    *,
    target: str,
    seed: int,
    reproduce: str,
    error: Mapping[str, Any] | None = None,
) -> Json:
    """Return one report on what several say: its lists hold what stands in all of them, and `files` holds each.

    The verdict is that of all together: disagree before error before inconclusive before agree; of no reports at all
    it is inconclusive. Reports that were merged before are taken apart. A gradient that occurs more than once (the same
    function of the same target, or the same test) is counted once: the worse verdict stands, or else that of more
    cases. `error` is what stopped the whole run.
    """
    files = list(_once(file for report in reports for file in _files(report)))
    errors = [error, *(report["error"] for report in reports), *(file["error"] for file in files)]
    first = next((dict(one) for one in errors if one is not None), None)
    stopped = [Verdict.ERROR for report in reports if _own_error(report)] + ([Verdict.ERROR] if error else [])
    together = {name: [item for file in files for item in file[name]] for name in _LISTS}
    together["subjects"] = [_without_pictures(subject) for subject in together["subjects"]]
    together["assumptions"] = list(dict.fromkeys(together["assumptions"]))
    regimes: dict[str, int] = {}
    for file in files:
        for regime, count in file["regimes"].items():
            regimes[regime] = regimes.get(regime, 0) + count
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": str(aggregate([*(Verdict(file["verdict"]) for file in files), *stopped])),
        "target": target,
        "seed": seed,
        **{name: sum(file[name] for file in files) for name in _SUMS},
        "oracles": list(dict.fromkeys(oracle for file in files for oracle in file["oracles"])),
        "regimes": regimes,
        **together,
        "repair": together["repairs"][0] if together["repairs"] else None,
        "error": first,
        "reproduce": reproduce,
        "files": files,
    }


def _without_pictures(subject: Json) -> Json:
    """Return a subject as it stands beside its file, which holds the pictures once."""
    return {key: value for key, value in subject.items() if key != "pictures"}


def _files(report: Mapping[str, Any]) -> Iterator[Json]:
    if "files" not in report:
        yield dict(report)
        return
    for file in report["files"]:
        yield from _files(file)


def _own_error(report: Mapping[str, Any]) -> bool:
    """Tell whether something stopped a merged report that is the error of none of its files."""
    error, files = report["error"], report.get("files")
    return error is not None and files is not None and all(file["error"] != error for file in files)


def _once(files: Iterator[Json]) -> Iterator[Json]:
    """Put together what was said more than once about one target."""
    by_place: dict[tuple[Any, ...], Json] = {}
    for file in files:
        place = tuple(file.get(key) for key in ("target", "file", "line", "name"))  # two subjects may be called alike
        known = by_place.get(place)
        by_place[place] = file if known is None else _both(known, file)
    yield from by_place.values()


def _both(one: Json, other: Json) -> Json:
    """Return one report from two on the same target."""
    if not one["subjects"] and not other["subjects"]:
        return _stronger(one, other)
    subjects: dict[str, Json] = {}
    for subject in (*one["subjects"], *other["subjects"]):
        known = subjects.get(subject["function"])
        subjects[subject["function"]] = subject if known is None else _stronger(known, subject)
    return _of_subjects(one, other, list(subjects.values()))


def _stronger(one: Json, other: Json) -> Json:
    """Return the one of two accounts that weighs more, with what the other alone knows (mutants, pictures)."""

    def weight(account: Json) -> tuple[int, int]:
        return -_ORDER.index(Verdict(account["verdict"])), account.get("judged", 0)

    kept, left = (one, other) if weight(one) >= weight(other) else (other, one)
    return {**left, **kept}


def _of_subjects(one: Json, other: Json, subjects: list[Json]) -> Json:
    """Return a report on one target with the subjects of two, and what both say of the target as a whole."""
    several = len(subjects) > 1
    kept = _stronger(one, other)
    made: Json = {**kept, "verdict": str(aggregate(Verdict(report["verdict"]) for report in (one, other)))}
    for name in _LISTS:
        own = [item for report in (one, other) for item in report[name]
               if item not in [known for subject in report["subjects"] for known in subject.get(name, ())]]  # fmt: skip
        made[name] = [item for place, item in enumerate(own) if item not in own[:place]]
        made[name] += [item for subject in subjects for item in subject.get(name, ())]
    made["assumptions"] = list(dict.fromkeys(made["assumptions"]))
    made["parameters"] = [
        {**parameter, "name": f"{subject['function']}: {parameter['name']}" if several else parameter["name"]}
        for subject in subjects
        for parameter in subject.get("parameters", ())
    ]
    made["subjects"] = subjects
    for name in _SUMS:
        made[name] = sum(subject.get(name, 0) for subject in subjects)
    regimes: dict[str, int] = {}
    for subject in subjects:
        for regime, count in subject.get("regimes", {}).items():
            regimes[regime] = regimes.get(regime, 0) + count
    made["regimes"] = regimes
    made["oracles"] = list(dict.fromkeys(oracle for subject in subjects for oracle in subject.get("oracles", ())))
    made["repair"] = made["repairs"][0] if made["repairs"] else None
    made["error"] = one["error"] or other["error"]
    return made
