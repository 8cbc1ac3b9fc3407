//! groupby: runs of items with equal keys. A group reads from the same source as the iterator over the groups.

use super::{Step, class, make, publish, table};
use aio_vm::{Args, Payload, R, Slot, TypeTable, Value, Vm};
use std::cell::Cell;

pub(super) fn fill(vm: &Vm, module: &Value) {
    publish::<GroupBy>(vm, module);
    publish::<Group>(vm, module);
}

struct GroupBy {
    it: Value,
    key: Option<Value>,
    /// The item read last, unless a group has taken it, and its key.
    item: Slot,
    item_key: Slot,
    /// The key of the present group.
    wanted: Slot,
    /// Counts the groups: earlier ones are at their end.
    serial: Cell<u64>,
}

impl Payload for GroupBy {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.it);
        self.key.iter().for_each(&mut *visit);
        for slot in [&self.item, &self.item_key, &self.wanted] {
            visit(&slot.get());
        }
    }

    fn clear(&self) {
        for slot in [&self.item, &self.item_key, &self.wanted] {
            drop(slot.take());
        }
    }
}

impl GroupBy {
    /// Reads an item; false at the end of the source.
    fn read(&self, vm: &Vm) -> R<bool> {
        let Some(v) = vm.next(&self.it)? else { return Ok(false) };
        let key = match &self.key {
            Some(f) => vm.call(f, std::slice::from_ref(&v))?,
            None => v.clone(),
        };
        self.item.set(v);
        self.item_key.set(key);
        Ok(true)
    }
}

impl Step for GroupBy {
    const NAME: &'static str = "groupby";
    const TABLE: &'static TypeTable = table!(
        GroupBy,
        "make an iterator that returns consecutive keys and groups from the iterable\n\n  iterable\n    Elements to \
         divide into groups according to the key function.\n  key\n    A function for computing the group category for \
         each element.\n    If the key function is not specified or is None, the element itself\n    is used for \
         grouping.",
        "__new__(cls, iterable, key=None)",
        new_groupby
    );

    fn step(&self, vm: &Vm, me: &Value) -> R<Option<Value>> {
        self.serial.set(self.serial.get() + 1);
        // What is left of the present group is skipped.
        loop {
            let key = self.item_key.get();
            if !key.is_undef() && (self.wanted.is_empty() || !vm.eq(&self.wanted.get(), &key)?) {
                break;
            }
            if !self.read(vm)? {
                return Ok(None);
            }
            vm.tick()?;
        }
        let key = self.item_key.get();
        self.wanted.set(key.clone());
        let group = Group { parent: me.clone(), key: key.clone(), serial: self.serial.get() };
        Ok(Some(vm.tuple([key, vm.opaque(class::<Group>(vm), group)])))
    }
}

fn new_groupby(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[1])?;
    let (item, item_key, wanted) = (Slot::empty(), Slot::empty(), Slot::empty());
    make(vm, &a[0], GroupBy { it, key: a.some(2).cloned(), item, item_key, wanted, serial: Cell::new(0) })
}

struct Group {
    parent: Value,
    key: Value,
    serial: u64,
}

impl Payload for Group {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.parent);
        visit(&self.key);
    }
}

impl Step for Group {
    const NAME: &'static str = "_grouper";
    const TABLE: &'static TypeTable = table!(Group, "", "__new__(cls, parent, tgtkey, /)", new_group);

    fn step(&self, vm: &Vm, _me: &Value) -> R<Option<Value>> {
        let parent = super::payload::<GroupBy>(vm, &self.parent)?;
        if parent.serial.get() != self.serial {
            return Ok(None);
        }
        if parent.item.is_empty() && !parent.read(vm)? {
            return Ok(None);
        }
        if !vm.eq(&self.key, &parent.item_key.get())? {
            return Ok(None);
        }
        Ok(parent.item.take().defined())
    }
}

fn new_group(vm: &Vm, a: &Args) -> R {
    let parent = super::payload::<GroupBy>(vm, &a[1])?;
    let serial = parent.serial.get();
    make(vm, &a[0], Group { parent: a[1].clone(), key: a[2].clone(), serial })
}
