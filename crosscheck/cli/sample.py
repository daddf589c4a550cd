"""`crosscheck sample`."""

from pathlib import Path

import click


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path, readable=False))
@click.option("--prime", metavar="TEXT", help="Text to begin with.")
@click.option("--length", type=int, default=200, show_default=True, help="Symbols to write.")
@click.option("--temperature", type=float, default=1.0, show_default=True, help="Below 1 cautious, above 1 daring.")
@click.option("--greedy", is_flag=True, help="Always the most likely symbol.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
def sample(checkpoint: Path, prime: str | None, length: int, temperature: float, greedy: bool, seed: int) -> None:
    """Let a trained model write.

    CHECKPOINT is a file that `crosscheck train` saved.
    """
    from crosscheck.builtin.runs import input_refused
    from crosscheck.builtin.sample import write_sample

    with input_refused():
        write_sample(checkpoint, prime=prime, length=length, temperature=temperature, greedy=greedy, seed=seed)
