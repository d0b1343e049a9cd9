#!/usr/bin/env python3
"""What frictionless says of single values: writes values.json beside this file, which a unit test of src/check/value.rs reads.

Run it again after adding a case or after a new version of frictionless: python3 tests/oracle/values.py
"""
import json
import pathlib

from frictionless import Field

WORDS = {"type": "Type", "enum": "Enum", "pattern": "Pattern", "minLength": "Length", "maxLength": "Length",
         "minimum": "Range", "maximum": "Range"}

CASES = [
    ({"type":"string"},
     ["x", "Ünter"]),
    ({"type":"string","constraints":{"enum":["M","F","X"]}},
     ["M", "m", "Male", "X"]),
    ({"type":"string","constraints":{"pattern":"^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$"}},
     ["a@b.c", "a@b", "a b@c.d", "ä@ö.ü", "a@b@c.d", "a@b..c", "a@.c"]),
    ({"type":"string","constraints":{"pattern":"[0-9]{5}"}},
     ["62704", "627045", "6270", "62704-1234"]),
    ({"type":"string","constraints":{"minLength":2,"maxLength":3}},
     ["é", "éé", "ééé", "éééé", "abcd"]),
    ({"type":"integer","constraints":{"minimum":1,"maximum":12}},
     ["1", "12", "13", "0", "-1", "+5", "007", "1_1", "1__1", "_1", "5.0", "1e1", "x", "0x5", "99999999999999999999999999999999999999999999"]),
    ({"type":"integer","constraints":{"enum":[1,2]}},
     ["1", "01", "3", "x"]),
    ({"type":"number","constraints":{"minimum":0.5,"maximum":4.0}},
     ["4", "4.0", "4.01", ".5", "0.4", "1e0", "1E-9", "NaN", "inf", "-inf", "1_0", "_1", "1,5", "5.", "+1.5", "--1", "."]),
    ({"type":"boolean"},
     ["true", "True", "TRUE", "1", "false", "0", "yes", "tRUE", "Y"]),
    ({"type":"year","constraints":{"minimum":1990}},
     ["2012", "1989", "212", "02012", "-123", "+123", "20x2", "1_23"]),
    ({"type":"date"},
     ["2012-08-01", "2012-8-1", "08/01/2012", "2012-02-30", "0001-01-01", "0000-01-01", "2012-08-01T00:00:00"]),
    ({"type":"date","format":"%m/%d/%Y"},
     ["08/01/2012", "8/1/2012", "08/ 1/2012", "8/1/12", "13/01/2012", "02/29/2011", "02/29/2012", "08/01/2012 ", "08/01/20122", "08/001/2012", "08-01-2012", "12/31/9999", "00/10/2012"]),
    ({"type":"date","format":"%Y%m%d"},
     ["20120801", "2012801", "201281", "2012-08-01", "20121301"]),
    ({"type":"date","format":"%d.%m.%y"},
     ["1.8.12", "01.08.69", "01.08.68", "32.08.12"]),
    ({"type":"date","format":"%d %b %Y"},
     ["1 Aug 2012", "1  aug 2012", "1 August 2012", "31 Feb 2012"]),
    ({"type":"date","format":"%m/%d/%Y","constraints":{"minimum":"01/01/2000"}},
     ["12/31/1999", "01/01/2000", "1/1/2001"]),
    ({"type":"date","format":"%m/%d/%Y","constraints":{"enum":["08/01/2012"]}},
     ["8/1/2012", "08/01/2012", "08/02/2012"]),
    ({"type":"string","format":"email"},
     ["ana@example.org", "Ana.Nunez@Example.ORG", "o'connor@example.org", "a@b", "seth.example.org", "a@@b.org", "a b@c.org", "nuñez@example.org", "a.@example.org", ".a@example.org", "a@exa_mple.org", "a@-x.org", "a@example.o", "a@1.2.3.4", "a@[1.2.3.4]",'"a b"@example.org']),
    ({"type":"string","format":"uri"},
     ["https://example.org/x?y=1#z", "example.org", "mailto:a@b.c", "http://exa mple.org", "urn:isbn:123", "http://example.org:80/", "://x", "http://[::1]/", "a:b%zz"]),
    ({"type":"string","format":"uuid"},
     ["2bc1c94f-0deb-43e9-92a1-4775189ec9f8", "2bc1c94f0deb43e992a14775189ec9f8", "{2bc1c94f-0deb-43e9-92a1-4775189ec9f8}", "2bc1c94f-0deb-43e9-92a1-4775189ec9f", "2bc1c94g-0deb-43e9-92a1-4775189ec9f8"]),
    ({"type":"any"},
     ["x"]),
]


def verdict(column, raw):
    """None if valid, else the word of the first violation."""
    _, notes = Field.from_descriptor({"name": "cell", **column}).read_cell(raw)
    return WORDS[next(iter(notes))] if notes else None


def main():
    groups = [{"column": column, "verdicts": {raw: verdict(column, raw) for raw in raws}} for column, raws in CASES]
    lines = ",\n".join(
        '  {"column": ' + json.dumps(group["column"]) + ',\n   "verdicts": ' + json.dumps(group["verdicts"], ensure_ascii=False) + "}"
        for group in groups)
    pathlib.Path(__file__).with_name("values.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
