"""The coordinator's REST face: version 3 of H2O's protocol."""
