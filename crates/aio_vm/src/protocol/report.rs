//! Texts about exceptions as CPython writes them without looking at source files.

use crate::error::R;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// What CPython writes about an exception that is ignored.
    pub(crate) fn describe_unraisable(&self, e: &Value, source: &Value) -> String {
        let about = if source.is_none() || source.is_undef() {
            "Exception ignored:\n".to_owned()
        } else {
            match self.repr_text(source) {
                Ok(text) => format!("Exception ignored in: {text}\n"),
                Err(_) => "Exception ignored in: <object repr() failed>\n".to_owned(),
            }
        };
        about + &self.plain_step(e)
    }

    /// The whole report of an exception: causes and contexts first.
    pub(crate) fn plain_report(&self, e: &Value) -> String {
        let mut chain = vec![(e.clone(), "")];
        let mut at = e.clone();
        while let Some(x) = at.as_exception() {
            let (next, between) = match (x.cause.defined().filter(|c| !c.is_none()), x.context.defined()) {
                (Some(cause), _) => {
                    (cause, "\nThe above exception was the direct cause of the following exception:\n\n")
                }
                (None, Some(context)) if !x.suppress_context.get() && !context.is_none() => {
                    (context, "\nDuring handling of the above exception, another exception occurred:\n\n")
                }
                _ => break,
            };
            if chain.len() > 100 || chain.iter().any(|(seen, _)| seen.is(&next)) {
                break;
            }
            chain.push((next.clone(), between));
            at = next;
        }
        let mut text = String::new();
        for (e, between) in chain.iter().rev() {
            text += &self.plain_step(e);
            text += between;
        }
        text
    }

    /// The way of one exception and its last line.
    fn plain_step(&self, e: &Value) -> String {
        let mut text = String::new();
        let Some(x) = e.as_exception() else { return text };
        let mut at = x.traceback_value();
        if at.as_traceback().is_some() {
            text += "Traceback (most recent call last):\n";
        }
        while let Some(t) = at.as_traceback() {
            let code = t.frame.as_frame().map(|f| f.code.clone()).unwrap_or(Value::NONE);
            if let Some(c) = code.as_code() {
                let name = c.name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
                text += &format!("  File \"{}\", line {}, in {name}\n", c.template.filename, t.line.get());
            }
            at = t.next.get();
        }
        text + &self.exception_line(e)
    }

    /// `Class: message` and the notes.
    pub(crate) fn exception_line(&self, e: &Value) -> String {
        let name = self.full_class_name(e);
        let shown = self.to_text(e).unwrap_or_else(|_| "<exception str() failed>".to_owned());
        let mut text = if shown.is_empty() { format!("{name}\n") } else { format!("{name}: {shown}\n") };
        // Notes that cannot be read are left out: this is the last resort already.
        if let Ok(notes) = self.note_texts(e) {
            for n in notes {
                text += &n;
                text.push('\n');
            }
        }
        text
    }

    fn note_texts(&self, e: &Value) -> R<Vec<String>> {
        match self.look_attr(e, &self.names.__notes__)? {
            Some(notes) => self.collect(&notes)?.iter().map(|n| self.to_text(n)).collect(),
            None => Ok(Vec::new()),
        }
    }
}
