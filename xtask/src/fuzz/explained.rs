//! Differences that are meant, each with its reason; `docs/conformance.md` lists them, too.

use super::run::Seen;
use super::same_text;

/// What a pair of lines, CPython's and then ours, may differ in.
type Excuse = fn(&str, &str) -> bool;

const EXCUSES: &[(&str, Excuse)] = &[
    ("the last digit of a function of libm", last_digit),
    ("dicts of built-in classes have another order and other texts", |theirs, ours| {
        [theirs, ours].iter().all(|line| line.contains("'__new__': <built-in method __new__ of type object"))
    }),
    ("names of `__main__`, and where library modules come from", |theirs, ours| {
        [theirs, ours].iter().all(|line| line.contains("'__name__': '__main__'"))
            || theirs.contains(".py'>") && ours.contains("(built-in)>")
    }),
    ("docstrings of built-in classes are our own", |theirs, ours| {
        let spelt = |word: &str| theirs.contains(word) || letters(theirs, word);
        theirs != ours && ["Create a new", "Built-in", "-> integer", "-> new empty dictionary"].into_iter().any(spelt)
    }),
    ("classes of the library are written in the language where CPython has them in C", |theirs, ours| {
        let titles = ["OrderedDict.", "deque.", "Counter.", "date.", "time.", "timedelta."];
        let method = |line: &str| titles.into_iter().any(|title| line.contains(title));
        theirs.starts_with("TypeError") && ours.starts_with("TypeError") && (method(theirs) || method(ours))
    }),
    ("a set with nan is in the order of addresses", |theirs, ours| {
        theirs.contains("nan") && sorted(theirs) == sorted(ours)
    }),
    ("CPython 3.13.0 takes a # in the text of `{expression=}` for a comment", |theirs, ours| {
        ours.contains('#') && ours.contains("=") && theirs.len() < ours.len() && !theirs.contains('#')
    }),
    ("the name of the type None in an error of `str(object, None)`", |theirs, ours| {
        theirs.contains("must be str, not NoneType") && theirs.replace("NoneType", "None") == ours
    }),
    ("an attribute hook gives a method of the receiver's class, whose name an error has", |theirs, ours| {
        let tail = |line: &str| line.split_once('.').map(|(_, tail)| tail.to_owned());
        theirs.contains("() takes ") && tail(theirs) == tail(ours)
    }),
    ("addresses have another number of digits, and parts of them are cut out", |theirs, ours| {
        let shortened = theirs.contains("<Future finished result=") && ours.contains("<Future finished result=");
        shortened || theirs.contains("positional arguments but") && without_digits(theirs) == without_digits(ours)
    }),
];

/// The reason of a difference, if each line that differs has one.
pub fn explain(ours: &Seen, theirs: &Seen) -> Option<&'static str> {
    if ours.exit != theirs.exit {
        return None;
    }
    let (mut a, mut b) = (theirs.printed.split('\n'), ours.printed.split('\n'));
    let mut pairs = vec![(theirs.raised.as_str(), ours.raised.as_str())];
    loop {
        match (a.next(), b.next()) {
            (None, None) => break,
            (Some(x), Some(y)) => pairs.push((x, y)),
            _ => return None,
        }
    }
    let mut found = None;
    for (theirs, ours) in pairs.into_iter().filter(|(x, y)| !same_text(x, y)) {
        found = Some(EXCUSES.iter().find(|(_, excuse)| excuse(theirs, ours))?.0);
    }
    found
}

/// Both lines are numbers that differ by a few units in the last place.
fn last_digit(theirs: &str, ours: &str) -> bool {
    match (theirs.parse::<f64>(), ours.parse::<f64>()) {
        (Ok(x), Ok(y)) => x.is_finite() && y.is_finite() && x.to_bits().abs_diff(y.to_bits()) <= 4,
        _ => false,
    }
}

/// Whether a list of single letters spells the word.
fn letters(line: &str, word: &str) -> bool {
    let spelt: Vec<String> = word.chars().map(|c| format!("'{c}'")).collect();
    line.contains(&spelt.join(", "))
}

fn sorted(line: &str) -> Vec<char> {
    let mut letters: Vec<char> = line.chars().collect();
    letters.sort_unstable();
    letters
}

fn without_digits(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}
