"""How the functions of kernels are compiled."""

from functools import partial

import numba

jit = partial(numba.njit, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"})
inline = partial(jit, forceinline=True)
