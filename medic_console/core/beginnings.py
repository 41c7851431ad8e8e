"""What texts have in common at their beginnings."""

from __future__ import annotations


def common_beginning(one: str, other: str, least: int = 0) -> int:
    """Return how many characters two texts have in common from their first one on.

    Args:
        least: What is sought is longer than that; where it is not, this number is returned.
    """
    if one[: least + 1] != other[: least + 1]:
        return least
    low, high = min(least, len(one), len(other)), min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
