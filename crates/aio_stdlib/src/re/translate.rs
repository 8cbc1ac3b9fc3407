//! Patterns in the language's syntax, rewritten for the matching engine.

pub const I: i64 = 2;
pub const M: i64 = 8;
pub const S: i64 = 16;
pub const U: i64 = 32;
pub const X: i64 = 64;
pub const A: i64 = 256;

/// The place of what CPython tells no place of.
pub const NO_PLACE: usize = usize::MAX >> 1;

/// A message and the place in the pattern that it is about.
pub type Bad = (String, usize);

/// A rewritten pattern.
pub struct Translated {
    pub text: String,
    pub flags: i64,
    pub groups: usize,
    pub names: Vec<(String, usize)>,
}

struct Translator<'p> {
    p: &'p [char],
    i: usize,
    out: String,
    flags: i64,
    groups: usize,
    names: Vec<(String, usize)>,
    /// Groups that are still open, with the place of their parenthesis, their number and the flags outside.
    open: Vec<(usize, usize, i64)>,
    /// What the next repeat would apply to.
    last: Last,
    /// How wide that is.
    last_width: Width,
    /// The widths of the open groups' branches, the whole pattern first.
    branches: Vec<Branches>,
    /// How wide each numbered group is, once it is closed.
    group_widths: Vec<Width>,
}

/// The least and the most characters that something can match.
#[derive(Clone, Copy, Default, PartialEq)]
struct Width(u64, u64);

impl Width {
    const ONE: Width = Width(1, 1);

    fn then(self, next: Width) -> Width {
        Width(self.0.saturating_add(next.0), self.1.saturating_add(next.1))
    }

    fn or(self, other: Width) -> Width {
        Width(self.0.min(other.0), self.1.max(other.1))
    }

    fn times(self, least: u64, most: u64) -> Width {
        Width(self.0.saturating_mul(least), self.1.saturating_mul(most))
    }
}

