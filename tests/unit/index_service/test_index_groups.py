"""Groups of equal members are one node of a graph each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index_service.members import Groups, Members


@given(st.lists(st.integers(1, 6), max_size=30))
def test_groups_hold_all_members_of_equal_vectors(digests: list[int]) -> None:
    numbers = 10 * np.arange(1, len(digests) + 1)
    groups = Groups(Members(numbers, np.array(digests, np.uint64)))
    wanted: dict[int, list[int]] = {}
    for number, digest in zip(numbers.tolist(), digests, strict=True):
        wanted.setdefault(digest, []).append(number)
    firsts = sorted(own[0] for own in wanted.values())
    assert groups.firsts(0, 100).tolist() == firsts
    found = [groups.numbers(np.array([at])).tolist() for at in range(len(groups))]
    assert found == sorted(wanted.values())
    every = groups.numbers(np.arange(len(groups)))
    assert every.tolist() == [number for own in sorted(wanted.values()) for number in own]
