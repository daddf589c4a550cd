"""What a campaign judges in a second with 1, 2 and 4 workers, by the clock and by the processor.

    python -m tests.benchmarks.campaign_rates [--models 250000] [--workers 1 2 4]

Rates by the clock mean something on an idle machine alone.
"""

import argparse
import json
import resource
import subprocess
import sys


def campaign(models: int, workers: int) -> tuple[dict, float]:
    """Run one; return its report, and the processor time of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "crosscheck", "campaign", "--models", str(models), "--workers", str(workers)]
    done = subprocess.run([*command, "--json", "-"], stdout=subprocess.PIPE, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(done.stdout), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a line for each number of workers."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--models", type=int, default=250_000)
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    given = arguments.parse_args()
    for workers in given.workers:
        report, processor = campaign(given.models, workers)
        print(
            f"{workers} workers: {report['verdict']}, {report['models']:,} models in {report['seconds']:.1f} s, "
            f"{report['models_per_second']:,.0f} a second once compiled; {processor:.1f} s of a processor in all",
            flush=True,
        )


if __name__ == "__main__":
    main()
