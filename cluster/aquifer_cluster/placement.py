"""Where the bytes of a frame are."""

from __future__ import annotations

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block


def bytes_by_node(cloud: Cloud, frame: Frame) -> list[int]:
    """The bytes of the frame's chunks on each node of the cloud."""
    sizes = [0] * cloud.size
    for block, size in (cloud.map_reduce(frame, block_bytes, combine=join_sizes) or {}).items():
        sizes[frame.layout.owners[block]] += size
    return sizes


def block_bytes(block: Block) -> dict[int, int]:
    """The bytes of a block's chunks, by the block's number."""
    return {block.index: sum(chunk.nbytes for chunk in block.chunks)}


def join_sizes(a: dict[int, int], b: dict[int, int]) -> dict[int, int]:
    """The sizes of both sets of blocks."""
    return a | b
