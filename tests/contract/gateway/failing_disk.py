"""A disk that is full from a chosen write on: every open, write, sync, rename and folder counts."""

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class FailingDisk:
    """Makes what Python writes fail; what SQLite writes has tests of its own."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = str(folder)
        self._left: int | None = None
        # What failed since the last `fail_after`.
        self.failed: list[str] = []
        for module in (io, builtins):
            patch.setattr(module, "open", self._opening(io.open))
        patch.setattr(os, "open", self._opening_descriptor(os.open))
        for name in ("mkdir", "replace", "rename", "link"):
            patch.setattr(os, name, self._changing(name, getattr(os, name)))
        patch.setattr(os, "fsync", self._syncing(os.fsync))

    def fail_after(self, writes: int) -> None:
        """Let that many writes pass, and no other until `mend`."""
        self._left, self.failed = writes, []

    def mend(self) -> None:
        """There is room again."""
        self._left = None

    def step(self, name: str) -> None:
        """Count a write. Raises OSError if the disk is full."""
        if self._left is None:
            return
        if not self._left:
            self.failed.append(name)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._left -= 1

    def _is_ours(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fspath(path).startswith(self._folder)

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
            writing = set(mode) & set("wxa+") and self._is_ours(path)
            if writing:
                self.step("open")
            file = real(path, mode, *args, **named)
            return _Written(file, self) if writing else file

        return opened

    def _opening_descriptor(self, real: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *args: Any, **named: Any) -> int:
            if flags & WRITING and self._is_ours(path):
                self.step("open")
            return real(path, flags, *args, **named)

        return opened

    def _changing(self, name: str, real: Callable[..., None]) -> Callable[..., None]:
        def changed(path: Any, *args: Any, **named: Any) -> None:
            if self._is_ours(path):
                self.step(name)
            real(path, *args, **named)

        return changed

    def _syncing(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def synced(descriptor: int) -> None:
            self.step("fsync")
            real(descriptor)

        return synced


class _Written:
    """A file whose writes count."""

    def __init__(self, file: Any, disk: FailingDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, content: Any) -> int:
        self._disk.step("write")
        return int(self._file.write(content))

    def __enter__(self) -> "_Written":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
