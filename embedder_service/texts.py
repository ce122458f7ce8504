"""The one form in which texts reach a model, in training as in service."""


def normalised(text: str) -> str:
    """Return `text` in lower case, white space folded to single blanks, none at the ends."""
    return " ".join(text.split()).lower()
