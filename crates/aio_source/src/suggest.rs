//! "Did you mean": the nearest of the names that exist.

const MAX_CANDIDATES: usize = 750;
const MAX_LENGTH: usize = 40;
const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;

/// The candidate that CPython would suggest for a wrong name; the first of several equally near ones wins. The caller
/// leaves out names that begin with an underscore unless the wrong one does.
pub fn suggestion<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(&str, usize)> = None;
    for (place, candidate) in candidates.enumerate() {
        if place >= MAX_CANDIDATES {
            return None;
        }
        if candidate == wrong {
            continue;
        }
        // No more than a third of the characters involved may change, and an earlier match has to be beaten.
        let mut most = (wrong.len() + candidate.len() + 3) * MOVE_COST / 6;
        if let Some((_, distance)) = best {
            most = most.min(distance.saturating_sub(1));
        }
        let distance = distance(wrong.as_bytes(), candidate.as_bytes(), most);
        if distance <= most {
            best = Some((candidate, distance));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// The cheapest way to change one name into the other, or more than `most`.
fn distance(a: &[u8], b: &[u8], most: usize) -> usize {
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE_COST;
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return most + 1;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if (long.len() - short.len()) * MOVE_COST > most {
        return most + 1;
    }
    // row[i] is the cost of making the first i + 1 characters of `short` from those of `long` seen so far.
    let mut row = [0; MAX_LENGTH];
    for (place, cost) in row.iter_mut().enumerate() {
        *cost = (place + 1) * MOVE_COST;
    }
    let mut result = 0;
    for (seen, &wanted) in long.iter().enumerate() {
        let mut diagonal = seen * MOVE_COST;
        result = diagonal + MOVE_COST;
        let mut lowest = usize::MAX;
        for (place, &had) in short.iter().enumerate() {
            let replaced = diagonal + replacement_cost(wanted, had);
            diagonal = row[place];
            result = replaced.min(result.min(diagonal) + MOVE_COST);
            row[place] = result;
            lowest = lowest.min(result);
        }
        if lowest > most {
            return most + 1;
        }
    }
    result
}

fn replacement_cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_as_python() {
        for (wrong, candidates, want) in [
            ("pritn", &["input", "print", "repr"][..], Some("print")),
            ("appendd", &["extend", "append"], Some("append")),
            ("Foo", &["foo", "fob"], Some("foo")),
            ("foo", &["foo", "bar"], None),
            ("blech", &["noise", "more_noise", "a", "bc", "bluch"], Some("bluch")),
            ("xy", &["ab"], None),
            ("abc", &["abd", "abe"], Some("abd")),
        ] {
            assert_eq!(suggestion(wrong, candidates.iter().copied()), want, "{wrong}");
        }
        let many: Vec<String> = (0..800).map(|number| format!("name{number}")).collect();
        assert_eq!(suggestion("nam1", many.iter().map(|name| &name[..])), None);
    }
}
