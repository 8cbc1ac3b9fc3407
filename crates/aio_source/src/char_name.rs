//! Names of characters, as Unicode 15.1 has them: for `\N{...}` in literals and codecs, and for `unicodedata`.

mod alias;

/// The character with a name or an alias, in any case of letters, but with just the blanks and hyphens that it has:
/// the lookup of `unicode_names2` alone forgives them.
pub fn character(name: &str) -> Option<char> {
    let given = name;
    let name = name.to_ascii_uppercase();
    // Names that are computed are only known in capital letters.
    if given != name && ["CJK UNIFIED IDEOGRAPH-", "HANGUL SYLLABLE "].iter().any(|start| name.starts_with(start)) {
        return None;
    }
    if let Some(c) = alias::lookup(&name) {
        return Some(c);
    }
    let c = unicode_names2::character(&name)?;
    (self::name(c)? == name).then_some(c)
}

/// The name of a character.
pub fn name(c: char) -> Option<String> {
    if is_later(c as u32) {
        return None;
    }
    Some(unicode_names2::name(c)?.to_string())
}

/// Whether the tables of `unicode_names2`, which are those of Unicode 16, know a character that Unicode 15.1 does not have.
fn is_later(code: u32) -> bool {
    let after = LATER.partition_point(|&(first, _)| first <= code);
    after.checked_sub(1).and_then(|i| LATER.get(i)).is_some_and(|&(_, last)| code <= last)
}

/// The characters that came with Unicode 16, first and last of each range.
#[rustfmt::skip]
const LATER: &[(u32, u32)] = &[
    (0x897, 0x897), (0x1B4E, 0x1B4F), (0x1B7F, 0x1B7F), (0x1C89, 0x1C8A), (0x2427, 0x2429), (0x31E4, 0x31E5),
    (0xA7CB, 0xA7CD), (0xA7DA, 0xA7DC), (0x105C0, 0x105F3), (0x10D40, 0x10D65), (0x10D69, 0x10D85),
    (0x10D8E, 0x10D8F), (0x10EC2, 0x10EC4), (0x10EFC, 0x10EFC), (0x11380, 0x11389), (0x1138B, 0x1138B),
    (0x1138E, 0x1138E), (0x11390, 0x113B5), (0x113B7, 0x113C0), (0x113C2, 0x113C2), (0x113C5, 0x113C5),
    (0x113C7, 0x113CA), (0x113CC, 0x113D5), (0x113D7, 0x113D8), (0x113E1, 0x113E2), (0x116D0, 0x116E3),
    (0x11BC0, 0x11BE1), (0x11BF0, 0x11BF9), (0x11F5A, 0x11F5A), (0x13460, 0x143FA), (0x16100, 0x16139),
    (0x16D40, 0x16D79), (0x18CFF, 0x18CFF), (0x1CC00, 0x1CCF9), (0x1CD00, 0x1CEB3), (0x1E5D0, 0x1E5FA),
    (0x1E5FF, 0x1E5FF), (0x1F8B2, 0x1F8BB), (0x1F8C0, 0x1F8C1), (0x1FA89, 0x1FA89), (0x1FA8F, 0x1FA8F),
    (0x1FABE, 0x1FABE), (0x1FAC6, 0x1FAC6), (0x1FADC, 0x1FADC), (0x1FADF, 0x1FADF), (0x1FAE9, 0x1FAE9),
    (0x1FBCB, 0x1FBEF),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        assert_eq!(character("latin small letter a"), Some('a'));
        assert_eq!(character("LINE FEED"), Some('\n'));
        assert_eq!(character("nbsp"), Some('\u{a0}'));
        for wrong in
            ["LATINSMALLLETTERA", "LATIN SMALL LETTER  A", "LATIN-SMALL LETTER A", "LINEFEED", "", "hangul syllable ga"]
        {
            assert_eq!(character(wrong), None, "{wrong}");
        }
        assert_eq!(name('가').as_deref(), Some("HANGUL SYLLABLE GA"));
        assert_eq!(name('\u{1c89}'), None);
    }
}
