//! Exception groups as the tree that CPython draws.

use super::exception::chain;
use super::message::{self, exception_is};
use super::trace::steps;
use crate::sources::Sources;
use aio_vm::{Value, Vm};

/// More members of a group are counted only.
const WIDEST: usize = 15;
/// A place that follows itself more often is counted only.
const REPEATS: usize = 3;
/// Groups within groups beyond this depth are named only.
const DEEPEST: usize = 10;

/// Draws a group and what is in it, without the places of the outermost one, which its report shows.
pub(super) fn render(vm: &Vm, exception: &Value, sources: &Sources) -> String {
    let mut tree = Tree { vm, sources, out: String::new() };
    tree.margin(1, Some('+'), "Exception Group");
    tree.lines(1, &message::last_line(vm, exception));
    tree.members(exception, 1);
    tree.out
}

struct Tree<'a> {
    vm: &'a Vm,
    sources: &'a Sources,
    out: String,
}

impl Tree<'_> {
    fn margin(&mut self, depth: usize, character: Option<char>, text: &str) {
        self.out.push_str(&"  ".repeat(depth));
        self.out.push(character.unwrap_or('|'));
        self.out.push(' ');
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn lines(&mut self, depth: usize, text: &str) {
        for line in text.split('\n') {
            self.margin(depth, None, line);
        }
    }

    fn members(&mut self, group: &Value, depth: usize) {
        let members = message::attr(self.vm, group, "exceptions");
        let members = members.and_then(|m| self.vm.collect(&m).ok()).unwrap_or_default();
        for (i, member) in members.iter().take(WIDEST).enumerate() {
            self.title(depth, i == 0, &(i + 1).to_string());
            self.member(member, depth + 1);
        }
        if members.len() > WIDEST {
            self.title(depth, false, "...");
            let more = members.len() - WIDEST;
            let s = if more == 1 { "" } else { "s" };
            self.margin(depth + 1, None, &format!("and {more} more exception{s}"));
        }
        // The line that closes the tree stands under its last member, wherever that is.
        let last_is_group = members.len() <= WIDEST
            && depth < DEEPEST
            && members.last().is_some_and(|m| exception_is(m, self.vm.types.base_exception_group.get()));
        if !last_is_group {
            self.out.push_str(&"  ".repeat(depth + 1));
            self.out.push_str("+------------------------------------\n");
        }
    }

    fn title(&mut self, depth: usize, first: bool, label: &str) {
        self.out.push_str(&"  ".repeat(depth));
        self.out.push_str(if first { "+-" } else { "  " });
        self.out.push_str(&format!("+---------------- {label} ----------------\n"));
    }

    fn member(&mut self, member: &Value, depth: usize) {
        for (link, e) in chain(member).iter().rev() {
            let is_group = exception_is(e, self.vm.types.base_exception_group.get());
            if is_group && depth > DEEPEST {
                self.margin(depth, None, "... (max_group_depth is 10)");
                continue;
            }
            self.way(e, depth, is_group);
            let last = message::last_line(self.vm, e);
            self.lines(depth, &last);
            if is_group {
                self.members(e, depth);
            }
            if !link.is_empty() {
                self.lines(depth, link.trim_end_matches('\n'));
                self.margin(depth, None, "");
            }
        }
    }

    fn way(&mut self, e: &Value, depth: usize, is_group: bool) {
        let steps = steps(self.vm, e);
        if steps.is_empty() {
            return;
        }
        let kind = if is_group { "Exception Group Traceback" } else { "Traceback" };
        self.margin(depth, None, &format!("{kind} (most recent call last):"));
        let shown: Vec<_> = steps.iter().filter(|s| !s.is_library()).collect();
        for (i, &step) in shown.iter().enumerate() {
            // Of a place that follows itself three are shown, as CPython does.
            let repeats = |back: usize| i.checked_sub(back).is_some_and(|j| shown[j..i].iter().all(|s| *s == step));
            if repeats(REPEATS) {
                let is_last = shown.get(i + 1).is_none_or(|next| *next != step);
                if is_last {
                    let same = shown[..=i].iter().rev().take_while(|s| **s == step).count();
                    let more = same - REPEATS;
                    let s = if more == 1 { "" } else { "s" };
                    self.margin(depth, None, &format!("  [Previous line repeated {more} more time{s}]"));
                }
                continue;
            }
            let place = format!("  File \"{}\", line {}, in {}", step.filename, step.line, step.function);
            self.margin(depth, None, &place);
            if let Some(text) = step.line_text(self.sources) {
                self.margin(depth, None, &format!("    {text}"));
            }
        }
    }
}
