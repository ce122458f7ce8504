"""Settings of analysis_service, section [analysis]."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, which index to read, where to keep results, and how many."""

    address: str = "127.0.0.1:50054"
    folder: Path = Path("semapix-library/analyses")
    index: str = "127.0.0.1:50053"
    max_waiting: int = 8
    keep: int = 50

    def __post_init__(self) -> None:
        for name in ("max_waiting", "keep"):
            if getattr(self, name) < 1:
                raise ValueError(f"analysis.{name} = {getattr(self, name)}: must be at least 1")
