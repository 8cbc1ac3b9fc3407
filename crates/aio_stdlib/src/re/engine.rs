//! Searching: in time linear in the text where the pattern allows it, by taking back steps where it has look-around or
//! back-references.

use aio_vm::{R, Vm};
use fancy_regex::{Error, Regex, RegexBuilder, RuntimeError};
use regex_automata::meta;
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

/// Where a match has to lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere.
    Anywhere,
    /// It begins where the search begins.
    AtStart,
    /// It is all that is searched.
    Whole,
}

/// A pattern that can be searched for in every place.
pub(super) struct Program {
    text: String,
    anywhere: Machine,
    at_start: OnceCell<Option<Machine>>,
    whole: OnceCell<Option<Machine>>,
}

enum Machine {
    Linear(Linear),
    Backtracking(Backtracking),
}

struct Linear {
    regex: meta::Regex,
    captures: RefCell<Captures>,
}

/// An expression that may take back so many steps; who needs more pays for it and gets more.
struct Backtracking {
    text: String,
    regex: RefCell<Rc<Regex>>,
    steps: Cell<usize>,
}

/// Steps that a search may take back before it has to pay for more.
const FIRST_STEPS: usize = 200_000;
/// So many times as many steps are allowed next.
const GROWTH: usize = 4;

/// What a search has found: begin and end of every group in bytes, the whole match first; groups without a match have none.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

impl Program {
    pub(super) fn new(text: String) -> Result<Program, Box<Error>> {
        let anywhere = match Linear::new(&text) {
            Some(linear) => Machine::Linear(linear),
            None => Machine::Backtracking(Backtracking::new(text.clone())?),
        };
        Ok(Program { text, anywhere, at_start: OnceCell::new(), whole: OnceCell::new() })
    }

    /// The next match in a text from a byte on. One that takes long is interrupted now and then, to look at limits and
    /// interrupts.
    pub(super) fn next(&self, vm: &Vm, place: Place, text: &str, at: usize, groups: &mut Groups) -> R<bool> {
        let text_of = |end: &str| format!("\\G(?:{}){end}", self.text);
        let backtracking = |text| Some(Machine::Backtracking(Backtracking::new(text).ok()?));
        let machine = match (place, &self.anywhere) {
            (Place::Anywhere, machine) | (Place::AtStart, machine @ Machine::Linear(_)) => Some(machine),
            (Place::AtStart, _) => self.at_start.get_or_init(|| backtracking(text_of(""))).as_ref(),
            (Place::Whole, Machine::Linear(_)) => {
                let machine = || Some(Machine::Linear(Linear::new(&format!("(?:{})\\z", self.text))?));
                self.whole.get_or_init(machine).as_ref()
            }
            (Place::Whole, _) => self.whole.get_or_init(|| backtracking(text_of("\\z"))).as_ref(),
        };
        groups.clear();
        match machine {
            None => return Err(vm.runtime_error("the pattern is too large")),
            Some(Machine::Linear(machine)) => machine.next(place, text, at, groups),
            Some(Machine::Backtracking(machine)) => machine.next(vm, text, at, groups)?,
        }
        let end = groups.first().copied().flatten().map_or(text.len(), |(_, end)| end);
        vm.note_bytes(end.saturating_sub(at));
        Ok(!groups.is_empty())
    }
}

impl Linear {
    /// None if the pattern needs more.
    fn new(text: &str) -> Option<Linear> {
        // Possessive repetition reads as a repetition of a repetition here.
        let possessive = text.as_bytes().windows(2).any(|w| w[1] == b'+' && matches!(w[0], b'*' | b'+' | b'?' | b'}'));
        let regex = if possessive { None } else { meta::Regex::new(text).ok() }?;
        let captures = RefCell::new(regex.create_captures());
        Some(Linear { regex, captures })
    }

    fn next(&self, place: Place, text: &str, at: usize, groups: &mut Groups) {
        let anchored = if place == Place::Anywhere { Anchored::No } else { Anchored::Yes };
        let mut captures = self.captures.borrow_mut();
        self.regex.search_captures(&Input::new(text).range(at..).anchored(anchored), &mut captures);
        if captures.is_match() {
            groups.extend((0..captures.group_len()).map(|i| captures.get_group(i).map(|span| (span.start, span.end))));
        }
    }
}

impl Backtracking {
    fn new(text: String) -> Result<Backtracking, Box<Error>> {
        let regex = RefCell::new(Rc::new(build(&text, FIRST_STEPS)?));
        Ok(Backtracking { text, regex, steps: Cell::new(FIRST_STEPS) })
    }

    fn next(&self, vm: &Vm, text: &str, at: usize, groups: &mut Groups) -> R<()> {
        loop {
            let regex = Rc::clone(&self.regex.borrow());
            let found = regex.captures_from_pos(text, at);
            if let Ok(found) = found {
                if let Some(captures) = found {
                    groups.extend((0..captures.len()).map(|i| captures.get(i).map(|m| (m.start(), m.end()))));
                }
                return Ok(());
            }
            let steps = self.steps.get();
            vm.spend(steps as u64)?;
            let too_few = matches!(found, Err(Error::RuntimeError(RuntimeError::BacktrackLimitExceeded)));
            let more = steps.checked_mul(GROWTH).filter(|_| too_few);
            let regex = more.and_then(|steps| Some((steps, build(&self.text, steps).ok()?)));
            let Some((steps, regex)) = regex else {
                return Err(vm.runtime_error("the search takes too many steps"));
            };
            self.steps.set(steps);
            self.regex.replace(Rc::new(regex));
        }
    }
}

fn build(text: &str, steps: usize) -> Result<Regex, Box<Error>> {
    RegexBuilder::new(text).backtrack_limit(steps).build().map_err(Box::new)
}
