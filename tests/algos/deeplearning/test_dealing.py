"""Which rows each node is dealt, whatever it holds."""

from __future__ import annotations

from itertools import chain

import pytest
from aquifer_algos.deeplearning.dealing import Deal, Wish, deal, places
from hypothesis import given
from hypothesis import strategies as st

HELD = st.lists(st.integers(0, 50), min_size=1, max_size=5).filter(any)
WISHES = st.builds(Wish, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@pytest.mark.parametrize(
    ("wish", "dealt"),
    [
        (Wish(balance=False), [range(0, 6), range(6, 6), range(6, 9)]),
        (Wish(), [range(0, 3), range(3, 6), range(6, 9)]),
        (Wish(shuffle=True), [range(0, 9, 3), range(1, 9, 3), range(2, 9, 3)]),
        (Wish(replicate=True), [range(9)] * 3),
        (Wish(replicate=True, single_node=True), [range(9), range(0), range(0)]),
        (Wish(single_node=True), [range(6), range(0), range(0)]),
    ],
    ids=["as held", "balanced", "shuffled", "replicated", "one node with all", "one node with its own"],
)
def test_what_three_nodes_are_dealt(wish: Wish, dealt: list[range]) -> None:
    assert list(deal([6, 0, 3], wish).dealt) == dealt


@given(HELD, WISHES)
def test_every_row_is_trained_on_unless_one_node_trains_on_what_it_holds(held: list[int], wish: Wish) -> None:
    found = deal(held, wish)
    rows = list(chain(*found.dealt))
    if wish.single_node and not wish.replicate:
        assert found.rows == len(rows) == max(held)
    else:
        assert set(rows) == set(range(sum(held)))
        assert found.rows == sum(held)
    assert len(rows) == found.rows * (len(held) if found.replicated else 1)


@given(HELD, WISHES)
def test_every_row_that_is_trained_on_is_scored_by_one_node(held: list[int], wish: Wish) -> None:
    found = deal(held, wish)
    scored = [rows[place] for node, rows in enumerate(found.dealt) for place in found.scored(node)]
    assert sorted(scored) == sorted(set(chain(*found.dealt)))


@given(HELD, WISHES)
def test_what_nodes_send_each_other_makes_up_what_they_are_dealt(held: list[int], wish: Wish) -> None:
    found: Deal = deal(held, wish)
    for wanted in found.dealt:
        sent = [wanted[place] for own in found.held for place in places(wanted, own)]
        assert sent == list(wanted)
