//! Where names of `__main__` lie: the names that the host calls again and again are found by one comparison of texts.

use aio_vm::object::{DictObj, Place};
use aio_vm::{Value, Vm};
use std::cell::RefCell;

/// So many names are remembered, each in a place that its text decides.
const REMEMBERED: usize = 32;
/// Longer names are looked up each time.
const LONGEST: usize = 64;

/// The names that were looked up last.
#[derive(Default)]
pub(crate) struct Lookup {
    /// Empty until a name is looked up.
    names: RefCell<Vec<Option<Known>>>,
}

struct Known {
    text: Box<str>,
    place: Place,
}

fn slot(text: &str) -> usize {
    let (first, last) = (text.as_bytes().first(), text.as_bytes().last());
    let byte = |b: Option<&u8>| b.map_or(0, |b| usize::from(*b));
    (text.len() ^ byte(first).wrapping_mul(5) ^ byte(last).wrapping_mul(3)) % REMEMBERED
}

impl Lookup {
    /// The value of a name in a dict.
    #[inline]
    pub fn find(&self, vm: &Vm, dict: &DictObj, text: &str) -> Option<Value> {
        if let Some(Some(known)) = self.names.borrow().get(slot(text))
            && *known.text == *text
            && let Some(value) = dict.value_in(known.place)
        {
            return Some(value.clone());
        }
        self.find_anew(vm, dict, text)
    }

    #[cold]
    fn find_anew(&self, vm: &Vm, dict: &DictObj, text: &str) -> Option<Value> {
        let name = vm.intern(text);
        let place = dict.place_of(vm, &name)?;
        let value = dict.value_in(place).cloned();
        if text.len() <= LONGEST {
            let mut names = self.names.borrow_mut();
            names.resize_with(REMEMBERED, || None);
            if let Some(known) = names.get_mut(slot(text)) {
                *known = Some(Known { text: text.into(), place });
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Error};

    #[test]
    fn names_are_found_whatever_became_of_them() -> Result<(), Error> {
        let isolate = Engine::builder().build()?.isolate();
        isolate.run("def f(): return 1")?;
        for _ in 0..3 {
            assert_eq!(isolate.call::<i64>("f", ())?, 1);
        }
        isolate.run("def f(): return 2")?;
        assert_eq!(isolate.call::<i64>("f", ())?, 2);
        isolate.run("old = f\ndel f\ndef g(): return 3\nf = old")?;
        assert_eq!(isolate.call::<i64>("f", ())?, 2);
        isolate.run("del f")?;
        let error = isolate.call::<i64>("f", ()).unwrap_err();
        assert_eq!(error.to_string(), "NameError: name 'f' is not defined");
        assert_eq!(isolate.call::<i64>("abs", (-4,))?, 4);
        isolate.run("def abs(x): return 'mine'")?;
        assert_eq!(isolate.call::<String>("abs", (-4,))?, "mine");
        // Names that share a place in the table, empty and long ones.
        let long = "n".repeat(100);
        let names = ["ab", "aXb", "cd", long.as_str()];
        for _ in 0..2 {
            for (i, name) in names.iter().enumerate() {
                isolate.set(name, i)?;
                assert_eq!(isolate.get(name)?.to::<usize>(&isolate)?, i);
            }
        }
        assert!(isolate.get("").is_err());
        Ok(())
    }
}
