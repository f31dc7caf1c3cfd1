"""Array kernels of the reader of big CSV files: one source, plain Python or compiled by numba.

They index only, so that they run on memory views (plain) and on numpy arrays (compiled), and
work on the bytes of one chunk. A mark is the place of a delimiter, a quote or the end of a
line; everything between marks is text.
"""

from __future__ import annotations

from ripplegraph.graph.kernels_texts import FIRST_BYTES
from ripplegraph.graph.processor import BLOCK, Numbers, count_bits, lowest_bit, mark_bits, odd_bits

CONSUMED, NEXT_MARK, NEXT_NUMBER, TOO_LONG, SPARE = range(5)
SHORT_FIRST, SHORT_COUNT, LONG_FIRST, LONG_COUNT = range(5, 9)
STATE_SIZE = 9
"""What :func:`split_rows` keeps between calls.

How many bytes of the chunk are done, which mark and row number come next, whether a record or a
cell was too long, where unquoted text may be put; of the rows with too few and with too many
cells the number of the first, and how many.
"""

_QUOTE, _LINE_FEED, _CARRIAGE_RETURN = 34, 10, 13


MARKS_AT_ONCE = 4
"""So many marks are written without a look at how many there are."""


def find_marks(data: Numbers, size: int, delimiter: int, marks: Numbers, is_odd: Numbers) -> int:
    """Write the places of all marks, ascending; return how many there are.

    Behind ``size`` there are 64 bytes more, and room for a few marks more than bytes.
    ``is_odd[0]`` becomes 1 if a byte is no ASCII character, or NUL.
    """
    count = 0
    odd = 0
    for first in range(0, size, BLOCK):
        bits = mark_bits(data, first, delimiter)
        strange = odd_bits(data, first)
        if size - first < BLOCK:
            held = (1 << (size - first)) - 1
            bits &= held
            strange &= held
        odd |= strange
        found = count_bits(bits)
        for nth in range(MARKS_AT_ONCE):  # mostly enough: no guess how often a loop runs
            marks[count + nth] = first + lowest_bit(bits)
            bits &= bits - 1
        for nth in range(MARKS_AT_ONCE, found):
            marks[count + nth] = first + lowest_bit(bits)
            bits &= bits - 1
        count += found
    is_odd[0] = odd != 0
    return count


def split_rows(
    data: Numbers,
    size: int,
    is_last: bool,
    marks: Numbers,
    delimiter: int,
    record_limit: int,
    cell_limit: int,
    starts: Numbers,
    lengths: Numbers,
    numbers: Numbers,
    state: Numbers,
) -> int:
    """Find the cells of the next rows, without the blanks around them; return how many rows.

    Cells with doubled quotes, or with text behind their quotes, are put together behind
    ``size``. The last chunk ends with the end of a line. A record that the chunk does not hold
    to its end is left for the next one.
    """
    width, capacity = starts.shape
    rows = 0
    mark = state[NEXT_MARK]
    row_start = state[CONSUMED]
    number = state[NEXT_NUMBER]
    spare = state[SPARE]
    while rows < capacity:
        cell_start = row_start
        column = 0
        row_end = -1
        is_long = False
        while row_end < 0:
            start = cell_start
            end = -1
            if mark < len(marks) and marks[mark] == cell_start and data[cell_start] == _QUOTE:
                start = cell_start + 1
                piece = start
                mark += 1
                is_moved = False
                while True:
                    while mark < len(marks) and data[marks[mark]] != _QUOTE:
                        mark += 1
                    if mark >= len(marks):
                        break
                    quote = marks[mark]
                    if quote + 1 >= size:
                        mark = len(marks)
                        break
                    following = data[quote + 1]
                    is_doubled = following == _QUOTE
                    is_closed = following in (delimiter, _LINE_FEED, _CARRIAGE_RETURN)
                    mark += 1
                    if is_closed and not is_moved:
                        end = quote
                        break
                    if not is_moved:
                        is_moved = True
                        start = spare
                    for at in range(piece, quote):
                        data[spare] = data[at]
                        spare += 1
                    piece = quote + 1
                    if is_doubled:
                        data[spare] = _QUOTE
                        spare += 1
                        piece += 1
                        mark += 1
                    else:
                        break
                while mark < len(marks) and data[marks[mark]] == _QUOTE:
                    mark += 1
                if mark < len(marks) and is_moved:
                    for at in range(piece, marks[mark]):
                        data[spare] = data[at]
                        spare += 1
                    end = spare
            else:
                while mark < len(marks) and data[marks[mark]] == _QUOTE:
                    mark += 1
                if mark < len(marks):
                    end = marks[mark]
            if mark >= len(marks):
                return rows
            place = marks[mark]
            kind = data[place]
            mark += 1
            if kind == delimiter:
                cell_start = place + 1
            elif kind == _CARRIAGE_RETURN:
                row_end = place + 1
                if row_end < size and data[row_end] == _LINE_FEED:
                    row_end += 1
                    mark += 1
                elif row_end >= size and not is_last:
                    return rows
            else:
                row_end = place + 1
            if end == row_start and row_end >= 0:
                break  # a blank line
            while start < end:
                byte = data[start]
                if byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31:
                    start += 1
                elif byte < 128 or start + 1 >= end:
                    break
                elif byte == 0xC2 and (data[start + 1] == 0x85 or data[start + 1] == 0xA0):
                    start += 2
                elif start + 2 < end and (
                    (byte == 0xE1 and data[start + 1] == 0x9A and data[start + 2] == 0x80)
                    or (
                        byte == 0xE2
                        and data[start + 1] == 0x80
                        and (
                            0x80 <= data[start + 2] <= 0x8A
                            or data[start + 2] == 0xA8
                            or data[start + 2] == 0xA9
                            or data[start + 2] == 0xAF
                        )
                    )
                    or (byte == 0xE2 and data[start + 1] == 0x81 and data[start + 2] == 0x9F)
                    or (byte == 0xE3 and data[start + 1] == 0x80 and data[start + 2] == 0x80)
                ):
                    start += 3
                else:
                    break
            while start < end:
                byte = data[end - 1]
                if byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31:
                    end -= 1
                elif byte < 128 or end - 2 < start:
                    break
                elif data[end - 2] == 0xC2 and (byte == 0x85 or byte == 0xA0):
                    end -= 2
                elif end - 3 >= start and (
                    (data[end - 3] == 0xE1 and data[end - 2] == 0x9A and byte == 0x80)
                    or (
                        data[end - 3] == 0xE2
                        and data[end - 2] == 0x80
                        and (0x80 <= byte <= 0x8A or byte == 0xA8 or byte == 0xA9 or byte == 0xAF)
                    )
                    or (data[end - 3] == 0xE2 and data[end - 2] == 0x81 and byte == 0x9F)
                    or (data[end - 3] == 0xE3 and data[end - 2] == 0x80 and byte == 0x80)
                ):
                    end -= 3
                else:
                    break
            if end - start > cell_limit:
                state[TOO_LONG] = 1
            if column < width:
                starts[column, rows] = start
                lengths[column, rows] = end - start
            elif end > start:
                is_long = True
            column += 1
        number += 1
        if row_end - row_start > record_limit:
            state[TOO_LONG] = 1
        if column > 0:
            if column < width:
                if state[SHORT_COUNT] == 0:
                    state[SHORT_FIRST] = number
                state[SHORT_COUNT] += 1
                for missing in range(column, width):
                    starts[missing, rows] = 0
                    lengths[missing, rows] = 0
            if is_long:
                if state[LONG_COUNT] == 0:
                    state[LONG_FIRST] = number
                state[LONG_COUNT] += 1
            numbers[rows] = number
            rows += 1
        row_start = row_end
        state[CONSUMED] = row_end
        state[NEXT_MARK] = mark
        state[NEXT_NUMBER] = number
        state[SPARE] = spare
    return rows


