"""Rapids, the expression language of H2O's clients: reader, interpreter, and a table of primitives."""
