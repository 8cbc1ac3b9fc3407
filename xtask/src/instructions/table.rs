//! The committed table of instruction counts: reading, writing, comparing.

use std::collections::BTreeMap;
use std::fmt;

/// By how many percent a program may grow.
const TOLERANCE: f64 = 3.0;

const TITLE: &str =
    "# Instructions per program of benches/, start and end included; `cargo xtask instructions --renew` writes them.";

/// Counts, and what they were made with.
#[derive(Debug, PartialEq)]
pub struct Table {
    pub made_with: Vec<(String, String)>,
    pub counts: Vec<(String, u64)>,
}

/// What a comparison found.
pub struct Report {
    /// A line per program.
    pub lines: String,
    /// Why the check fails; empty when it passes.
    pub complaints: Vec<String>,
}

impl Table {
    pub fn parse(text: &str) -> Result<Table, String> {
        let mut table = Table { made_with: Vec::new(), counts: Vec::new() };
        for line in text.lines().filter(|line| !line.trim().is_empty() && *line != TITLE) {
            if let Some(row) = line.strip_prefix("# ") {
                let (name, value) = row.split_once(": ").ok_or_else(|| format!("not `# name: value`: {line}"))?;
                table.made_with.push((name.to_owned(), value.trim().to_owned()));
            } else {
                let (name, count) = line.split_once(' ').ok_or_else(|| format!("not `program count`: {line}"))?;
                let count = number(count).ok_or_else(|| format!("not a count: {line}"))?;
                table.counts.push((name.to_owned(), count));
            }
        }
        Ok(table)
    }

    /// The first thing that this table was made with and that is another one here.
    pub fn other_tools(&self, here: &[(String, String)]) -> Option<String> {
        let there: BTreeMap<_, _> = self.made_with.iter().map(|(name, value)| (name, value.as_str())).collect();
        here.iter().find_map(|(name, value)| {
            let old = there.get(name).copied().unwrap_or("unknown");
            (old != value).then(|| format!("{name} is {old} there and {value} here"))
        })
    }

    /// Compares new counts with those of this table.
    pub fn compare(&self, new: &Table) -> Report {
        let mut report = Report { lines: String::new(), complaints: Vec::new() };
        let old: BTreeMap<&str, u64> = self.counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        for (name, count) in &new.counts {
            let Some(&before) = old.get(name.as_str()) else {
                report.complaints.push(format!("{name} has no row"));
                continue;
            };
            let percent = (*count as f64 / before.max(1) as f64 - 1.0) * 100.0;
            report.lines += &format!("{name:<16} {:>15} -> {:>15} {percent:>+7.2} %\n", dotted(before), dotted(*count));
            if percent > TOLERANCE {
                report.complaints.push(format!(
                    "{name} takes {percent:.1} % more instructions than committed ({} instead of {}; {TOLERANCE} % are tolerated)",
                    dotted(*count),
                    dotted(before)
                ));
            }
        }
        for (name, _) in self.counts.iter().filter(|(name, _)| !new.counts.iter().any(|(other, _)| other == name)) {
            report.complaints.push(format!("{name} has a row and is no program"));
        }
        report
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}")?;
        for (name, value) in &self.made_with {
            writeln!(f, "# {name}: {value}")?;
        }
        for (name, count) in &self.counts {
            writeln!(f, "{name:<16} {:>15}", dotted(*count))?;
        }
        Ok(())
    }
}

/// The count in what cachegrind says, as in `==7== I   refs:      1,234,567`.
pub fn references(said: &str) -> Option<u64> {
    said.lines().find_map(|line| {
        let (before, after) = line.split_once("refs:")?;
        (before.split_whitespace().last() == Some("I")).then(|| number(after)).flatten()
    })
}

fn number(text: &str) -> Option<u64> {
    text.trim().replace(',', "").parse().ok()
}

/// A number with a comma at every thousand.
fn dotted(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: &[(&str, u64)]) -> Table {
        Table {
            made_with: vec![("compiler".to_owned(), "rustc 1".to_owned())],
            counts: counts.iter().map(|&(name, count)| (name.to_owned(), count)).collect(),
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let written = table(&[("fib", 1_234_567), ("loops", 999), ("start", 100_000)]);
        assert!(written.to_string().contains("1,234,567\n"));
        assert_eq!(Table::parse(&written.to_string()), Ok(written));
        assert_eq!(Table::parse("fib many").unwrap_err(), "not a count: fib many");
    }

    #[test]
    fn growth_beyond_the_tolerance_is_named() {
        let old = table(&[("fib", 10_000), ("loops", 10_000), ("timers", 10_000)]);
        let report = old.compare(&table(&[("fib", 10_299), ("loops", 10_301), ("timers", 5_000)]));
        assert_eq!(
            report.complaints,
            ["loops takes 3.0 % more instructions than committed (10,301 instead of 10,000; 3 % are tolerated)"]
        );
        assert_eq!(report.lines.lines().count(), 3);
        assert!(report.lines.ends_with("-50.00 %\n"));
    }

    #[test]
    fn rows_and_programs_belong_together() {
        let report = table(&[("fib", 1), ("gone", 1)]).compare(&table(&[("fib", 1), ("new", 1)]));
        assert_eq!(report.complaints, ["new has no row", "gone has a row and is no program"]);
    }

    #[test]
    fn counts_of_other_tools_are_not_compared() {
        let committed = table(&[]);
        let here = |version: &str| vec![("compiler".to_owned(), version.to_owned())];
        assert_eq!(committed.other_tools(&here("rustc 1")), None);
        let said = committed.other_tools(&here("rustc 2"));
        assert_eq!(said.as_deref(), Some("compiler is rustc 1 there and rustc 2 here"));
        let more = [here("rustc 1"), vec![("libc".to_owned(), "glibc 2".to_owned())]].concat();
        assert_eq!(committed.other_tools(&more).as_deref(), Some("libc is unknown there and glibc 2 here"));
    }

    #[test]
    fn valgrinds_count_is_found() {
        assert_eq!(references("==7== Cachegrind\n==7== I   refs:      1,234,567\n"), Some(1_234_567));
        assert_eq!(references("==7== I refs:        42\n"), Some(42));
        assert_eq!(references("==7== D   refs:      42\n"), None);
    }
}
