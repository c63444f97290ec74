"""Credentials for the stores that the server imports from."""

from __future__ import annotations

from h2o._connection import current
from h2o.exceptions import H2OValueError

__all__ = ["remove_s3_credentials", "set_s3_credentials"]


def set_s3_credentials(secret_key_id: str, secret_access_key: str, session_token: str | None = None) -> None:
    """Let the server import from S3 with these credentials, instead of those of its environment.

    They are tried by the next import. ``session_token`` belongs to temporary credentials.
    """
    for name, value in (("secret_key_id", secret_key_id), ("secret_access_key", secret_access_key)):
        if not value:
            raise H2OValueError(f"{name} is missing")
    form = {
        "secret_key_id": secret_key_id,
        "secret_access_key": secret_access_key,
        "session_token": session_token,
    }
    current().call("POST /3/PersistS3", form=form)


def remove_s3_credentials() -> None:
    """Let the server forget the credentials that were set; those of its environment count again."""
    current().call("DELETE /3/PersistS3")
