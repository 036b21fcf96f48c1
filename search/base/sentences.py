"""Messages for people."""


def as_sentence(text: str) -> str:
    """The text with a capital first letter and one full stop at its end. `text` must not be empty."""
    return text[0].upper() + text[1:].removesuffix(".") + "."
