//! How dicts take items from mappings and from pairs.

use crate::error::R;
use crate::object::DictObj;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// The value as a dict that iterates as dicts do, so that its items can be taken directly.
    pub(crate) fn plain_dict<'a>(&self, v: &'a Value) -> Option<&'a DictObj> {
        let d = v.as_dict()?;
        let class = self.class_of(v);
        let dict = self.types.dict.get();
        if class.is_same(dict) {
            return Some(d);
        }
        let same = match (class.peek(self, &self.names.__iter__), dict.peek(self, &self.names.__iter__)) {
            (Some(a), Some(b)) => a.is(&b),
            _ => false,
        };
        same.then_some(d)
    }

    /// `target.update(source)` for a dict, a mapping with `keys()`, or an iterable of pairs.
    pub fn dict_update(&self, target: &DictObj, source: &Value) -> R<()> {
        if self.plain_dict(source).is_some() || self.look_attr(source, &self.names.keys)?.is_some() {
            self.dict_merge(target, source)
        } else {
            self.dict_pairs(target, source)
        }
    }

    /// Adds all items of a mapping.
    pub fn dict_merge(&self, target: &DictObj, source: &Value) -> R<()> {
        if let Some(d) = self.plain_dict(source) {
            return self.dict_copy_items(target, d);
        }
        let keys = self.call_method(source, "keys", &[])?;
        let it = self.iter(&keys).map_err(|e| {
            if e.is(self.types.type_error.get()) && self.type_method(&keys, &self.names.__iter__).is_none() {
                let (of, got) = (self.type_name(source), self.type_name(&keys));
                self.type_error(format!("{of}.keys() returned a non-iterable (type {got})"))
            } else {
                e
            }
        })?;
        while let Some(key) = self.next(&it)? {
            self.tick()?;
            let value = self.get_item(source, &key)?;
            drop(target.set(self, key, value)?);
        }
        Ok(())
    }

    fn dict_copy_items(&self, target: &DictObj, source: &DictObj) -> R<()> {
        if std::ptr::eq(target, source) {
            return Ok(());
        }
        let (mut position, size) = (0, source.len());
        while let Some((key, value)) = source.next_item(&mut position) {
            self.tick()?;
            let hash = source.hash_at(position - 1);
            drop(target.set_hashed(self, key, value, hash)?);
            if source.len() != size {
                return Err(self.runtime_error("dict mutated during update"));
            }
        }
        Ok(())
    }

    fn dict_pairs(&self, target: &DictObj, source: &Value) -> R<()> {
        let it = self.iter(source)?;
        let mut n = 0usize;
        while let Some(pair) = self.next(&it)? {
            self.tick()?;
            let (key, value) = self.pair(&pair, n)?;
            drop(target.set(self, key, value)?);
            n += 1;
        }
        Ok(())
    }

    fn pair(&self, pair: &Value, n: usize) -> R<(Value, Value)> {
        let items = self.collect(pair).map_err(|e| {
            if e.is(self.types.type_error.get()) {
                self.type_error(format!("cannot convert dictionary update sequence element #{n} to a sequence"))
            } else {
                e
            }
        })?;
        let count = items.len();
        match <[Value; 2]>::try_from(items) {
            Ok([key, value]) => Ok((key, value)),
            Err(_) => {
                Err(self
                    .value_error(format!("dictionary update sequence element #{n} has length {count}; 2 is required")))
            }
        }
    }

    /// What `dict(...)` and `update(...)` do with their arguments.
    pub(crate) fn dict_fill(&self, target: &DictObj, source: Option<&Value>, keywords: &[(Value, Value)]) -> R<()> {
        if let Some(source) = source {
            self.dict_update(target, source)?;
        }
        for (name, value) in keywords {
            drop(target.set(self, name.clone(), value.clone())?);
        }
        Ok(())
    }
}
