"""Writes charmaps.rs: the aliases of the codecs and the upper halves of the single-byte ones, as CPython 3.13 knows them."""

import codecs
import encodings.aliases

BUILT_IN = {
    "utf_8": "Utf8", "utf_8_sig": "Utf8Sig", "utf_16": "Utf16", "utf_16_le": "Utf16Le", "utf_16_be": "Utf16Be",
    "utf_32": "Utf32", "utf_32_le": "Utf32Le", "utf_32_be": "Utf32Be", "latin_1": "Latin1", "iso8859_1": "Latin1", "ascii": "Ascii",
    "unicode_escape": "UnicodeEscape", "raw_unicode_escape": "RawUnicodeEscape",
}
TABLES = (
    ["cp%d" % n for n in range(1250, 1259)] + ["iso8859_%d" % n for n in (*range(2, 12), *range(13, 17))]
    + ["koi8_r", "koi8_u", "cp437", "cp850", "cp852", "cp866", "mac_roman"]
)
names = [(module, BUILT_IN[module]) for module in BUILT_IN]
names += [(module, "Charmap(%d)" % place) for place, module in enumerate(TABLES)]
known = dict(names)
names += [(alias, known[module]) for alias, module in encodings.aliases.aliases.items() if module in known and alias not in known]
not_text = sorted({alias for alias, module in encodings.aliases.aliases.items() if module.endswith("_codec")} | {"rot_13"}
                  | {module for module in encodings.aliases.aliases.values() if module.endswith("_codec")} | {"rot13"})

print("""//! Names of the codecs, and the upper halves of the single-byte ones (generated).
//!
//! Regenerate with `python3.13 crates/aio_vm/src/text/codecs/charmaps.py > crates/aio_vm/src/text/codecs/charmaps.rs`.
#![cfg_attr(rustfmt, rustfmt_skip)]

use super::Codec::{self, *};

/// Normalised names, sorted.
pub static NAMES: &[(&str, Codec)] = &[""")


def rows(items):
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > 118:
            print(line)
            line = "   "
        line += " " + item + ","
    print(line)


rows('("%s", %s)' % pair for pair in sorted(names))
print("];\n\n/// Codecs that do not turn text into bytes, sorted.\npub static NOT_TEXT: &[&str] = &[")
rows('"%s"' % name for name in not_text)
print("""];

/// A single-byte codec whose lower half is ASCII.
pub struct Charmap {
    pub name: &'static str,
    /// What bytes 0x80 to 0xFF stand for; 0 is nothing.
    pub upper: [u16; 128],
}

pub static CHARMAPS: &[Charmap] = &[""")
for module in TABLES:
    name = codecs.lookup(module).name
    print('    Charmap { name: "%s", upper: [' % name)
    upper = []
    assert bytes(range(128)).decode(module) == "".join(map(chr, range(128)))
    for byte in range(128, 256):
        try:
            upper.append("%d" % ord(bytes([byte]).decode(module)))
        except UnicodeDecodeError:
            upper.append("0")
    rows(upper)
    print("    ]},")
print("];")
