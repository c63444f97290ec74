"""The v3 wire format as pydantic models, one module per resource: what is announced is what is sent."""
