"""Kernels over the texts of many rows: one source, plain Python or compiled by numba."""

from __future__ import annotations

from ripplegraph.graph.processor import Numbers

_QUOTE, _BACKSLASH, _SPACE, _ZERO = 34, 92, 32, 48


def append_texts(
    data: Numbers,
    words: Numbers,
    starts: Numbers,
    lengths: Numbers,
    codes: Numbers,
    out: Numbers,
    out_words: Numbers,
    ends: Numbers,
) -> None:
    """Write one of some texts behind what each row holds so far, and move the row's end.

    The words are those of :func:`ripplegraph.graph.kernels_texts.words_of` the bytes.
    """
    for row in range(len(codes)):
        start = starts[codes[row]]
        length = lengths[codes[row]]
        end = ends[row]
        ends[row] = end + length
        if length < 8:
            for at in range(length):
                out[end + at] = data[start + at]
        else:
            for at in range(0, length - 8, 8):
                out_words[end + at] = words[start + at]
            out_words[end + length - 8] = words[start + length - 8]


def append_numbers(numbers: Numbers, digits: Numbers, out: Numbers, ends: Numbers) -> None:
    """Write a whole number of so many digits behind what each row holds so far."""
    for row in range(len(numbers)):
        number = numbers[row]
        end = ends[row] + digits[row]
        ends[row] = end
        for _ in range(digits[row]):
            end -= 1
            out[end] = _ZERO + number % 10
            number //= 10


def holds_escapes(data: Numbers, starts: Numbers, lengths: Numbers) -> bool:
    """Return whether JSON writes one of the texts otherwise than as it is, or one is empty."""
    for cell in range(len(starts)):
        if lengths[cell] == 0:
            return True
        odd = 0
        for at in range(starts[cell], starts[cell] + lengths[cell]):
            byte = data[at]
            odd |= (byte < _SPACE) | (byte == _QUOTE) | (byte == _BACKSLASH)
        if odd:
            return True
    return False
