//! Integer literals of any size.

use crate::ast::IntLit;

/// More decimal digits are an error, as in CPython; other bases have no limit.
const MAX_DECIMAL_DIGITS: usize = 4300;

/// The value of an integer literal. Text that the lexer has rejected counts as zero.
pub(crate) fn parse_int(text: &str) -> Result<IntLit, String> {
    if text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit()) {
        let value = text.bytes().fold(0, |n, digit| n * 10 + i64::from(digit - b'0'));
        return Ok(IntLit::Small(value));
    }
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        _ => (10, digits.as_str()),
    };
    if let Ok(value) = i64::from_str_radix(digits, base) {
        return Ok(IntLit::Small(value));
    }
    if !digits.chars().all(|c| c.is_digit(base)) {
        // The lexer has reported it.
        return Ok(IntLit::Small(0));
    }
    let hex = match base {
        16 => digits.to_ascii_lowercase(),
        8 => bits_to_hex(digits, 3),
        2 => bits_to_hex(digits, 1),
        _ if digits.len() > MAX_DECIMAL_DIGITS => return Err(too_long(digits.len())),
        _ => decimal_to_hex(digits),
    };
    let hex = hex.trim_start_matches('0');
    // Leading zeros may have hidden a small value.
    Ok(match i64::from_str_radix(hex, 16) {
        Ok(value) => IntLit::Small(value),
        Err(_) => IntLit::Big(if hex.is_empty() { "0" } else { hex }.into()),
    })
}

fn too_long(digits: usize) -> String {
    format!(
        "Exceeds the limit ({MAX_DECIMAL_DIGITS} digits) for integer string conversion: value has \
         {digits} digits; use sys.set_int_max_str_digits() to increase the limit - Consider \
         hexadecimal for huge integer literals to avoid decimal conversion limits."
    )
}

/// Digits of `width` bits each, regrouped from the right into digits of four bits.
fn bits_to_hex(digits: &str, width: u32) -> String {
    let (mut buffer, mut filled) = (0u32, 0u32);
    let mut out = Vec::with_capacity(digits.len() * width as usize / 4 + 1);
    for digit in digits.bytes().rev() {
        buffer |= u32::from(digit - b'0') << filled;
        filled += width;
        if filled >= 4 {
            out.push(buffer & 15);
            buffer >>= 4;
            filled -= 4;
        }
    }
    if filled > 0 {
        out.push(buffer & 15);
    }
    out.iter().rev().filter_map(|&digit| char::from_digit(digit, 16)).collect()
}

/// Schoolbook conversion; the limit on the digits keeps it cheap.
fn decimal_to_hex(digits: &str) -> String {
    let mut limbs: Vec<u32> = Vec::new();
    for chunk in digits.as_bytes().chunks(9) {
        let factor = 10u64.pow(chunk.len() as u32);
        let mut carry = chunk.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        for limb in &mut limbs {
            let value = u64::from(*limb) * factor + carry;
            *limb = value as u32;
            carry = value >> 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    limbs.iter().rev().map(|limb| format!("{limb:08x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(hex: &str) -> Result<IntLit, String> {
        Ok(IntLit::Big(hex.into()))
    }

    #[test]
    fn values_of_every_base() {
        assert_eq!(parse_int("1_000"), Ok(IntLit::Small(1000)));
        assert_eq!(parse_int("00"), Ok(IntLit::Small(0)));
        assert_eq!(parse_int("0xFf"), Ok(IntLit::Small(255)));
        assert_eq!(parse_int("0x00000000000000000001"), Ok(IntLit::Small(1)));
        assert_eq!(parse_int("9223372036854775807"), Ok(IntLit::Small(i64::MAX)));
        assert_eq!(parse_int("9223372036854775808"), big("8000000000000000"));
        assert_eq!(parse_int("0o1777777777777777777777"), big("ffffffffffffffff"));
        assert_eq!(parse_int(&format!("0b1{}", "0".repeat(65))), big("20000000000000000"));
        assert_eq!(parse_int("123456789012345678901234567890"), big("18ee90ff6c373e0ee4e3f0ad2"));
    }

    #[test]
    fn too_many_decimal_digits_are_an_error() {
        assert!(parse_int(&"9".repeat(4300)).is_ok());
        assert!(parse_int(&"9".repeat(4301)).is_err_and(|m| m.contains("4301 digits")));
        assert!(parse_int(&format!("0x{}", "f".repeat(9000))).is_ok());
    }
}
