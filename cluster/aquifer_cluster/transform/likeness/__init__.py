"""How alike texts are."""

from aquifer_cluster.transform.likeness.measures import LONG_NAMES, MEASURES, soundex_key, string_distances

__all__ = ["LONG_NAMES", "MEASURES", "soundex_key", "string_distances"]
