//! Comments that ask for silence: `# aio: ignore[name]` and `# noqa`.

use aio_source::{Diagnostic, LineIndex};
use aio_syntax::{Paint, paint};

/// Takes away the warnings whose first line says so.
pub(super) fn retain_wanted(source: &str, found: &mut Vec<Diagnostic>) {
    if found.is_empty() || !(source.contains("aio: ignore") || source.to_ascii_lowercase().contains("noqa")) {
        return;
    }
    let lines = LineIndex::new(source);
    let strings: Vec<_> =
        paint(source).into_iter().filter(|(_, what)| *what == Paint::String).map(|(at, _)| at).collect();
    found.retain(|d| {
        let range = lines.line_range(lines.line(d.span.lo)).unwrap_or_default();
        let (start, end) = (range.start as usize, range.end as usize);
        let line = source.get(start..end).unwrap_or_default();
        let in_string = |at: usize| {
            let after = strings.partition_point(|s| s.end <= at);
            strings.get(after).is_some_and(|s| s.contains(&at))
        };
        let comment = line.match_indices('#').find(|(at, _)| !in_string(start + at));
        !comment.is_some_and(|(at, _)| silences(&line[at..], d.kind))
    });
}

/// Whether a comment asks not to hear of a kind of warning.
fn silences(comment: &str, kind: &str) -> bool {
    comment.split('#').map(str::trim).any(|part| {
        if let Some(rest) = part.strip_prefix("aio: ignore") {
            return match rest.trim_start().strip_prefix('[').and_then(|list| list.split_once(']')) {
                Some((list, _)) => list.split(',').any(|name| name.trim() == kind),
                None => rest.trim().is_empty(),
            };
        }
        let Some(rest) = part.get(..4).filter(|word| word.eq_ignore_ascii_case("noqa")).and(part.get(4..)) else {
            return false;
        };
        match rest.trim_start().strip_prefix(':') {
            Some(list) => list.split([',', ' ']).any(|name| name == kind),
            None => rest.is_empty() || rest.starts_with(' '),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::silences;

    #[test]
    fn comments_name_what_they_silence() {
        let kind = "undefined-name";
        for (comment, silent) in [
            ("# aio: ignore", true),
            ("# aio: ignore[undefined-name]", true),
            ("# why not  # aio: ignore[blocking-call, undefined-name] because", true),
            ("# aio: ignore[blocking-call]", false),
            ("# aio: ignored", false),
            ("# noqa", true),
            ("# NOQA: undefined-name", true),
            ("# noqa: F401", false),
            ("# noqable", false),
            ("# a comment", false),
        ] {
            assert_eq!(silences(comment, kind), silent, "{comment}");
        }
    }
}
