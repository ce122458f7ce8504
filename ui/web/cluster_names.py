"""What clusters are called in front of people."""

from ui import analyses


def name(cluster: analyses.Cluster) -> str:
    """Return the name that a person gave, else the guess, else its number."""
    return cluster.name or _capital(cluster.suggested_name) or f"Cluster {cluster.number + 1}"


def guessed(cluster: analyses.Cluster) -> bool:
    """Return whether the name is a guess of the models."""
    return bool(cluster.suggested_name) and not cluster.name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
