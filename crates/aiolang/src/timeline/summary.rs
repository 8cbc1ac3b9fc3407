//! The timeline of a program's tasks as a text for the terminal.

use super::Line;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Tasks that are shown: those that ran longest.
const SHOWN: usize = 20;
/// Reasons of waiting that are shown.
const REASONS: usize = 8;

/// Nanoseconds in a unit that suits them.
fn time(nanoseconds: u64) -> String {
    let n = nanoseconds as f64;
    match nanoseconds {
        0..1_000_000 => format!("{:.1} µs", n / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", n / 1e6),
        _ => format!("{:.3} s", n / 1e9),
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The summary of a timeline that begins at `start`.
pub(super) fn summary(start: u64, lines: &BTreeMap<u64, Line>) -> String {
    let end = lines.values().map(Line::last).max().unwrap_or(start);
    let busy: u64 = lines.values().map(Line::runs).sum();
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.values() {
        *outcomes.entry(line.ended.map_or("not ended", |(_, how)| how)).or_default() += 1;
    }
    let outcomes: Vec<String> = outcomes.iter().map(|(how, n)| format!("{n} {how}")).collect();
    let mut text = format!(
        "{}: {}; the loop ran tasks for {} of {}\n",
        counted(lines.len(), "task"),
        outcomes.join(", "),
        time(busy),
        time(end.saturating_sub(start))
    );
    let mut by_time: Vec<&Line> = lines.values().collect();
    by_time.sort_by_key(|line| std::cmp::Reverse(line.runs()));
    let mut rows = vec![["STEPS", "RUNS", "WAITS", "LONGEST", "ENDED", "TASK"].map(str::to_owned)];
    for line in by_time.iter().take(SHOWN) {
        let longest = line.steps.iter().map(|s| s.to.saturating_sub(s.from)).max().unwrap_or(0);
        let waits = line.ended.map_or(end, |(t, _)| t).saturating_sub(line.spawned).saturating_sub(line.runs());
        rows.push([
            line.steps.len().to_string(),
            time(line.runs()),
            time(waits),
            time(longest),
            line.ended.map_or("", |(_, how)| how).to_owned(),
            line.title.clone(),
        ]);
    }
    for row in &rows {
        let [steps, runs, waits, longest, ended, task] = row;
        let _ = writeln!(text, "{steps:>7}  {runs:>9}  {waits:>9}  {longest:>9}  {ended:<9}  {task}");
    }
    if by_time.len() > SHOWN {
        let _ = writeln!(text, "and {} more", by_time.len() - SHOWN);
    }
    let mut reasons: BTreeMap<&str, (u64, usize)> = BTreeMap::new();
    for pair in lines.values().flat_map(|line| line.steps.windows(2)) {
        let (spent, times) = reasons.entry(pair[0].waits.as_str()).or_default();
        *spent += pair[1].from.saturating_sub(pair[0].to);
        *times += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (spent, _))| std::cmp::Reverse(*spent));
    for (i, (reason, (spent, times))) in reasons.iter().take(REASONS).enumerate() {
        let lead = if i == 0 { "waited for" } else { "" };
        let _ = writeln!(text, "{lead:<10}  {:>9}  {times:>6} x  {reason}", time(*spent));
    }
    text
}
