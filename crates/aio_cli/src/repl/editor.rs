//! Editing at the prompt: colours, hints, completion, and what Enter does. Nothing here waits for the session.

use aiolang::repl::{Completeness, Names, Paint, completeness, paint};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, ConditionalEventHandler, Context, Event, EventContext, Movement, RepeatCount, Result};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// What the editor asks while a line is typed.
pub(super) struct Helper {
    names: Arc<Mutex<Names>>,
    colors: bool,
    hinter: HistoryHinter,
}

impl Helper {
    pub fn new(names: Arc<Mutex<Names>>, colors: bool) -> Helper {
        Helper { names, colors, hinter: HistoryHinter::new() }
    }
}

impl rustyline::Helper for Helper {}

impl Hinter for Helper {
    type Hint = String;

    fn hint(&self, line: &str, at: usize, context: &Context<'_>) -> Option<String> {
        if line.is_empty() { None } else { self.hinter.hint(line, at, context) }
    }
}

impl Validator for Helper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        // Mistakes are told by the session, which draws them.
        Ok(if incomplete(context.input()) { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

fn incomplete(text: &str) -> bool {
    !text.trim_start().starts_with(':') && completeness(text) == Completeness::Incomplete
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, _at: usize) -> Cow<'l, str> {
        if !self.colors {
            return Cow::Borrowed(line);
        }
        let mut text = String::with_capacity(line.len() * 2);
        let mut done = 0;
        for (range, what) in paint(line) {
            let color = match what {
                Paint::Keyword => "1;35",
                Paint::String => "32",
                Paint::Number => "36",
                Paint::Error => "31",
            };
            text.push_str(&line[done..range.start]);
            text.push_str(&format!("\x1b[{color}m{}\x1b[0m", &line[range.clone()]));
            done = range.end;
        }
        text.push_str(&line[done..]);
        Cow::Owned(text)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colors { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _line: &str, _at: usize, _kind: CmdKind) -> bool {
        self.colors
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _context: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let before = line.get(..at).unwrap_or(line);
        if before.rsplit('\n').next().is_some_and(|l| l.trim().is_empty()) {
            return Ok((at, vec![Pair { display: String::new(), replacement: " ".repeat(STEP) }]));
        }
        let (start, found) = self.names.lock().unwrap_or_else(PoisonError::into_inner).complete(before);
        Ok((start, found.into_iter().map(|n| Pair { display: n.clone(), replacement: n }).collect()))
    }
}

/// Spaces that a block is indented by.
const STEP: usize = 4;

/// Enter goes on with the next line, indented, while the input cannot be complete.
pub(super) struct Enter;

impl ConditionalEventHandler for Enter {
    fn handle(&self, _event: &Event, _n: RepeatCount, _positive: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let (line, at) = (context.line(), context.pos());
        if at < line.len() || !incomplete(line) {
            return None;
        }
        let last = line.rsplit('\n').next().unwrap_or_default();
        let mut indent: String = last.chars().take_while(|c| c.is_whitespace()).collect();
        let word = last.trim();
        if word.ends_with(':') {
            indent.push_str(&" ".repeat(STEP));
        } else if ["return", "pass", "break", "continue", "raise"]
            .iter()
            .any(|w| word == *w || word.starts_with(&format!("{w} ")))
        {
            indent.truncate(indent.len().saturating_sub(STEP));
        }
        Some(Cmd::Insert(1, format!("\n{indent}")))
    }
}

/// Backspace at a step of the indentation goes back to the one before, elsewhere by one character.
pub(super) struct Backspace;

impl ConditionalEventHandler for Backspace {
    fn handle(&self, _event: &Event, n: RepeatCount, _positive: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let before = context.line().get(..context.pos())?;
        let indent = before.rsplit('\n').next()?;
        let steps = !indent.is_empty() && indent.len().is_multiple_of(STEP) && indent.bytes().all(|b| b == b' ');
        (n == 1 && steps).then_some(Cmd::Dedent(Movement::WholeLine))
    }
}
