//! except*: splitting groups, and putting together what is left.

use crate::error::R;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// The part of an exception that matches the classes (as a group, or None) and the rest (or None).
    pub(crate) fn split_for_star(&self, e: &Value, classes: &Value) -> R<(Value, Value)> {
        if e.is_none() {
            return Ok((Value::NONE, Value::NONE));
        }
        self.check_star_classes(classes)?;
        let group = self.types.base_exception_group.get();
        if self.is_instance(e, classes)? {
            if self.class_of(e).derives(group) {
                return Ok((e.clone(), Value::NONE));
            }
            // A bare exception is handled as a group of one.
            let class = self.group_class(std::slice::from_ref(e));
            let wrapper = self.call(&class, &[self.empty_str(), self.tuple([e.clone()])])?;
            return Ok((wrapper, Value::NONE));
        }
        if self.class_of(e).derives(group) {
            let pair = self.call_method(e, "split", std::slice::from_ref(classes))?;
            if let Some([matched, rest]) = pair.as_tuple().map(|t| t.items()) {
                return Ok((matched.clone(), rest.clone()));
            }
            let what = self.type_name(e);
            return Err(self.type_error(format!("{what}.split must return a 2-tuple")));
        }
        Ok((Value::NONE, e.clone()))
    }

    fn check_star_classes(&self, classes: &Value) -> R<()> {
        let items = classes.as_tuple().map(|t| t.items().to_vec()).unwrap_or_else(|| vec![classes.clone()]);
        for c in &items {
            let Some(class) = c.as_class().filter(|c| c.derives(self.types.base_exception.get())) else {
                return Err(self.type_error("catching classes that do not inherit from BaseException is not allowed"));
            };
            if class.derives(self.types.base_exception_group.get()) {
                return Err(self.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
            }
        }
        Ok(())
    }

    /// ExceptionGroup, or BaseExceptionGroup if one of the members needs it.
    fn group_class(&self, members: &[Value]) -> Value {
        let plain = members.iter().all(|e| self.class_of(e).derives(self.types.exception.get()));
        if plain { self.types.exception_group.value() } else { self.types.base_exception_group.value() }
    }

    /// What is raised after all handlers ran: `list` has what they raised and, last, what none of them took.
    pub(crate) fn merge_after_star(&self, original: &Value, list: Vec<Value>) -> R {
        let items: Vec<Value> = list.into_iter().filter(|e| !e.is_none()).collect();
        if items.is_empty() {
            return Ok(Value::NONE);
        }
        if !self.class_of(original).derives(self.types.base_exception_group.get()) {
            // The handled exception was bare: there is at most one to raise.
            return Ok(items[0].clone());
        }
        let (mut raised, mut again) = (Vec::new(), Vec::new());
        for e in items {
            if self.same_metadata(&e, original) { again.push(e) } else { raised.push(e) }
        }
        let rest = self.project(original, &again)?;
        if raised.is_empty() {
            return Ok(rest);
        }
        if !rest.is_none() {
            raised.push(rest);
        }
        if let [one] = raised.as_slice() {
            return Ok(one.clone());
        }
        self.call(&self.group_class(&raised), &[self.empty_str(), self.list(raised)])
    }

    /// Parts of the original group share its traceback, cause and context.
    fn same_metadata(&self, e: &Value, original: &Value) -> bool {
        let (Some(x), Some(o)) = (e.as_exception(), original.as_exception()) else { return false };
        e.is(original)
            || (self.class_of(e).derives(self.types.base_exception_group.get())
                && x.cause.get().is(&o.cause.get())
                && x.context.get().is(&o.context.get())
                && x.traceback_value().is(&o.traceback_value())
                && x.traceback.is_empty() == o.traceback.is_empty())
    }

    /// The part of a group with only the leaves that are in `parts`, in the original's structure.
    fn project(&self, original: &Value, parts: &[Value]) -> R {
        if parts.is_empty() {
            return Ok(Value::NONE);
        }
        if let [one] = parts
            && one.is(original)
        {
            return Ok(one.clone());
        }
        let mut leaves = Vec::new();
        for p in parts {
            self.collect_leaves(p, &mut leaves)?;
        }
        self.keep_leaves(original, &leaves)
    }

    fn collect_leaves(&self, e: &Value, leaves: &mut Vec<Value>) -> R<()> {
        if !self.class_of(e).derives(self.types.base_exception_group.get()) {
            leaves.push(e.clone());
            return Ok(());
        }
        let _guard = self.enter_native()?;
        let members = self.get_attr_text(e, "exceptions")?;
        for m in self.collect(&members)? {
            self.collect_leaves(&m, leaves)?;
        }
        Ok(())
    }

    fn keep_leaves(&self, e: &Value, leaves: &[Value]) -> R {
        if !self.class_of(e).derives(self.types.base_exception_group.get()) {
            return Ok(if leaves.iter().any(|l| l.is(e)) { e.clone() } else { Value::NONE });
        }
        let _guard = self.enter_native()?;
        let members = self.get_attr_text(e, "exceptions")?;
        let mut kept = Vec::new();
        for m in self.collect(&members)? {
            let k = self.keep_leaves(&m, leaves)?;
            if !k.is_none() {
                kept.push(k);
            }
        }
        if kept.is_empty() {
            return Ok(Value::NONE);
        }
        let part = self.call_method(e, "derive", &[self.list(kept)])?;
        if let (Some(p), Some(o)) = (part.as_exception(), e.as_exception()) {
            p.set_traceback(o.traceback_value());
            p.cause.set(o.cause.get());
            p.context.set(o.context.get());
            p.suppress_context.set(o.suppress_context.get());
        }
        if let Some(notes) = self.look_attr(e, &self.names.__notes__)? {
            let copy = self.list(self.collect(&notes)?);
            self.set_attr(&part, &self.names.__notes__, Some(copy))?;
        }
        Ok(part)
    }
}
