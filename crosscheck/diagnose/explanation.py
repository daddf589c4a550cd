"""What a diagnosis means, at length."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """One diagnosis: what it is, the mathematics, how it shows, how to mend it. Printed by `crosscheck explain`."""

    title: str
    message: str
    """A sentence about one place in a file; {about} is the variable, `line {line}` the place"""
    what: str
    mathematics: str
    shows: str
    mend: str

    def sentence(self, about: str, place: object = "") -> str:
        """Return the message for a variable and a place, such as "line 41" or "cell 3, line 7"."""
        message = (
            self.message.replace("line {line}", str(place)) if place else self.message.replace("line {line}: ", "")
        )
        return message.replace("{about}", about or "what it computes")

    def __str__(self) -> str:
        parts = (("", self.what), ("The mathematics. ", self.mathematics), ("How it shows. ", self.shows))
        return "\n\n".join([self.title, *(head + text for head, text in parts), f"How to mend it. {self.mend}"])
