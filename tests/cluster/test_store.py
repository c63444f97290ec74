"""Keys, kinds and sessions."""

from __future__ import annotations

import pytest
from aquifer_cluster.errors import KeyNotFound, WrongKind
from aquifer_cluster.store import Store


@pytest.fixture
def store() -> Store:
    return Store()


def test_a_key_gives_what_was_bound_last(store: Store) -> None:
    store.put("a", 1)
    store.put("a", 2)
    assert store.get("a", int) == 2
    assert store.keys() == ["a"]


def test_an_unknown_key_and_a_wrong_kind_are_named(store: Store) -> None:
    with pytest.raises(KeyNotFound, match="'a' not found"):
        store.get("a", int)
    store.put("a", "text")
    with pytest.raises(WrongKind, match="'a' is a str, not a int"):
        store.get("a", int)
    assert store.find("a", int) is None
    assert store.find("b", str) is None


def test_removing_an_unknown_key_is_fine(store: Store) -> None:
    store.put("a", 1)
    assert store.remove("a")
    assert not store.remove("a")


def test_clearing_spares_other_kinds_and_retained_keys(store: Store) -> None:
    for key, value in (("a", 1), ("b", 2), ("c", "text")):
        store.put(key, value)
    assert store.clear((int,), retained=["b"]) == ["a"]
    assert store.keys() == ["b", "c"]


def test_temporaries_go_with_their_session_and_others_stay(store: Store) -> None:
    store.put("keep", 1)
    store.put("mine", 2, session="s")
    store.put("other", 3, session="t")
    assert store.end_session("s") == ["mine"]
    assert store.keys() == ["keep", "other"]
    assert store.end_session("s") == []


def test_a_temporary_that_is_bound_anew_outlives_the_session(store: Store) -> None:
    store.put("a", 1, session="s")
    store.put("a", 2)
    assert store.end_session("s") == []
    assert store.items(int) == [("a", 2)]
