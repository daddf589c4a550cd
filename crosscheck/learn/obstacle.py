"""Why an answer could not be looked at: one sentence for whoever wrote it."""


class Obstacle(Exception):  # noqa: N818 (the learner's problem, not an error of ours)
    """What stands in the way, with a remedy where there is one."""

    def __init__(self, kind: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        """`todo`, `syntax`, `import`, `refused`, `missing`, `withheld`, `complex`, `raised`, `endless`,
        `superseded`, `crashed`"""
        self.message = message
        self.line = line
