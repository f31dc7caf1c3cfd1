"""Kernels over the texts of many rows: one source, plain Python or compiled by numba."""

from __future__ import annotations

from ripplegraph.graph.processor import Numbers

_LINE_FEED, _SPACE, _QUOTE, _COMMA, _ZERO, _COLON, _BACKSLASH = 10, 32, 34, 44, 48, 58, 92
_OPEN_LIST, _CLOSE_LIST, _OPEN, _CLOSE = 91, 93, 123, 125
_NINE = 9


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


def end_of_value(data: Numbers, at: int) -> int:
    """Return where a JSON value ends that begins at a place.

    Minus that if a backslash stands in it, 0 if it does not end in its line.
    """
    depth = 0
    is_odd = False
    while True:
        byte = data[at]
        if byte == _QUOTE:
            at += 1
            while data[at] != _QUOTE:
                if data[at] < _SPACE:
                    return 0
                if data[at] == _BACKSLASH:
                    is_odd = True
                    at += 1
                at += 1
            at += 1
        elif byte == _OPEN or byte == _OPEN_LIST:
            depth += 1
            at += 1
            continue
        elif depth > 0 and (byte == _CLOSE or byte == _CLOSE_LIST):
            depth -= 1
            at += 1
        elif depth == 0 and (byte == _COMMA or byte == _CLOSE):
            break
        elif byte < _SPACE:
            return 0
        else:
            at += 1
            continue
        if depth == 0:
            break
    return -at if is_odd else at


def cut_fields(
    data: Numbers,
    names: Numbers,
    name_starts: Numbers,
    count: int,
    starts: Numbers,
    lengths: Numbers,
) -> int:
    """Find the fields of objects, a line each; return how many lines are as they are written.

    ``names`` are those of all fields with quotes and colon, in the order in which they stand;
    each may be left out. The value of a field begins at ``starts[field * count + line]``; its
    length is minus if a backslash stands in it. It ends with 64 bytes that are 0.
    """
    last = len(name_starts) - 1
    at = 0
    for line in range(count):
        if data[at] != _OPEN:
            return line
        at += 1
        field = 0
        while data[at - 1] != _CLOSE:
            size = 0
            while field < last:
                name = name_starts[field]
                size = name_starts[field + 1] - name
                same = 0
                while same < size and data[at + same] == names[name + same]:
                    same += 1
                if same == size:
                    break
                field += 1
            if field == last:
                return line
            at += size
            end = end_of_value(data, at)
            starts[field * count + line] = at
            lengths[field * count + line] = end - at if end >= 0 else end + at
            at = abs(end)
            if data[at] != _COMMA and data[at] != _CLOSE:
                return line
            field += 1
            at += 1
        if data[at] != _LINE_FEED:
            return line
        at += 1
    return count


def cut_members(
    data: Numbers,
    starts: Numbers,
    lengths: Numbers,
    lines: Numbers,
    names: Numbers,
    name_lengths: Numbers,
    values: Numbers,
    value_lengths: Numbers,
) -> int:
    """Find the members of objects, texts all; return how many there are, -1 if one is none.

    They are written if there is room for them; the length of a value as :func:`cut_fields` says.
    """
    found = 0
    for line in range(len(starts)):
        if lengths[line] == 0:
            continue
        at = starts[line]
        while data[at] != _CLOSE:
            at += 1
            name = at
            at = end_of_value(data, name)
            if data[name] != _QUOTE or at <= 0 or data[at] != _COLON or data[at + 1] != _QUOTE:
                return -1
            value = at + 1
            end = end_of_value(data, value)
            if end == 0:
                return -1
            if found < len(lines):
                lines[found] = line
                names[found] = name
                name_lengths[found] = at - name
                values[found] = value
                value_lengths[found] = end - value if end > 0 else end + value
            found += 1
            at = abs(end)
            if data[at] != _COMMA and data[at] != _CLOSE:
                return -1
    return found


def read_numbers(data: Numbers, starts: Numbers, lengths: Numbers, numbers: Numbers) -> bool:
    """Read whole numbers without a sign, 0 for an empty text; return whether all are such."""
    for cell in range(len(starts)):
        number = 0
        for at in range(starts[cell], starts[cell] + lengths[cell]):
            digit = data[at] - _ZERO
            if digit < 0 or digit > _NINE:
                return False
            number = 10 * number + digit
        numbers[cell] = number
    return True
