//! Where a number literal ends, what it is and what is wrong with it, as CPython's tokenizer sees it.

/// The three kinds of number literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberKind {
    Int,
    Float,
    Imag,
}

/// What was found at the beginning of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    /// How many bytes belong to the literal, everything wrong included.
    pub len: usize,
    pub kind: NumberKind,
    pub problem: Option<Problem>,
}

/// Something wrong about a number literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub message: String,
    /// The offset that CPython names.
    pub point: usize,
    /// `1if x else y` is read, with a warning.
    pub is_warning: bool,
}

const LEADING_ZEROS: &str = "leading zeros in decimal integer literals are not permitted; \
                             use an 0o prefix for octal integers";

/// Reads the number at the beginning of `text`, which starts with a digit or with a dot and a digit.
pub(crate) fn scan(text: &[u8]) -> Scan {
    let mut scanner = Scanner { text, at: 0, kind: NumberKind::Int };
    let result = scanner.number();
    let mut len = scanner.at;
    let problem = match result {
        Ok(warning) => warning.map(|message| Problem { message, point: len, is_warning: true }),
        Err(message) => {
            // What follows without a gap belongs to the mistake.
            let tail = &text[len.min(text.len())..];
            len += tail.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            // A wrong digit is named itself; else what comes before the place where reading stopped.
            let point = if message.starts_with("invalid digit") { scanner.at } else { scanner.at.saturating_sub(1) };
            Some(Problem { message, point, is_warning: false })
        }
    };
    Scan { len, kind: scanner.kind, problem }
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    kind: NumberKind,
}

/// The warning, if there is one, or the error's message.
type Outcome = Result<Option<String>, String>;

impl Scanner<'_> {
    /// The byte at the cursor; 0 at the end, which is no part of any number.
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn number(&mut self) -> Outcome {
        if self.peek() != b'0' {
            if self.peek() != b'.' {
                self.digits()?;
            }
            return self.fraction();
        }
        self.at += 1;
        match self.peek() {
            b'x' | b'X' => self.radix("hexadecimal", 16),
            b'o' | b'O' => self.radix("octal", 8),
            b'b' | b'B' => self.radix("binary", 2),
            _ => self.zeros(),
        }
    }

    fn radix(&mut self, name: &str, base: u32) -> Outcome {
        self.at += 1;
        loop {
            if self.peek() == b'_' {
                self.at += 1;
            }
            let from = self.at;
            while char::from(self.peek()).is_digit(base) {
                self.at += 1;
            }
            let next = self.peek();
            if next.is_ascii_digit() {
                return Err(format!("invalid digit '{}' in {name} literal", char::from(next)));
            }
            if from == self.at {
                return Err(format!("invalid {name} literal"));
            }
            if next != b'_' {
                return self.end(name);
            }
        }
    }

    /// Behind a leading zero: `00` is zero, `012` is an error unless a fraction follows.
    fn zeros(&mut self) -> Outcome {
        loop {
            if self.peek() == b'_' {
                self.at += 1;
                if !self.peek().is_ascii_digit() {
                    return Err("invalid decimal literal".into());
                }
            }
            if self.peek() != b'0' {
                break;
            }
            self.at += 1;
        }
        let nonzero = self.peek().is_ascii_digit();
        if nonzero {
            self.digits()?;
        }
        match self.peek() {
            b'.' | b'e' | b'E' | b'j' | b'J' => self.fraction(),
            _ if nonzero => Err(LEADING_ZEROS.into()),
            _ => self.end("decimal"),
        }
    }

    /// Digits with single underscores between them; the cursor stands on a digit.
    fn digits(&mut self) -> Result<(), String> {
        loop {
            while self.peek().is_ascii_digit() {
                self.at += 1;
            }
            if self.peek() != b'_' {
                return Ok(());
            }
            self.at += 1;
            if !self.peek().is_ascii_digit() {
                return Err("invalid decimal literal".into());
            }
        }
    }

    /// Everything that may follow the integer part.
    fn fraction(&mut self) -> Outcome {
        if self.peek() == b'.' {
            self.at += 1;
            self.kind = NumberKind::Float;
            if self.peek().is_ascii_digit() {
                self.digits()?;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            let sign = usize::from(matches!(self.text.get(self.at + 1), Some(b'+' | b'-')));
            let digit = self.text.get(self.at + 1 + sign);
            if digit.is_some_and(u8::is_ascii_digit) {
                self.at += 1 + sign;
                self.kind = NumberKind::Float;
                self.digits()?;
            } else if sign == 1 {
                return Err("invalid decimal literal".into());
            } else {
                // `1else` is a number and a keyword; any other letter is an error.
                return self.end("decimal");
            }
        }
        if matches!(self.peek(), b'j' | b'J') {
            self.at += 1;
            self.kind = NumberKind::Imag;
            return self.end("imaginary");
        }
        self.end("decimal")
    }

    /// Nothing that could continue a name may follow, except for the keywords that may follow a
    /// number in valid code.
    fn end(&self, name: &str) -> Outcome {
        let rest = &self.text[self.at.min(self.text.len())..];
        let keywords: [&[u8]; 8] = [b"and", b"else", b"for", b"if", b"in", b"is", b"or", b"not"];
        let message = || format!("invalid {name} literal");
        if keywords.iter().any(|word| rest.starts_with(word)) {
            Ok(Some(message()))
        } else if self.peek().is_ascii_alphanumeric() || self.peek() == b'_' {
            Err(message())
        } else {
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        let scan = scan(text.as_bytes());
        let (read, rest) = text.split_at(scan.len);
        let problem = scan.problem.map(|p| p.message).unwrap_or_default();
        format!("{read}|{rest} {:?} {problem}", scan.kind)
    }

    #[test]
    fn good_numbers_end_where_they_should() {
        assert_eq!(show("0xff_f+1"), "0xff_f|+1 Int ");
        assert_eq!(show("00_0]"), "00_0|] Int ");
        assert_eq!(show("012.5e-1_0j "), "012.5e-1_0j|  Imag ");
        assert_eq!(show(".5.x"), ".5|.x Float ");
        assert_eq!(show("1..x"), "1.|.x Float ");
        assert_eq!(show("1e5"), "1e5| Float ");
        assert_eq!(show("0in x"), "0|in x Int invalid decimal literal");
    }

    #[test]
    fn bad_numbers_say_what_is_wrong() {
        assert_eq!(show("0o78)"), "0o78|) Int invalid digit '8' in octal literal");
        assert_eq!(show("0b12"), "0b12| Int invalid digit '2' in binary literal");
        assert_eq!(show("0xg"), "0xg| Int invalid hexadecimal literal");
        assert_eq!(show("1__0"), "1__0| Int invalid decimal literal");
        assert_eq!(show("12abc"), "12abc| Int invalid decimal literal");
        assert_eq!(show("1jx"), "1jx| Imag invalid imaginary literal");
        assert!(show("012").ends_with(LEADING_ZEROS));
    }
}
