"""Files that mean harm, each built by a function; run as a script it writes one of them.

They are built in a process of their own, so that the memory of the reader can be measured.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl

HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {}
"""What the file does, its file name and the function that builds its bytes."""
MEGA = 1_000_000


def _hostile(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def register(content: Callable[[], bytes]) -> Callable[[], bytes]:
        HOSTILE[content.__name__.strip("_")] = (name, content)
        return content

    return register


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


SHEET_START = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main"><sheetData>'
)


def workbook_of(sheet_xml: bytes, shared: bytes = b"") -> bytes:
    main = "http://schemas.openxmlformats.org/officeDocument/2006"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = (
        f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{main}/relationships/%s" Target="%s"/></Relationships>'
    )
    book = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:r="{main}/relationships"><sheets><sheet name="cis" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    members = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": (relations % ("officeDocument", "xl/workbook.xml")).encode(),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": (relations % ("worksheet", "worksheets/s.xml")).encode(),
        "xl/worksheets/s.xml": sheet_xml,
    }
    if shared:
        members["xl/sharedStrings.xml"] = shared
    return zip_of(members)


# --- delimited text


@_hostile("cis.csv")
def _empty() -> bytes:
    return b""


@_hostile("cis.csv")
def _blank_lines_only() -> bytes:
    return b"\n" * (6 * MEGA)


@_hostile("cis.csv")
def _only_nuls() -> bytes:
    return b"\0" * (20 * MEGA)


@_hostile("cis.csv")
def _random_bytes() -> bytes:
    return b"\x81\x07" + bytes((index * 7919) % 251 for index in range(2 * MEGA))


@_hostile("cis.csv")
def _field_of_five_million() -> bytes:
    return b"id,name\na," + b"x" * (5 * MEGA) + b"\nb,y\n"


@_hostile("cis.csv")
def _line_of_forty_million() -> bytes:
    return b"id,name\na," + b"x" * (40 * MEGA) + b"\n"


@_hostile("cis.csv")
def _quote_never_closed() -> bytes:
    return b'id,name\na,"x\n' + b"b,y\n" * MEGA


@_hostile("cis.csv")
def _quote_opened_in_every_row() -> bytes:
    return b"id,name\n" + b'a,"x""\n' * MEGA


@_hostile("cis.csv")
def _million_columns() -> bytes:
    return b",".join(b"c%d" % index for index in range(MEGA)) + b"\n1\n"


@_hostile("cis.csv")
def _row_of_ten_million_cells() -> bytes:
    return b"id,name\n" + b"," * (10 * MEGA) + b"\n"


@_hostile("cis.csv")
def _many_tiny_cells() -> bytes:
    return b"a,b,c,d,e,f,g,h\n" + b"ab,cd,ef,gh,ij,kl,mn,op\n" * (3 * MEGA)


@_hostile("cis.csv")
def _wide_characters() -> bytes:
    return b"id,name\n" + "x,\U0001f4a5\n".encode() * MEGA


@_hostile("cis.csv")
def _web_page() -> bytes:
    return b"<!DOCTYPE html><html><body>Log in</body></html>"


# --- JSON


@_hostile("acme.json")
def _brackets_deep() -> bytes:
    return b"[" * MEGA


@_hostile("acme.json")
def _objects_deep() -> bytes:
    return b'{"a":' * MEGA + b"1" + b"}" * MEGA


@_hostile("acme.json")
def _nested_ninety_deep() -> bytes:
    return b"[" * 90 + b"]" * 90


@_hostile("acme.json")
def _empty_lists() -> bytes:
    return b"[" + b"[]," * (20 * MEGA) + b"[]]"


@_hostile("acme.json")
def _number_of_a_million_digits() -> bytes:
    return b'{"cis": [' + b"9" * MEGA + b"]}"


@_hostile("acme.json")
def _huge_exponent() -> bytes:
    return b'{"cis": [1e999999999, 1e308, -1e400]}'


@_hostile("acme.json")
def _truncated() -> bytes:
    return (b'{"result":[' + b'{"sys_id":"a","name":"b"},' * (MEGA // 2))[:-9]


@_hostile("acme.json")
def _truncated_in_a_string() -> bytes:
    return b'{"result":[{"name":"' + b"x" * (30 * MEGA)


@_hostile("acme.json")
def _escapes_never_ended() -> bytes:
    return b'{"' + b"\\" * (4 * MEGA)


@_hostile("acme.json")
def _lone_surrogates() -> bytes:
    return b'{"result":[{"name":"\\ud800","nan":NaN,"nul":"\\u0000"}]}'


@_hostile("acme.json")
def _a_bare_text() -> bytes:
    return json.dumps("x" * MEGA).encode()


@_hostile("acme.json")
def _fake_error_keys() -> bytes:
    return b'{"result":[{]' + b'"error":{' * MEGA


# --- YAML


@_hostile("acme.yaml")
def _billion_laughs() -> bytes:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{','.join(['*' + before] * 9)}]")
    return "\n".join(lines).encode()


@_hostile("acme.yaml")
def _python_object() -> bytes:
    return b'a: !!python/object/apply:os.system ["true"]\n'


@_hostile("acme.yaml")
def _flow_deep() -> bytes:
    return b"[" * (MEGA // 10)


@_hostile("acme.yaml")
def _indented_deep() -> bytes:
    return b"".join(b" " * level + b"a:\n" for level in range(1500))


@_hostile("acme.yaml")
def _millions_of_items() -> bytes:
    return b"- a\n" * (2 * MEGA)


@_hostile("acme.yaml")
def _keys_without_end() -> bytes:
    return b"? " * MEGA


# --- XML


@_hostile("acme.xml")
def _xml_billion_laughs() -> bytes:
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    doctype = f'<!DOCTYPE unload [<!ENTITY a "xxxxxxxxxx">{entities}]>'
    return f'<?xml version="1.0"?>{doctype}<unload><ci a="&i;"><id>&i;</id></ci></unload>'.encode()


@_hostile("acme.xml")
def _xml_external_entity() -> bytes:
    doctype = '<!DOCTYPE unload [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    return f"<?xml version='1.0'?>{doctype}<unload><ci><id>&x;</id></ci></unload>".encode()


@_hostile("acme.xml")
def _xml_deep() -> bytes:
    return b"<a>" * MEGA


@_hostile("acme.xml")
def _xml_many_tags() -> bytes:
    return b"<xml>" + b"".join(b"<t%d/>" % index for index in range(MEGA // 5)) + b"</xml>"


@_hostile("acme.xml")
def _xml_many_records() -> bytes:
    return b"<xml>" + b"<t><a>b</a></t>" * (2 * MEGA) + b"</xml>"


@_hostile("acme.xml")
def _xml_text_of_thirty_million() -> bytes:
    return b"<xml><t><a>" + b"x" * (30 * MEGA) + b"</a></t></xml>"


@_hostile("acme.xml")
def _xml_every_field_its_own() -> bytes:
    return b"<xml>" + b"".join(b"<t><f%d/></t>" % i for i in range(MEGA // 5)) + b"</xml>"


# --- archives


@_hostile("bomb.zip")
def _zip_of_half_a_gigabyte_of_zeros() -> bytes:
    return zip_of({f"{index}.csv": b"\0" * (100 * MEGA) for index in range(6)})


@_hostile("bomb.zip")
def _zip_of_overlapping_members() -> bytes:
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"a,b\n" * (10 * MEGA)
    packed = body.compress(data) + body.flush()
    name, sizes = b"cis.csv", struct.pack("<III", zlib.crc32(data), len(packed), len(data))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes
    local += struct.pack("<HH", len(name), 0) + name + packed
    entry = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
    entry += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    count = 500
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + b"PK\x05\x06" + end


@_hostile("many.zip")
def _zip_of_sixty_thousand_members() -> bytes:
    return zip_of({f"{index}.csv": b"" for index in range(60_000)})


@_hostile("climb.zip")
def _zip_that_climbs_out() -> bytes:
    names = ("../a.csv", "/etc/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a.csv")
    return zip_of(dict.fromkeys(names, b"id\n1\n"))


@_hostile("nested.zip")
def _zip_in_a_zip() -> bytes:
    return zip_of({"in.zip": zip_of({"cis.csv": b"id\n1\n"})})


@_hostile("cut.zip")
def _zip_cut_short() -> bytes:
    return zip_of({"cis.csv": os.urandom(MEGA)})[: MEGA // 2]


@_hostile("damaged.zip")
def _zip_with_damaged_member() -> bytes:
    data = bytearray(zip_of({"cis.csv": b"id,name\n" + b"a,b\n" * 1000}))
    data[45:60] = b"\xff" * 15
    return bytes(data)


# --- workbooks and Parquet


@_hostile("bomb.xlsx")
def _workbook_that_unpacks_to_half_a_gigabyte() -> bytes:
    return workbook_of(SHEET_START.encode() + b" " * (510 * MEGA))


@_hostile("cis.xlsx")
def _workbook_with_a_lying_size() -> bytes:
    real = workbook_of(SHEET_START.encode() + b"<row>" * (20 * MEGA))
    return real.replace(struct.pack("<I", len(SHEET_START) + 100 * MEGA), struct.pack("<I", 1000))


@_hostile("cis.xlsx")
def _workbook_with_far_cell() -> bytes:
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
        "</row></sheetData></worksheet>"
    )
    return workbook_of((SHEET_START + far).encode())


@_hostile("cis.xlsx")
def _workbook_with_entities() -> bytes:
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    sheet = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData>'
    return workbook_of(
        (SHEET_START.replace("?>", f"?>{doctype}") + sheet + "</worksheet>").encode()
    )


@_hostile("cis.xlsx")
def _workbook_of_millions_of_cells() -> bytes:
    row = b"<row>" + b'<c t="str"><v>abc</v></c>' * 10 + b"</row>"
    return workbook_of(SHEET_START.encode() + row * (MEGA // 4) + b"</sheetData></worksheet>")


@_hostile("cis.xlsx")
def _workbook_without_sheets() -> bytes:
    return zip_of({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})


@_hostile("cis.xls")
def _old_workbook_cut_short() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4096


@_hostile("cis.parquet")
def _parquet_of_nothing() -> bytes:
    return b"PAR1" + b"\xff" * 1000 + b"PAR1"


@_hostile("cis.parquet")
def _parquet_of_thirty_million_rows() -> bytes:
    buffer = io.BytesIO()
    pl.select(id=pl.lit("same").repeat_by(1)).select(
        pl.col("id").list.first().repeat_by(30 * MEGA).list.explode()
    ).write_parquet(buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    _file_name, _content = HOSTILE[sys.argv[1]]
    (Path(sys.argv[2]) / _file_name).write_bytes(_content())
