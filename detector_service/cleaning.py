"""Read texts without the marks that edges, shadows and frames around letters are mistaken for."""

# Signs that no printed word begins or ends with; those of the pairs stay where both are there.
NOISE = "|~^_`\\=*<>{};'"
PAIRS = (("(", ")"), ("[", "]"), ('"', '"'))
# Alone they mean something between two words, and nothing before the first or after the last.
JOINING = frozenset("&+-/@")


def cleaned(text: str) -> str:
    """Return the words of a text, one space between each two; "" where no word is left."""
    parts = [_word(part) for part in text.split()]
    kept = [part for part in parts if part in JOINING or any(map(str.isalnum, part))]
    while kept and kept[0] in JOINING:
        kept.pop(0)
    while kept and kept[-1] in JOINING:
        kept.pop()
    return " ".join(kept)


def _word(part: str) -> str:
    part = part.strip(NOISE)
    for first, last in PAIRS:
        if not (len(part) > 1 and part.startswith(first) and last in part[1:]):
            part = part.lstrip(first)
        if first not in part[:-1]:
            part = part.rstrip(last)
    return part.strip(NOISE)
