import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wirethread.clustering.distinct import count_distinct, find_distinct, number_within


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=40))
def test_distinct_numbers_are_those_of_numpy(numbers: list[int]) -> None:
    keys = np.array(numbers, dtype=np.int64)
    wanted, counts = np.unique(keys, return_counts=True)
    found, n_found = count_distinct(keys)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(n_found, counts)
    np.testing.assert_array_equal(find_distinct(keys), wanted)


@given(st.lists(st.integers(-1, 4), max_size=30))
def test_entries_are_counted_through_within_their_group(numbers: list[int]) -> None:
    groups = sorted(numbers)
    found = number_within(np.array(groups, dtype=np.int64))
    assert found.tolist() == [groups[:place].count(group) for place, group in enumerate(groups)]
