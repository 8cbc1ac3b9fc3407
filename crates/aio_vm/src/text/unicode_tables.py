"""Writes unicode_tables.rs from the character database of the interpreter that runs this file (CPython 3.13: Unicode 15.1)."""

import unicodedata


def flags(code):
    text = chr(code)
    cased = (text + "a").title()[-1] == "a"
    # The final sigma looks through case-ignorable characters; that is the one place where they show.
    if cased:
        ignorable = ("." + text + "\u03a3").lower()[-1] == "\u03c3"
    else:
        ignorable = ("A" + text + "\u03a3").lower()[-1] == "\u03c2"
    bits = [
        text.isalpha(), text.isdecimal(), text.isdigit(), text.isnumeric(), text.isspace(), text.isprintable(),
        text.islower(), text.isupper(), unicodedata.category(text) == "Lt", cased, ignorable,
        text.isidentifier(), ("a" + text).isidentifier(),
    ]
    return sum(1 << place for place, bit in enumerate(bits) if bit)


NAMES = "ALPHA DECIMAL DIGIT NUMERIC SPACE PRINTABLE LOWER UPPER TITLE CASED CASE_IGNORABLE ID_START ID_CONTINUE SPECIAL_CASE".split()
SPECIAL = 1 << NAMES.index("SPECIAL_CASE")
records, codes, specials, zeros = {}, [], [], []
for code in range(0x110000):
    text = chr(code)
    bits = flags(code)
    mapped = [text.upper(), text.lower(), text.title(), text.casefold()]
    if any(len(m) != 1 for m in mapped):
        bits |= SPECIAL
        specials.append((code, mapped))
        mapped = [text] * 4
    record = (bits, *(ord(m) - code for m in mapped))
    codes.append(records.setdefault(record, len(records)))
    if text.isdecimal() and unicodedata.decimal(text) == 0:
        zeros.append(code)

blocks, index = {}, []
for start in range(0, 0x110000, 256):
    index.append(blocks.setdefault(tuple(codes[start:start + 256]), len(blocks)))
runs, flat = [], [code for block in blocks for code in block]
for code in flat:
    if runs and runs[-1][0] == code and runs[-1][1] < 255:
        runs[-1][1] += 1
    else:
        runs.append([code, 1])


def table(items, width=118):
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > width:
            lines.append(line)
            line = "   "
        line += " " + item + ","
    return "\n".join(lines + [line])


def escaped(text):
    return "".join(c if " " < c < "\x7f" else "\\u{%x}" % ord(c) for c in text)


index_runs = []
for block in index:
    if index_runs and index_runs[-1][0] == block:
        index_runs[-1][1] += 1
    else:
        index_runs.append([block, 1])

print(f"""//! Character properties and case mappings of Unicode {unicodedata.unidata_version}, as CPython 3.13 sees them (generated).
//!
//! Regenerate with `python3.13 crates/aio_vm/src/text/unicode_tables.py > crates/aio_vm/src/text/unicode_tables.rs`.
//! A code point finds its block of 256 in `INDEX`, its record number in `BLOCKS`, and the record in `RECORDS`. Both
//! tables are written down as runs and expanded while compiling.
#![cfg_attr(rustfmt, rustfmt_skip)]
""")
for place, name in enumerate(NAMES):
    print(f"pub const {name}: u16 = 1 << {place};")
print(f"""
/// What is known of one class of code points; mappings are differences to the code point.
pub struct Record {{
    pub flags: u16,
    pub upper: i32,
    pub lower: i32,
    pub title: i32,
    pub fold: i32,
}}

/// The full mappings of a code point of which one has several characters.
pub struct SpecialCase {{
    pub code: u32,
    pub upper: &'static str,
    pub lower: &'static str,
    pub title: &'static str,
    pub fold: &'static str,
}}

const fn record(flags: u16, upper: i32, lower: i32, title: i32, fold: i32) -> Record {{
    Record {{ flags, upper, lower, title, fold }}
}}

const fn special(code: u32, upper: &'static str, lower: &'static str, title: &'static str, fold: &'static str) -> SpecialCase {{
    SpecialCase {{ code, upper, lower, title, fold }}
}}

const fn expand_blocks() -> [u8; {len(flat)}] {{
    let mut table = [0; {len(flat)}];
    let (mut run, mut at) = (0, 0);
    while run < BLOCK_RUNS.len() {{
        let end = at + BLOCK_RUNS[run].1 as usize;
        while at < end {{
            table[at] = BLOCK_RUNS[run].0;
            at += 1;
        }}
        run += 1;
    }}
    table
}}

const fn expand_index() -> [u8; {len(index)}] {{
    let mut table = [0; {len(index)}];
    let (mut run, mut at) = (0, 0);
    while run < INDEX_RUNS.len() {{
        let end = at + INDEX_RUNS[run].1 as usize;
        while at < end {{
            table[at] = INDEX_RUNS[run].0;
            at += 1;
        }}
        run += 1;
    }}
    table
}}

/// Block number of every 256 code points.
pub static INDEX: [u8; {len(index)}] = expand_index();

/// Record number of every code point of every block.
pub static BLOCKS: [u8; {len(flat)}] = expand_blocks();
""")
print("pub static RECORDS: &[Record] = &[")
print(table("record(" + ", ".join(map(str, r)) + ")" for r in records))
print("];\n\n/// Sorted by code point.\npub static SPECIAL_CASES: &[SpecialCase] = &[")
print(table("special(%#x, %s)" % (c, ", ".join('"%s"' % escaped(m) for m in ms)) for c, ms in specials))
print("];\n\n/// The zero of every run of ten decimal digits, sorted.\npub static DECIMAL_ZEROS: &[u32] = &[")
print(table("%#x" % z for z in zeros))
print("];\n\nconst INDEX_RUNS: &[(u8, u16)] = &[")
print(table("(%d, %d)" % tuple(r) for r in index_runs))
print("];\n\nconst BLOCK_RUNS: &[(u8, u8)] = &[")
print(table("(%d, %d)" % tuple(r) for r in runs))
print("];")
assert len(records) <= 256 and len(blocks) <= 256