def copy_texts(
    words: Numbers,
    starts: Numbers,
    lengths: Numbers,
    into: Numbers,
    used: int,
    new_starts: Numbers,
) -> int:
    """Copy texts behind those in a buffer; return how many bytes of it are used then.

    Both sides are given as their :func:`words_of`; up to seven bytes more are written.
    """
    for row in range(len(starts)):
        start = starts[row]
        new_starts[row] = used
        for at in range(0, lengths[row], 8):
            into[used + at] = words[start + at]
        used += lengths[row]
    return used


VALUES, VALUE_BYTES, STEPS = range(3)
"""What :func:`code_texts` keeps: how many values, their bytes in all, and comparisons in vain."""

_FACTOR = 0x1E3779B97F4A7C15
_POSITIVE = (1 << 62) - 1


def code_texts(
    words: Numbers,
    starts: Numbers,
    lengths: Numbers,
    codes: Numbers,
    slots: Numbers,
    value_words: Numbers,
    value_starts: Numbers,
    value_lengths: Numbers,
    counts: Numbers,
    step_limit: int,
) -> int:
    """Give texts the numbers of their values, new ones in order; return how many have one.

    It ends early where the values have no more room, or where their table has too many
    collisions. ``slots`` hold the number of a value plus 1; their count is a power of 2. Texts
    are compared whole, eight bytes at a time, as their :func:`words_of`.
    """
    last_slot = len(slots) - 1
    for row in range(len(starts)):
        start = starts[row]
        length = lengths[row]
        tail = words[start] & FIRST_BYTES[length] if length < 8 else words[start + length - 8]
        mixed = ((tail ^ length) * _FACTOR) & _POSITIVE
        for at in range(0, length - 8, 8):
            mixed = (((mixed ^ (mixed >> 29)) ^ words[start + at]) * _FACTOR) & _POSITIVE
        place = (mixed >> 32) & last_slot
        while True:
            slot = slots[place]
            if slot == 0:
                count = counts[VALUES]
                used = counts[VALUE_BYTES]
                if count >= len(value_starts) or used + length > len(value_words):
                    return row
                for at in range(0, length, 8):
                    value_words[used + at] = words[start + at]
                value_starts[count] = used
                value_lengths[count] = length
                slots[place] = count + 1
                counts[VALUES] = count + 1
                counts[VALUE_BYTES] = used + length
                codes[row] = count
                break
            value = slot - 1
            if value_lengths[value] == length:
                known = value_starts[value]
                if length < 8:
                    difference = (value_words[known] & FIRST_BYTES[length]) ^ tail
                else:
                    difference = value_words[known + length - 8] ^ tail
                for at in range(0, length - 8, 8):
                    difference |= words[start + at] ^ value_words[known + at]
                if difference == 0:
                    codes[row] = value
                    break
            counts[STEPS] += 1
            if counts[STEPS] > step_limit:
                return row
            place = (place + 1) & last_slot
    return len(starts)
