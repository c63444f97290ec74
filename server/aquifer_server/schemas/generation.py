"""The answer to a split."""

from __future__ import annotations

from pydantic import SerializeAsAny

from aquifer_server.schemas.base import Answer
from aquifer_server.schemas.keys import KeyV3


class SplitFrameV3(Answer, schema_type="SplitFrame"):
    """The job that cuts a frame, and the keys of the parts."""

    key: SerializeAsAny[KeyV3] | None
    dataset: SerializeAsAny[KeyV3]
    ratios: list[float]
    destination_frames: list[SerializeAsAny[KeyV3]]
