"""The kernel that unites packed intervals; it indexes only, as all kernels do."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence


def sweep_packed(
    keys: Sequence[int],
    start_bits: int,
    length_bits: int,
    origin: int,
    owners: MutableSequence[int],
    starts: MutableSequence[int],
    ends: MutableSequence[int],
) -> int:
    """Unite sorted packed intervals; return how many are left. One source for both modes."""
    length_mask = (1 << length_bits) - 1
    start_mask = (1 << start_bits) - 1
    count = 0
    owner = -1
    reach = 0
    for at in range(len(keys)):
        key = keys[at]
        place = key >> length_bits
        start = (place & start_mask) + origin
        end = start + (key & length_mask)
        if place >> start_bits == owner and start <= reach:
            if end > reach:
                reach = end
                ends[count - 1] = end
        else:
            owner = place >> start_bits
            owners[count] = owner
            starts[count] = start
            ends[count] = end
            reach = end
            count += 1
    return count
