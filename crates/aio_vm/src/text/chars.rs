//! Properties of one code point, as `str.isalpha` and its kin see it.

use super::unicode_tables as tables;
use super::unicode_tables::Record;

/// The record of a code point; what is beyond the code space has the one of an unassigned code point.
#[inline]
pub(super) fn record(code: u32) -> &'static Record {
    let block = tables::INDEX.get((code >> 8) as usize).copied().unwrap_or(0);
    let place = (block as usize) << 8 | (code & 0xFF) as usize;
    &tables::RECORDS[tables::BLOCKS[place] as usize]
}

#[inline]
pub(super) fn has(code: u32, flags: u16) -> bool {
    record(code).flags & flags != 0
}

/// `chr(code).isspace()`; also what `split()` and `strip()` remove.
#[inline]
pub fn is_space(code: u32) -> bool {
    if code < 0x80 { matches!(code, 0x20 | 0x09..=0x0D | 0x1C..=0x1F) } else { has(code, tables::SPACE) }
}

/// Whether `repr` shows the character as itself.
#[inline]
pub fn is_printable(code: u32) -> bool {
    if code < 0x80 { (0x20..0x7F).contains(&code) } else { has(code, tables::PRINTABLE) }
}

/// Whether `splitlines` breaks after the character.
#[inline]
pub fn is_line_break(code: u32) -> bool {
    if code < 0x80 { matches!(code, 0x0A..=0x0D | 0x1C..=0x1E) } else { matches!(code, 0x85 | 0x2028 | 0x2029) }
}

pub fn is_alpha(code: u32) -> bool {
    has(code, tables::ALPHA)
}

pub fn is_decimal(code: u32) -> bool {
    has(code, tables::DECIMAL)
}

pub fn is_alnum(code: u32) -> bool {
    has(code, tables::ALPHA | tables::DECIMAL | tables::DIGIT | tables::NUMERIC)
}

pub fn is_identifier_start(code: u32) -> bool {
    has(code, tables::ID_START)
}

pub fn is_identifier_continue(code: u32) -> bool {
    has(code, tables::ID_CONTINUE)
}

/// The value of a decimal digit of any script.
pub fn decimal_value(code: u32) -> Option<u8> {
    if code < 0x80 {
        return (code as u8).is_ascii_digit().then(|| code as u8 - b'0');
    }
    if !is_decimal(code) {
        return None;
    }
    let after = tables::DECIMAL_ZEROS.partition_point(|&zero| zero <= code);
    let zero = tables::DECIMAL_ZEROS.get(after.checked_sub(1)?)?;
    Some((code - zero) as u8)
}
