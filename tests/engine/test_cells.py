from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from medic_console.engine.child.cells import Cells

SEQUENCES = st.integers(0, 3)
OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "trim", "share", "reserve"]), SEQUENCES, SEQUENCES, st.integers(0, 20)),
    max_size=40,
)


@given(OPERATIONS)
def test_the_count_equals_that_of_cells_named_one_by_one(operations: list[tuple[str, int, int, int]]) -> None:
    cells, total = Cells(1000), 1000
    held: dict[int, list[object]] = {n: [] for n in range(4)}
    reserved = dict.fromkeys(range(4), 0)
    for name, sequence, other, count in operations:
        if name == "add":
            held[sequence] += [object() for _ in range(count)]
            reserved[sequence] = max(0, reserved[sequence] - count)
            cells.add(sequence, count)
        elif name == "trim":
            del held[sequence][count:]
            cells.trim(sequence, count)
        elif name == "reserve":
            reserved[sequence] = count
            cells.reserve(sequence, count)
        elif sequence != other and not held[other]:
            held[other] = held[sequence][:count]
            cells.share(sequence, other, count)
        used = len({id(cell) for cells_of in held.values() for cell in cells_of})
        assert cells.used == used
        assert cells.free == total - used - sum(reserved.values())
        holders = Counter(id(cell) for cells_of in held.values() for cell in cells_of)
        for number, cells_of in held.items():
            assert cells.alone(number) == sum(holders[id(cell)] == 1 for cell in cells_of)


def test_a_shared_cell_is_used_until_its_last_holder_lets_it_go() -> None:
    cells = Cells(100)
    cells.add(0, 10)
    cells.share(0, 1, 6)
    assert cells.used == 10
    cells.trim(0, 0)
    assert cells.used == 6
    cells.trim(1, 2)
    assert (cells.used, cells.free) == (2, 98)
