"""`crosscheck explain`."""

import textwrap

import click

from crosscheck.cli.exits import Exit

WIDEST = 100


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> int:
    """Explain a finding's or diagnosis' code at length.

    CODE stands in square brackets behind a finding, and under "code" in JSON. Without CODE all codes are listed.
    """
    import shutil

    from crosscheck.explanations import explain as explanation
    from crosscheck.explanations import texts

    width = min(shutil.get_terminal_size().columns, WIDEST)
    if code is None:
        for name in sorted(texts()):
            click.echo(explanation(name).split("\n", 1)[0])
        return Exit.AGREE
    paragraphs = explanation(code).split("\n\n")
    click.echo("\n\n".join(textwrap.fill(paragraph, width) for paragraph in paragraphs))
    return Exit.AGREE
