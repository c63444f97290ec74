"""The thin Python client of an Aquifer (or H2O) server."""
