"""Vectors survive the wire bit for bit; what is no unit vector is refused by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from common import errors, vectors

ROWS = hnp.arrays(np.float32, st.integers(1, 64), elements=st.floats(-10, 10, width=32))


@given(ROWS)
def test_round_trip_is_exact(row: vectors.Floats) -> None:
    unit = vectors.normalised(row)
    if np.linalg.norm(unit) < 0.5:
        return
    assert np.array_equal(vectors.unpack(vectors.pack(unit), dimension=len(row)), unit)


@given(st.binary(max_size=64))
def test_any_bytes_give_a_unit_vector_or_a_named_error(values: bytes) -> None:
    try:
        vector = vectors.unpack(values, field="query[0]")
    except errors.InvalidInput as error:
        named = error.field
    else:
        named = "query[0]"
        assert abs(np.linalg.norm(vector) - 1) <= vectors.UNIT_TOLERANCE
    assert named == "query[0]"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([np.nan, 1.0], "not finite"),
        ([np.inf, 1.0], "not finite"),
        ([3.0, 4.0], "length 5"),
        ([1.0], "1 dimensions"),
    ],
)
def test_bad_vector_says_what_is_wrong(row: list[float], words: str) -> None:
    with pytest.raises(errors.InvalidInput, match=words):
        vectors.unpack(np.array(row, "<f4").tobytes(), dimension=2)
