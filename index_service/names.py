"""The ids of photos by their numbers, in 32 bytes each."""

from collections.abc import Iterator, Mapping

_BYTES = 32
_NONE = bytes(_BYTES)


class Names(Mapping[int, str]):
    """Photo ids, 64 hex digits, by number; numbers are given out one after another from 1.

    One writer adds; readers see what was there before or after.
    """

    def __init__(self, names: Mapping[int, str]) -> None:
        self._ids, self._count = bytearray(), 0
        self.add(names)

    def add(self, names: Mapping[int, str]) -> None:
        """Note further photos, or the same again."""
        for number, photo_id in names.items():
            start = _BYTES * number
            self._ids.extend(bytes(max(0, start + _BYTES - len(self._ids))))
            self._count += self._at(number) == _NONE
            self._ids[start : start + _BYTES] = bytes.fromhex(photo_id)

    def __getitem__(self, number: int) -> str:
        found = self._at(number)
        if len(found) < _BYTES or found == _NONE:
            raise KeyError(number)
        return found.hex()

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(len(self._ids) // _BYTES) if self._at(number) != _NONE)

    def __len__(self) -> int:
        return self._count

    def _at(self, number: int) -> bytes:
        return bytes(self._ids[_BYTES * number : _BYTES * (number + 1)])
