"""Messages for people."""


def as_sentence(text: str) -> str:
    """The text with a capital first letter and one full stop at its end. `text` must not be empty."""
    return text[0].upper() + text[1:].removesuffix(".") + "."


def counted(count: int, noun: str) -> str:
    """Like "1 edge" and "1,200 edges"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
