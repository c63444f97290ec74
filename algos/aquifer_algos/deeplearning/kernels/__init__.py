"""The training kernels: stochastic gradient descent on memory shared between threads.

`rows.train_rows` walks a stretch of a random order of a node's rows. For each row it draws dropout, goes
forward, and then backward from the output, updating each layer's weights right after the error went through
them. It takes time proportional to (non-zero senders) × (receivers): with `fast_mode` semantics a zero sender
and a receiver without gradient leave their weights and their step-rule memory alone. `batches.train_batches`
steps once for several rows, along the mean of their gradients, and if asked to also the weights without one.

How it is written, because it decides the speed:
- All data is reached by address, in blocks of sixteen (see `vector.py`); offsets and pitches are in bytes.
- Switches (activation, loss, step rule, storage of a matrix) are integers tested per row of a matrix or per
  layer, never per weight; `codes.py` has them.
- Numbers that meet weights are of the type `REAL`, float32; one float64 or int64 among them would halve the
  speed.
- Only what is called from outside is compiled with a signature and cached, for all it calls together.

Formulas: Zeiler 2012 (ADADELTA); gradients of softmax with cross-entropy as usual. `launch.py` loads what is
called from outside, `rows.train_rows` and `batches.train_batches`.
"""
