//! Binding of arguments to the parameters of a script function, with CPython's errors.

use crate::error::{R, Raised};
use crate::object::{CodeObj, FunctionObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Code;
use aio_bytecode::code::{NAMESPACE, VARARGS, VARKEYWORDS};
use smallvec::SmallVec;

/// Arguments on their way to the registers of a frame.
pub type Slots = SmallVec<[Value; 8]>;

impl Vm {
    /// The parameter slots of a call. `names` are those of the last arguments.
    pub(crate) fn bind_arguments(&self, f: &FunctionObj, args: Slots, names: &[Value]) -> R<Slots> {
        let code = f.code();
        code.prepare();
        let t: &Code = &code.template;
        if t.flags & NAMESPACE != 0 {
            // A namespace body takes its namespace in r[0]; it has no parameters to bind.
            return Ok(args);
        }
        let positional = t.positional as usize;
        let keyword_only = t.keyword_only as usize;
        if names.is_empty() && args.len() <= positional && t.flags & (VARARGS | VARKEYWORDS) == 0 {
            // The usual case: only defaults are to be filled in.
            let defaults = f.defaults.get();
            let defaults = defaults.as_tuple().map_or(&[][..], |d| d.items());
            let left_out = positional - args.len();
            let by_name = f.kwdefaults.get();
            let parameters = code.params[positional..positional + keyword_only].iter();
            let named: Option<Slots> = parameters.map(|name| by_name.as_dict()?.get_name(self, name)).collect();
            if left_out <= defaults.len()
                && let Some(named) = named
            {
                let mut slots = args;
                slots.extend(defaults[defaults.len() - left_out..].iter().cloned());
                slots.extend(named);
                return Ok(slots);
            }
        }
        let named = positional + keyword_only;
        let total = t.parameters();
        let given = args.len() - names.len();
        let mut slots = args;
        let keywords: SmallVec<[Value; 4]> = slots.drain(given..).collect();
        let rest: Vec<Value> = slots.drain(given.min(positional)..).collect();
        slots.resize_with(total, || Value::UNDEF);
        let extra = if t.flags & VARKEYWORDS != 0 { Some(self.dict()) } else { None };
        for (name, v) in names.iter().zip(keywords) {
            let at = parameter(code, name, t.positional_only as usize, named);
            match (at, &extra) {
                (Some(i), _) => {
                    if !slots[i].is_undef() {
                        return Err(self.type_error(format!(
                            "{}() got multiple values for argument '{}'",
                            title(f),
                            text(name)
                        )));
                    }
                    slots[i] = v;
                }
                (None, _) if name.as_str().is_none() => return Err(self.type_error("keywords must be strings")),
                (None, Some(dict)) => {
                    if let Some(d) = dict.as_dict() {
                        drop(d.set(self, name.clone(), v)?);
                    }
                }
                (None, None) if names.iter().any(|n| n.as_str().is_none()) => {
                    return Err(self.type_error("keywords must be strings"));
                }
                (None, None) => return Err(self.unexpected_keyword(f, code, names, name)),
            }
        }
        if !rest.is_empty() && t.flags & VARARGS == 0 {
            return Err(self.too_many(f, code, given, &slots));
        }
        let defaults = f.defaults.get();
        let defaults = defaults.as_tuple().map_or(&[][..], |d| d.items());
        let first_default = positional - defaults.len().min(positional);
        if slots[..positional].iter().take(first_default).any(Value::is_undef) {
            let missing: Vec<usize> = (0..first_default).filter(|&i| slots[i].is_undef()).collect();
            return Err(self.missing(f, code, &missing, "positional"));
        }
        for i in first_default..positional {
            if slots[i].is_undef() {
                slots[i] = defaults[i - first_default].clone();
            }
        }
        if keyword_only > 0 {
            let kwdefaults = f.kwdefaults.get();
            let mut missing = Vec::new();
            for i in positional..named {
                if slots[i].is_undef() {
                    match kwdefaults.as_dict().and_then(|d| d.get_name(self, &code.params[i])) {
                        Some(v) => slots[i] = v,
                        None => missing.push(i),
                    }
                }
            }
            if !missing.is_empty() {
                return Err(self.missing(f, code, &missing, "keyword-only"));
            }
        }
        let mut next = named;
        if t.flags & VARARGS != 0 {
            slots[next] = self.tuple(rest);
            next += 1;
        }
        if let Some(dict) = extra {
            slots[next] = dict;
        }
        Ok(slots)
    }

    #[cold]
    fn unexpected_keyword(&self, f: &FunctionObj, code: &CodeObj, names: &[Value], name: &Value) -> Raised {
        let only = code.template.positional_only as usize;
        let wrong: Vec<String> =
            code.params[..only].iter().filter(|p| names.iter().any(|n| same(n, p))).map(text).collect();
        if !wrong.is_empty() {
            return self.type_error(format!(
                "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                title(f),
                wrong.join(", ")
            ));
        }
        let named = code.template.positional as usize + code.template.keyword_only as usize;
        let candidates: Vec<String> = code.params[only..named].iter().map(text).collect();
        let hint = match crate::text::suggest::suggestion(&text(name), candidates.iter().map(String::as_str)) {
            Some(s) => format!(". Did you mean '{s}'?"),
            None => String::new(),
        };
        self.type_error(format!("{}() got an unexpected keyword argument '{}'{hint}", title(f), text(name)))
    }

    #[cold]
    fn too_many(&self, f: &FunctionObj, code: &CodeObj, given: usize, slots: &Slots) -> Raised {
        let t = &code.template;
        let positional = t.positional as usize;
        let defaults = f.defaults.get().as_tuple().map_or(0, |d| d.len());
        let by_name = slots[positional..positional + t.keyword_only as usize].iter().filter(|v| !v.is_undef()).count();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let takes = if defaults > 0 {
            format!("from {} to {positional} positional arguments", positional - defaults)
        } else {
            format!("{positional} positional argument{}", plural(positional))
        };
        let were = if by_name > 0 {
            format!(
                "{given} positional argument{} (and {by_name} keyword-only argument{}) were given",
                plural(given),
                plural(by_name)
            )
        } else {
            format!("{given} {} given", if given == 1 { "was" } else { "were" })
        };
        self.type_error(format!("{}() takes {takes} but {were}", title(f)))
    }

    #[cold]
    fn missing(&self, f: &FunctionObj, code: &CodeObj, missing: &[usize], kind: &str) -> Raised {
        let names: Vec<String> = missing.iter().map(|&i| format!("'{}'", text(&code.params[i]))).collect();
        let list = match names.as_slice() {
            [one] => one.clone(),
            [a, b] => format!("{a} and {b}"),
            [head @ .., last] => format!("{}, and {last}", head.join(", ")),
            [] => String::new(),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        self.type_error(format!("{}() missing {} required {kind} argument{plural}: {list}", title(f), names.len()))
    }
}

fn parameter(code: &CodeObj, name: &Value, first: usize, end: usize) -> Option<usize> {
    let params = &code.params[first..end];
    let at = params.iter().position(|p| p.is(name)).or_else(|| params.iter().position(|p| same(p, name)));
    at.map(|i| i + first)
}

fn same(a: &Value, b: &Value) -> bool {
    matches!((a.as_str(), b.as_str()), (Some(x), Some(y)) if x.bytes() == y.bytes())
}

fn text(v: &Value) -> String {
    v.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default()
}

fn title(f: &FunctionObj) -> String {
    text(&f.qualname())
}
