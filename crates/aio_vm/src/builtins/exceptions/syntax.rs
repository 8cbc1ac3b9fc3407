//! SyntaxError, and how the compiler's diagnostics become one.

use super::fields::{get, set};
use super::{exception, keep_args, no_keywords, shown};
use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, method, property};
use crate::value::Value;
use crate::vm::Vm;
use aio_source::{Diagnostic, Named};

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "The text of a program is not valid.",
    rows: &[
        method("__init__(self, /, *args, **kwargs)", init, "Initialize self."),
        method("__str__(self, /)", str, "Return str(self)."),
        property("msg(self)", message, set::<0>, "the message"),
        property("filename(self)", get::<1>, set::<1>, "the file"),
        property("lineno(self)", get::<2>, set::<2>, "the line"),
        property("offset(self)", get::<3>, set::<3>, "the column"),
        property("text(self)", get::<4>, set::<4>, "the text of the line"),
        property("end_lineno(self)", get::<5>, set::<5>, "the last line"),
        property("end_offset(self)", get::<6>, set::<6>, "the last column"),
        property("print_file_and_line(self)", get::<7>, set::<7>, "not used"),
    ],
    next: None,
};

fn init(vm: &Vm, a: &Args) -> R {
    no_keywords(vm, a)?;
    keep_args(vm, a)?;
    let e = exception(vm, &a[0])?;
    if let Some(message) = a.rest.first() {
        e.set_field(0, message.clone());
    }
    if let [_, details] = a.rest {
        let items = vm.collect(details)?;
        let n = items.len();
        if n < 4 {
            return Err(vm.type_error(format!("function takes at least 4 arguments ({n} given)")));
        }
        if n > 6 {
            return Err(vm.type_error(format!("function takes at most 6 arguments ({n} given)")));
        }
        for (i, v) in items.into_iter().enumerate() {
            e.set_field(i + 1, v);
        }
        if n == 5 {
            return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
        }
    }
    Ok(Value::NONE)
}

/// The message; errors made by the machine have it only among their arguments.
fn message(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let own = e.field(0);
    Ok(if own.is_none() { super::arg_items(e).into_iter().next().unwrap_or(Value::NONE) } else { own })
}

fn str(vm: &Vm, a: &Args) -> R {
    let e = exception(vm, &a[0])?;
    let (message, filename, line) = (message(vm, a)?, e.field(1), e.field(2));
    let message = shown(vm, &message)?;
    let file = filename.as_str().map(|f| {
        let f = f.to_text();
        f.rsplit('/').next().unwrap_or_default().to_owned()
    });
    let line = if line.is_int() { Some(shown(vm, &line)?) } else { None };
    Ok(vm.str(&match (file, line) {
        (Some(f), Some(l)) => format!("{message} ({f}, line {l})"),
        (Some(f), None) => format!("{message} ({f})"),
        (None, Some(l)) => format!("{message} (line {l})"),
        (None, None) => message,
    }))
}

/// Line (from 1), column in characters (from 1) and text of the line of a byte offset.
fn locate(source: &str, offset: usize) -> (usize, usize, &str) {
    let mut at = offset.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    let before = source.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let end = source.get(at..).and_then(|s| s.find('\n')).map_or(source.len(), |i| at + i + 1);
    let line = before.matches('\n').count() + 1;
    let column = source.get(start..at).map_or(0, |s| s.chars().count()) + 1;
    (line, column, source.get(start..end).unwrap_or_default())
}

impl Vm {
    /// The exception for the first of several diagnostics of the compiler.
    #[cold]
    pub fn syntax_error(&self, diagnostics: &[Diagnostic], filename: &str, source: &str) -> Raised {
        let Some(d) = diagnostics.first() else { return self.system_error("compilation failed without a reason") };
        let t = &self.types;
        let class = match d.kind {
            "IndentationError" => t.indentation_error.get(),
            "TabError" => t.tab_error.get(),
            "RecursionError" => return self.recursion_error(&d.message),
            "MemoryError" => return self.memory_error(&d.message),
            "OverflowError" => return self.overflow_error(&d.message),
            "ValueError" => return self.value_error(&d.message),
            _ => t.syntax_error.get(),
        };
        // An empty text has no lines.
        let place = |offset| if source.is_empty() { (0, 0, "") } else { locate(source, offset) };
        let start = if let Some(Named::Point(at)) = d.named { at } else { d.span.lo };
        let (line, column, text) = place(start as usize);
        let (end_line, end_column) = match d.named {
            Some(Named::Point(_)) => (line, column as i64),
            Some(Named::Column(column)) => (line, column as i64),
            Some(Named::Nowhere) => (line, 0),
            Some(Named::LineEnd) => (line, column as i64 + 1),
            Some(Named::To(_)) | None => {
                let end = if let Some(Named::To(at)) = d.named { at } else { d.span.hi };
                let (line, column, _) = place(end as usize);
                (line, column as i64)
            }
        };
        let details = [
            self.str(filename),
            self.int(line as i64),
            self.int(if d.named == Some(Named::Nowhere) { 0 } else { column as i64 }),
            self.str(text),
            self.int(end_line as i64),
            self.int(end_column),
        ];
        let message = self.str(&d.message);
        let raised = self.error_with(class, vec![message.clone(), self.tuple(details.clone())]);
        if let Some(e) = raised.0.as_exception() {
            e.set_field(0, message);
            for (i, v) in details.into_iter().enumerate() {
                e.set_field(i + 1, v);
            }
        }
        raised
    }
}
