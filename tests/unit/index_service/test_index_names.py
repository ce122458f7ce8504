"""Names of photos: what was put in comes out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index_service.names import Names
from tests.unit.index_service import index_values as values


@given(st.dictionaries(st.integers(1, 300), st.integers(1, 10**6).map(values.photo_id)))
def test_names_are_a_mapping_like_any_other(names: dict[int, str]) -> None:
    found = Names({})
    for number, photo_id in names.items():
        found.add({number: photo_id})
    found.add(names)
    assert dict(found) == names
    assert len(found) == len(names)


@pytest.mark.parametrize("number", [0, 2, 4])
def test_unknown_number_has_no_name(number: int) -> None:
    with pytest.raises(KeyError):
        Names({1: values.photo_id(1), 3: values.photo_id(3)})[number]
