"""Settings of index_service, section [index]."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, where the library lies, and when a graph pays.

    graph_from: samples a kind must have before it gets a graph; smaller kinds are scanned.
    build_threads: processor cores that building a graph may take.
    max_waiting: changes of photos that may wait for the writer.
    """

    address: str = "127.0.0.1:50053"
    folder: Path = Path("semapix-library/index")
    graph_from: int = 10_000
    build_threads: int = 1
    max_waiting: int = 4_096

    def __post_init__(self) -> None:
        for name in ("graph_from", "build_threads", "max_waiting"):
            if getattr(self, name) < 1:
                raise ValueError(f"index.{name} = {getattr(self, name)}: must be at least 1")
