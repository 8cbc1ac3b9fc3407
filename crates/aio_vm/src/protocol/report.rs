//! Texts about exceptions as CPython writes them without looking at source files.

use crate::error::R;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// Gives an exception that cannot be raised anywhere to `sys.unraisablehook`.
    pub(crate) fn tell_unraisable(&self, e: &Value, source: &Value) -> R<()> {
        let sys = self.sys();
        let dict = sys.as_module().map(|m| m.dict.get()).unwrap_or_default();
        let find = |name: &str| dict.as_dict().and_then(|d| d.get_text(self, name));
        match (find("unraisablehook"), find("__unraisablehook__")) {
            (Some(hook), Some(usual)) if !hook.is(&usual) && !hook.is_none() => {
                let traceback = e.as_exception().map_or(Value::NONE, |x| x.traceback_value());
                let names = ["exc_type", "exc_value", "exc_traceback", "err_msg", "object"].map(|n| self.intern(n));
                let values = [self.class_of(e).value(), e.clone(), traceback, Value::NONE, source.clone()];
                let about = self.call_keywords(&self.types.simple_namespace.value(), &values, &names)?;
                self.call(&hook, &[about]).map(drop)
            }
            _ => {
                let text = self.describe_unraisable(e, source, None);
                match find("stderr").filter(|v| !v.is_none()) {
                    Some(stderr) => self.call_method(&stderr, "write", &[self.str(&text)]).map(drop),
                    None => Ok(()),
                }
            }
        }
    }

    /// What CPython writes about an exception that is ignored. `message` takes the place of its usual first words.
    pub(crate) fn describe_unraisable(&self, e: &Value, source: &Value, message: Option<&str>) -> String {
        let words = message.unwrap_or("Exception ignored in");
        let about = if message.is_some() && (source.is_none() || source.is_undef()) {
            format!("{words}:\n")
        } else if source.is_none() || source.is_undef() {
            "Exception ignored:\n".to_owned()
        } else {
            match self.repr_text(source) {
                Ok(text) => format!("{words}: {text}\n"),
                Err(_) => format!("{words}: <object repr() failed>\n"),
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
                let name = c.name().as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
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
