//! Expands the grammar of the programs (`programs.grammar`) by the rolls of a seeded die.

use std::collections::HashMap;

/// A small generator of numbers (splitmix64): the same seed gives the same program everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }
}

/// What may stand for a name: the first list always, the second while there is depth left.
#[derive(Default)]
struct Rule<'a> {
    flat: Vec<String>,
    deep: Vec<String>,
    name: &'a str,
}

/// The rules by name, as the text of the grammar has them:
///
/// ```text
/// name:
/// - an alternative, $other_rule, «this¦that»
/// 3 one that is three times as likely,
///   of two lines
/// + one that is only taken while there is depth left
/// ```
pub struct Grammar<'a>(HashMap<&'a str, Rule<'a>>);

/// How deep expansions go before only flat alternatives are taken.
const DEPTH: usize = 7;

impl<'a> Grammar<'a> {
    /// Reads the text of a grammar; a line that fits nowhere is an error.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let mut rules: HashMap<&str, Rule> = HashMap::new();
        let mut rule = Rule::default();
        let mut weight = 0;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.is_empty() {
                continue;
            } else if let Some(name) = line.strip_suffix(':').filter(|name| !name.contains(' ')) {
                let done = std::mem::replace(&mut rule, Rule { name, ..Rule::default() });
                rules.insert(done.name, done);
            } else if let Some(more) = line.strip_prefix("  ") {
                let list = if rule.deep.is_empty() { &mut rule.flat } else { &mut rule.deep };
                let length = list.len();
                for alternative in &mut list[length.saturating_sub(weight)..] {
                    alternative.push('\n');
                    alternative.push_str(more);
                }
            } else {
                let (mark, text) = line.split_once(' ').unwrap_or((line, ""));
                weight = if mark == "-" || mark == "+" { 1 } else { mark.parse().unwrap_or(0) };
                if weight == 0 {
                    return Err(format!("line {} of the grammar begins with no mark", number + 1));
                }
                let list = if mark == "+" || !rule.deep.is_empty() { &mut rule.deep } else { &mut rule.flat };
                list.extend(std::iter::repeat_n(text.to_owned(), weight));
            }
        }
        rules.insert(rule.name, rule);
        Ok(Self(rules))
    }

    /// The program of a seed; a name without a rule is an error.
    pub fn program(&self, seed: u64) -> Result<String, String> {
        let mut dice = Dice(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let mut text = String::new();
        self.name("program", &mut dice, 0, 0, &mut text)?;
        text.push('\n');
        Ok(text)
    }

    fn name(&self, name: &str, dice: &mut Dice, depth: usize, indent: usize, out: &mut String) -> Result<(), String> {
        let rule = self.0.get(name).ok_or_else(|| format!("no rule ${name} in the grammar"))?;
        let open = if depth < DEPTH || rule.flat.is_empty() { rule.deep.len() } else { 0 };
        let chosen = dice.roll(rule.flat.len() + open);
        match rule.flat.iter().chain(&rule.deep).nth(chosen) {
            Some(text) => self.expand(text, dice, depth + 1, indent, out),
            None => Err(format!("rule ${name} has no alternatives")),
        }
    }

    /// Writes an alternative; what stands for a name is indented like the line that the name is in.
    fn expand(&self, text: &str, dice: &mut Dice, depth: usize, indent: usize, out: &mut String) -> Result<(), String> {
        let mut rest = text;
        while let Some(at) = rest.find(['$', '«', '\n']) {
            out.push_str(&rest[..at]);
            if let Some(after) = rest[at..].strip_prefix('\n') {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                rest = after;
                continue;
            }
            let line = &out[out.rfind('\n').map_or(0, |end| end + 1)..];
            let inner = line.len() - line.trim_start_matches(' ').len();
            if let Some(after) = rest[at..].strip_prefix('$') {
                let end = after.find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(after.len());
                self.name(&after[..end], dice, depth, inner, out)?;
                rest = &after[end..];
            } else {
                let after = &rest[at + '«'.len_utf8()..];
                let (choices, end) = choices(after).ok_or_else(|| format!("no » after {after}"))?;
                self.expand(choices[dice.roll(choices.len())], dice, depth, inner, out)?;
                rest = &after[end..];
            }
        }
        out.push_str(rest);
        Ok(())
    }
}

/// The alternatives of a choice, which may hold choices, and where the text behind it begins.
fn choices(text: &str) -> Option<(Vec<&str>, usize)> {
    let (mut found, mut start, mut open) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '«' => open += 1,
            '»' if open == 0 => {
                found.push(&text[start..at]);
                return Some((found, at + c.len_utf8()));
            }
            '»' => open -= 1,
            '¦' if open == 0 => {
                found.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    None
}
