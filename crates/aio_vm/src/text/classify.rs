//! The `is...` questions of str.

use super::unicode_tables as tables;
use super::{chars, wtf8};

fn all(text: &[u8], flags: u16) -> bool {
    !text.is_empty() && wtf8::code_points(text).all(|code| chars::has(code, flags))
}

pub fn is_alnum(text: &[u8]) -> bool {
    all(text, tables::ALPHA | tables::DECIMAL | tables::DIGIT | tables::NUMERIC)
}

pub fn is_alpha(text: &[u8]) -> bool {
    all(text, tables::ALPHA)
}

pub fn is_decimal(text: &[u8]) -> bool {
    all(text, tables::DECIMAL)
}

pub fn is_digit(text: &[u8]) -> bool {
    all(text, tables::DIGIT)
}

pub fn is_numeric(text: &[u8]) -> bool {
    all(text, tables::NUMERIC)
}

pub fn is_space(text: &[u8]) -> bool {
    all(text, tables::SPACE)
}

/// True of the empty text, unlike its neighbours.
pub fn is_printable(text: &[u8]) -> bool {
    wtf8::code_points(text).all(chars::is_printable)
}

pub fn is_identifier(text: &[u8]) -> bool {
    let mut walk = wtf8::code_points(text);
    walk.next().is_some_and(chars::is_identifier_start) && walk.all(chars::is_identifier_continue)
}

pub fn is_lower(text: &[u8]) -> bool {
    has_only_case(text, tables::LOWER, tables::UPPER | tables::TITLE)
}

pub fn is_upper(text: &[u8]) -> bool {
    has_only_case(text, tables::UPPER, tables::LOWER | tables::TITLE)
}

fn has_only_case(text: &[u8], wanted: u16, refused: u16) -> bool {
    let mut found = false;
    for code in wtf8::code_points(text) {
        if chars::has(code, refused) {
            return false;
        }
        found |= chars::has(code, wanted);
    }
    found
}

pub fn is_title(text: &[u8]) -> bool {
    let (mut found, mut after_cased) = (false, false);
    for code in wtf8::code_points(text) {
        let begins = chars::has(code, tables::UPPER | tables::TITLE);
        let goes_on = !begins && chars::has(code, tables::LOWER);
        if begins && after_cased || goes_on && !after_cased {
            return false;
        }
        after_cased = begins || goes_on;
        found |= after_cased;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_python() {
        type Question = (&'static str, fn(&[u8]) -> bool, &'static [&'static str], &'static [&'static str]);
        let questions: &[Question] = &[
            ("isalnum", is_alnum, &["aé1", "²", "Ⅷ", "漢"], &["", "a b", "_"]),
            ("isalpha", is_alpha, &["aé", "ª", "漢"], &["", "a1", "Ⅷ"]),
            ("isdecimal", is_decimal, &["12", "٣"], &["", "²", "Ⅷ"]),
            ("isdigit", is_digit, &["12", "²"], &["", "Ⅷ", "½"]),
            ("isnumeric", is_numeric, &["½", "Ⅷ", "三"], &["", "a"]),
            ("isspace", is_space, &[" \u{1c}\u{3000}"], &["", "\u{200b}"]),
            ("isprintable", is_printable, &["", "a é😀"], &["\u{a0}", "\u{ad}", "\n"]),
            ("isidentifier", is_identifier, &["_a1", "é", "℘", "a\u{387}"], &["", "1a", "a-b", "\u{387}"]),
            ("islower", is_lower, &["a1", "ª"], &["", "1", "aB", "aǅ"]),
            ("isupper", is_upper, &["A1", "Ⅷ"], &["", "1", "Ab", "Aǅ"]),
            ("istitle", is_title, &["A Bc", "ǅa", "A1B"], &["", "aB", "AB", "1"]),
        ];
        for (name, question, yes, no) in questions {
            yes.iter().for_each(|text| assert!(question(text.as_bytes()), "{name} {text:?}"));
            no.iter().for_each(|text| assert!(!question(text.as_bytes()), "{name} {text:?}"));
        }
    }

    #[test]
    fn digits_have_values() {
        assert_eq!(chars::decimal_value('٣' as u32), Some(3));
        assert_eq!(chars::decimal_value(0x1D7FF), Some(9));
        assert_eq!(chars::decimal_value('²' as u32), None);
        assert_eq!(chars::decimal_value(u32::MAX), None);
    }
}
