"""The type of number that the kernels compute with.

It is float32. Tests load the same sources once more with float64 in its place, where rounding is too small to
hide a wrong gradient.
"""

from __future__ import annotations

import numpy as np

REAL: type[np.floating] = np.float32