/// The branches of a group so far.
#[derive(Default)]
struct Branches {
    /// All before the current one together.
    before: Option<Width>,
    /// The current one, without its last item.
    current: Width,
    kind: GroupKind,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum GroupKind {
    #[default]
    Plain,
    LookAhead,
    LookBehind,
    /// Without a second branch it can match nothing.
    Conditional,
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Item,
    Repeat,
}

/// Rewrites a pattern.
pub fn translate(pattern: &[char], flags: i64) -> Result<Translated, Bad> {
    let mut t = Translator {
        p: pattern,
        i: 0,
        out: String::new(),
        flags,
        groups: 0,
        names: Vec::new(),
        open: Vec::new(),
        last: Last::Nothing,
        last_width: Width::default(),
        branches: vec![Branches::default()],
        group_widths: Vec::new(),
    };
    t.run()?;
    let text = if t.flags & I != 0 { format!("(?i:{})", t.out) } else { t.out };
    Ok(Translated { text, flags: t.flags, groups: t.groups, names: t.names })
}

fn bad<T>(message: impl Into<String>, at: usize) -> Result<T, Bad> {
    Err((message.into(), at))
}

fn literal(out: &mut String, c: char) {
    if c.is_alphanumeric() || c == '_' || !c.is_ascii() {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", c as u32));
    }
}

impl Translator<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.p.get(self.i + ahead).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(k, c)| self.peek(k) == Some(c))
    }

    fn item(&mut self, text: &str, width: Width) {
        self.out.push_str(text);
        self.wide(width);
    }

    /// An item of this width has been written.
    fn wide(&mut self, width: Width) {
        self.last = Last::Item;
        if let Some(b) = self.branches.last_mut() {
            b.current = b.current.then(std::mem::replace(&mut self.last_width, width));
        }
    }

    /// The current branch is at its end.
    fn end_branch(&mut self) -> Width {
        let last = std::mem::take(&mut self.last_width);
        let Some(b) = self.branches.last_mut() else { return last };
        let branch = std::mem::take(&mut b.current).then(last);
        let all = b.before.map_or(branch, |before| before.or(branch));
        let only = b.before.is_none();
        b.before = Some(all);
        if only && b.kind == GroupKind::Conditional { all.or(Width::default()) } else { all }
    }

    fn begin_group(&mut self, kind: GroupKind) {
        let last = std::mem::take(&mut self.last_width);
        if let Some(b) = self.branches.last_mut() {
            b.current = b.current.then(last);
        }
        self.branches.push(Branches { kind, ..Branches::default() });
    }

    fn run(&mut self) -> Result<(), Bad> {
        while let Some(c) = self.peek(0) {
            let at = self.i;
            if self.flags & X != 0 {
                if c.is_ascii_whitespace() || c == '\x0b' {
                    self.i += 1;
                    continue;
                }
                if c == '#' {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.i += 1;
                    }
                    continue;
                }
            }
            match c {
                '\\' => self.escape()?,
                '[' => self.set()?,
                '(' => self.group()?,
                ')' => {
                    let Some((_, number, flags)) = self.open.pop() else { return bad("unbalanced parenthesis", at) };
                    self.flags = flags;
                    self.i += 1;
                    let inside = self.end_branch();
                    let kind = self.branches.pop().map(|b| b.kind).unwrap_or_default();
                    if kind == GroupKind::LookBehind && inside.0 != inside.1 {
                        return bad("look-behind requires fixed-width pattern", NO_PLACE);
                    }
                    if number > 0 {
                        self.group_widths.resize(self.group_widths.len().max(number), Width::default());
                        self.group_widths[number - 1] = inside;
                    }
                    let around = matches!(kind, GroupKind::LookAhead | GroupKind::LookBehind);
                    self.item(")", if around { Width::default() } else { inside });
                }
                '|' => {
                    self.i += 1;
                    self.end_branch();
                    self.out.push('|');
                    self.last = Last::Nothing;
                }
                '*' | '+' | '?' => {
                    self.i += 1;
                    let most = if c == '?' { 1 } else { u64::MAX };
                    self.repeat(&c.to_string(), at, u64::from(c == '+'), most)?;
                }
                '{' => self.counted()?,
                '.' => {
                    self.i += 1;
                    let dot = if self.flags & S != 0 { "(?s:.)" } else { "[^\\n]" };
                    self.item(dot, Width::ONE);
                }
                '^' => {
                    self.i += 1;
                    let start = if self.flags & M != 0 { "(?m:^)" } else { "\\A" };
                    self.item(start, Width::default());
                }
                '$' => {
                    self.i += 1;
                    let end = if self.flags & M != 0 { "(?m:$)" } else { "(?=\\n?\\z)" };
                    self.item(end, Width::default());
                }
                c => {
                    self.i += 1;
                    literal(&mut self.out, c);
                    self.wide(Width::ONE);
                }
            }
        }
        match self.open.last() {
            Some(&(at, _, _)) => bad("missing ), unterminated subpattern", at),
            None => Ok(()),
        }
    }

    fn repeat(&mut self, text: &str, at: usize, least: u64, most: u64) -> Result<(), Bad> {
        match self.last {
            Last::Nothing => return bad("nothing to repeat", at),
            Last::Repeat => return bad("multiple repeat", at),
            Last::Item => {}
        }
        self.out.push_str(text);
        if let Some(c @ ('?' | '+')) = self.peek(0) {
            self.out.push(c);
            self.i += 1;
        }
        self.last = Last::Repeat;
        self.last_width = self.last_width.times(least, most);
        Ok(())
    }

    fn digits(&self, from: usize) -> (String, usize) {
        let text: String = self.p.iter().skip(from).take_while(|c| c.is_ascii_digit()).collect();
        let end = from + text.len();
        (text, end)
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`; anything else is text.
    fn counted(&mut self) -> Result<(), Bad> {
        let at = self.i;
        let (low, mut end) = self.digits(at + 1);
        let mut high = low.clone();
        if self.p.get(end) == Some(&',') {
            (high, end) = self.digits(end + 1);
        }
        let comma = self.p.get(at + 1 + low.len()) == Some(&',');
        if self.p.get(end) != Some(&'}') || (low.is_empty() && !comma) {
            self.i += 1;
            self.item("\\{", Width::ONE);
            return Ok(());
        }
        let least: u64 = low.parse().unwrap_or(0);
        if let Ok(most) = high.parse::<u64>()
            && most < least
        {
            return bad("min repeat greater than max repeat", at + 1);
        }
        self.i = end + 1;
        let text = if comma { format!("{{{least},{high}}}") } else { format!("{{{least}}}") };
        let most = if comma { high.parse().unwrap_or(u64::MAX) } else { least };
        self.repeat(&text, at, least, most)
    }

    /// `\xhh`, `\uhhhh`, octal and the letters for control characters; `None` for what is no character.
    fn character(&mut self, in_set: bool) -> Result<Option<char>, Bad> {
        let at = self.i;
        let Some(c) = self.peek(1) else { return bad("bad escape (end of pattern)", at) };
        let width = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if width > 0 {
            let hex: String = self.p.iter().skip(at + 2).take(width).take_while(|c| c.is_ascii_hexdigit()).collect();
            if hex.len() != width {
                return bad(format!("incomplete escape \\{c}{hex}"), at);
            }
            self.i += 2 + width;
            let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
            return code.map_or_else(|| bad(format!("bad escape \\{c}{hex}"), at), |c| Ok(Some(c)));
        }
        let octal: String = self.p.iter().skip(at + 1).take(3).take_while(|c| ('0'..='7').contains(*c)).collect();
        if c == '0' || octal.len() == 3 || (in_set && !octal.is_empty()) {
            let code = u32::from_str_radix(&octal, 8).unwrap_or(0);
            if code > 255 {
                return bad(format!("octal escape value \\{octal} outside of range 0-0o377"), at);
            }
            self.i += 1 + octal.len();
            return Ok(char::from_u32(code));
        }
        let plain = match c {
            'a' => '\x07',
            'b' if in_set => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            c if c.is_ascii_alphanumeric() => return Ok(None),
            c => c,
        };
        self.i += 2;
        Ok(Some(plain))
    }

    /// What a class letter stands for, to be put into brackets.
    fn class(&self, c: char) -> Option<&'static str> {
        let ascii = self.flags & A != 0;
        Some(match (c, ascii) {
            ('d', false) => "\\d",
            ('D', false) => "\\D",
            ('w', false) => "\\w",
            ('W', false) => "\\W",
            ('s', false) => "\\s\\x1c-\\x1f",
            ('S', false) => "[^\\s\\x1c-\\x1f]",
            ('d', true) => "0-9",
            ('D', true) => "[^0-9]",
            ('w', true) => "0-9A-Za-z_",
            ('W', true) => "[^0-9A-Za-z_]",
            ('s', true) => " \\t-\\r",
            ('S', true) => "[^ \\t-\\r]",
            _ => return None,
        })
    }

    fn escape(&mut self) -> Result<(), Bad> {
        let at = self.i;
        if let Some(c) = self.character(false)? {
            literal(&mut self.out, c);
            self.wide(Width::ONE);
            return Ok(());
        }
        let c = self.peek(1).unwrap_or('\\');
        if let Some(class) = self.class(c) {
            self.i += 2;
            self.item(&format!("[{class}]"), Width::ONE);
            return Ok(());
        }
        if c.is_ascii_digit() {
            let number: String = self.p.iter().skip(at + 1).take(2).take_while(|c| c.is_ascii_digit()).collect();
            self.i += 1 + number.len();
            let n = number.parse().unwrap_or(0);
            return self.back_reference(n, at + 1);
        }
        self.i += 2;
        let text = match c {
            'A' => "\\A",
            'Z' => "\\z",
            'b' if self.flags & A != 0 => "(?-u:\\b)",
            'b' => "\\b",
            'B' => "\\B",
            c => return bad(format!("bad escape \\{c}"), at),
        };
        self.item(text, Width::default());
        Ok(())
    }

    fn back_reference(&mut self, n: usize, at: usize) -> Result<(), Bad> {
        if n == 0 || n > self.groups {
            return bad(format!("invalid group reference {n}"), at);
        }
        if self.open.iter().any(|o| o.1 == n) {
            return bad("cannot refer to an open group", at - 1);
        }
        let width = self.group_widths.get(n - 1).copied().unwrap_or_default();
        self.item(&format!("(?:\\{n})"), width);
        Ok(())
    }

    fn set(&mut self) -> Result<(), Bad> {
        let at = self.i;
        self.i += 1;
        let mut out = String::from("[");
        if self.peek(0) == Some('^') {
            out.push('^');
            self.i += 1;
        }
        let first = self.i;
        loop {
            let Some(c) = self.peek(0) else { return bad("unterminated character set", at) };
            if c == ']' && self.i > first {
                self.i += 1;
                break;
            }
            let from = self.i;
            let low = self.set_item(&mut out, at)?;
            if self.peek(0) != Some('-') {
                if let Some(c) = low {
                    literal(&mut out, c);
                }
                continue;
            }
            match self.peek(1) {
                None => return bad("unterminated character set", at),
                Some(']') => {
                    if let Some(c) = low {
                        literal(&mut out, c);
                    }
                    literal(&mut out, '-');
                    self.i += 1;
                }
                Some(_) => {
                    self.i += 1;
                    let high = self.set_item(&mut String::new(), at)?;
                    let shown = || self.p.get(from..self.i).unwrap_or_default().iter().collect::<String>();
                    match (low, high) {
                        (Some(l), Some(h)) if l <= h => {
                            literal(&mut out, l);
                            out.push('-');
                            literal(&mut out, h);
                        }
                        _ => return bad(format!("bad character range {}", shown()), from),
                    }
                }
            }
        }
        out.push(']');
        self.item(&out, Width::ONE);
        Ok(())
    }

    /// One member of a set: a character, or a class that has been written already.
    fn set_item(&mut self, out: &mut String, set: usize) -> Result<Option<char>, Bad> {
        let Some(c) = self.peek(0) else { return bad("unterminated character set", set) };
        if c != '\\' {
            self.i += 1;
            return Ok(Some(c));
        }
        let at = self.i;
        if let Some(c) = self.character(true)? {
            return Ok(Some(c));
        }
        let c = self.peek(1).unwrap_or('\\');
        let Some(class) = self.class(c) else { return bad(format!("bad escape \\{c}"), at) };
        out.push_str(class);
        self.i += 2;
        Ok(None)
    }

    /// Reads a name up to `end`.
    fn name(&mut self, end: char) -> Result<(String, usize), Bad> {
        let at = self.i;
        let name: String = self.p.iter().skip(at).take_while(|c| **c != end).collect();
        let length = name.chars().count();
        if at + length >= self.p.len() {
            return bad(
                if name.is_empty() {
                    "missing group name".to_owned()
                } else {
                    format!("missing {end}, unterminated name")
                },
                at,
            );
        }
        if name.is_empty() {
            return bad("missing group name", at);
        }
        self.i = at + length + 1;
        Ok((name, at))
    }

    fn check_name(name: &str, at: usize) -> Result<(), Bad> {
        let good = name
            .chars()
            .enumerate()
            .all(|(k, c)| c == '_' || if k == 0 { c.is_alphabetic() } else { c.is_alphanumeric() });
        if good { Ok(()) } else { bad(format!("bad character in group name '{name}'"), at) }
    }

    fn group(&mut self) -> Result<(), Bad> {
        let at = self.i;
        self.last = Last::Nothing;
        if self.peek(1) != Some('?') {
            self.i += 1;
            self.groups += 1;
            self.open.push((at, self.groups, self.flags));
            self.begin_group(GroupKind::Plain);
            self.out.push('(');
            return Ok(());
        }
        for kind in ["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"] {
            if self.starts(kind) {
                self.i += kind.len();
                self.open.push((at, 0, self.flags));
                self.begin_group(match kind {
                    "(?<=" | "(?<!" => GroupKind::LookBehind,
                    "(?=" | "(?!" => GroupKind::LookAhead,
                    _ => GroupKind::Plain,
                });
                self.out.push_str(kind);
                return Ok(());
            }
        }
        if self.starts("(?P<") {
            self.i += 4;
            let (name, place) = self.name('>')?;
            Self::check_name(&name, place)?;
            self.groups += 1;
            if let Some((_, n)) = self.names.iter().find(|(n, _)| *n == name) {
                return bad(
                    format!("redefinition of group name '{name}' as group {}; was group {n}", self.groups),
                    place,
                );
            }
            self.names.push((name, self.groups));
            self.open.push((at, self.groups, self.flags));
            self.begin_group(GroupKind::Plain);
            self.out.push('(');
            return Ok(());
        }
        if self.starts("(?P=") {
            self.i += 4;
            let (name, place) = self.name(')')?;
            Self::check_name(&name, place)?;
            let Some(n) = self.names.iter().find(|(n, _)| *n == name).map(|f| f.1) else {
                return bad(format!("unknown group name '{name}'"), place);
            };
            return self.back_reference(n, place);
        }
        if self.starts("(?#") {
            let Some(length) = self.p.iter().skip(at).position(|c| *c == ')') else {
                return bad("missing ), unterminated comment", at);
            };
            self.i = at + length + 1;
            self.last = Last::Item;
            return Ok(());
        }
        if self.starts("(?(") {
            self.i += 3;
            let (name, place) = self.name(')')?;
            let n = match name.parse::<usize>() {
                Ok(n) => n,
                Err(_) => match self.names.iter().find(|(n, _)| *n == name) {
                    Some((_, n)) => *n,
                    None => return bad(format!("unknown group name '{name}'"), place),
                },
            };
            self.open.push((at, 0, self.flags));
            self.begin_group(GroupKind::Conditional);
            self.out.push_str(&format!("(?({n})"));
            return Ok(());
        }
        self.flag_group(at)
    }

    /// `(?i)` at the start, `(?i-s:...)` anywhere.
    fn flag_group(&mut self, at: usize) -> Result<(), Bad> {
        self.i += 2;
        let (mut on, mut off, mut minus) = (0, 0, false);
        loop {
            let Some(c) = self.peek(0) else { return bad("unexpected end of pattern", self.i) };
            self.i += 1;
            let flag = match c {
                'i' => I,
                'm' => M,
                's' => S,
                'x' => X,
                'a' => A,
                'u' => U,
                '-' if !minus => {
                    minus = true;
                    continue;
                }
                ')' if !minus => {
                    if at != 0 && !self.out.is_empty() {
                        return bad("global flags not at the start of the expression", at);
                    }
                    self.flags |= on;
                    return Ok(());
                }
                ':' => break,
                c if on == 0 && !minus => {
                    return bad(format!("unknown extension ?{c}"), at + 1);
                }
                c if c.is_alphabetic() => return bad("unknown flag", self.i - 1),
                _ => return bad("missing -, : or )", self.i - 1),
            };
            *(if minus { &mut off } else { &mut on }) |= flag;
        }
        self.open.push((at, 0, self.flags));
        self.begin_group(GroupKind::Plain);
        self.flags = (self.flags | on) & !off;
        self.out.push_str(match (on & I != 0, off & I != 0) {
            (true, _) => "(?i:",
            (_, true) => "(?-i:",
            _ => "(?:",
        });
        Ok(())
    }
}
