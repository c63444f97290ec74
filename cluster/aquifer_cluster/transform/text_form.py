"""Values as text: the labels of categories, and numbers the way H2O's users see them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import Values
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats


def block_texts(block: Block, column: int, domain: tuple[str, ...] | None) -> Values:
    """A column of text, or of categories with that domain, of a block as text; null where missing."""
    values = block.decode(column)
    if domain is None:
        return values
    return pa.array(domain, pa.string()).take(pa.array(values, mask=values < 0))


def number_texts(values: Floats, whole: bool) -> Values:
    """Shortest texts that read back as the same numbers; missing stays missing.

    Numbers of a column that is `whole` throughout have no decimal point; otherwise whole ones end in
    `.0`, and the exponent form (`1.0E-5`) is used below 0.001 and from ten million on.
    """
    missing = np.isnan(values)
    if whole:
        integers = np.where(missing, 0, values).astype(np.int64)
        return pc.cast(pa.array(integers, mask=missing), pa.string())
    magnitude = np.abs(values)
    exponential = np.isfinite(values) & (values != 0) & ((magnitude < 1e-3) | (magnitude >= 1e7))
    plain = _with_point(pc.cast(pa.array(values, mask=missing | exponential), pa.string()))
    if not exponential.any():
        return plain
    rows = np.flatnonzero(exponential)
    forms = pa.array([_exponent_form(value) for value in np.unique(values[rows]).tolist()], pa.string())
    chosen = forms.take(pa.array(np.searchsorted(np.unique(values[rows]), values[rows])))
    return pc.replace_with_mask(plain, pa.array(exponential), chosen)


def _with_point(texts: Values) -> Values:
    """Spell out infinities, and give whole numbers their `.0`."""
    texts = pc.replace_substring_regex(texts, r"^(-?)inf$", r"\1Infinity")
    return pc.replace_substring_regex(texts, r"^(-?\d+)$", r"\1.0")


def _exponent_form(value: float) -> str:
    mantissa, _, exponent = np.format_float_scientific(value, trim="0").partition("e")
    return f"{mantissa}E{int(exponent)}"
