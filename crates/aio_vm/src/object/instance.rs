//! Plain objects: attributes in slots that a shape names, or, after `__dict__` was touched, in a dict.

use crate::heap::new_cell_with;
use crate::object::class::ClassObj;
use crate::object::header::{Header, Kind};
use crate::value::Value;
use crate::vm::Vm;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// The shape of objects whose attributes live in a dict, which is their first slot.
pub(crate) const DICT_SHAPE: u32 = 0;
/// Above this many attributes an object goes over to a dict.
const MAX_SLOTS: usize = 64;

/// The names of the slots of an object, shared by all objects that got the same attributes in the same order.
pub(crate) struct Shape {
    pub(crate) keys: Vec<Value>,
    next: RefCell<FxHashMap<usize, u32>>,
}

impl Shape {
    /// Slot of a name; an attribute of the object's own comes before a member of `__slots__`, whose class may have lost it.
    #[inline]
    pub(crate) fn slot(&self, name: &Value) -> Option<usize> {
        self.keys.iter().rposition(|k| k.is(name))
    }
}

/// A plain object.
#[repr(C)]
pub struct InstanceObj {
    pub(crate) header: Header,
    pub(crate) shape: Cell<u32>,
    cap: Cell<u32>,
    pub(crate) slots: Cell<*mut Value>,
}

impl InstanceObj {
    fn inline_slots(&self) -> *mut Value {
        // The slots of a fresh object follow its fields.
        (self as *const InstanceObj).wrapping_add(1) as *mut Value
    }

    /// The value in a slot that the shape names.
    #[inline(always)]
    pub(crate) fn slot(&self, i: usize) -> &Value {
        debug_assert!(i < self.cap.get() as usize);
        // SAFETY: shapes never name a slot beyond the capacity.
        unsafe { &*self.slots.get().add(i) }
    }

    /// Replaces the value in a slot that the shape names.
    #[inline(always)]
    pub(crate) fn set_slot(&self, i: usize, v: Value) -> Value {
        debug_assert!(i < self.cap.get() as usize);
        // SAFETY: as in `slot`.
        unsafe { std::mem::replace(&mut *self.slots.get().add(i), v) }
    }

    /// Room for one more slot at `i`; true when it was there already.
    #[inline(always)]
    pub(crate) fn has_room(&self, i: usize) -> bool {
        i < self.cap.get() as usize
    }

    /// Makes room for slot `i`.
    #[cold]
    pub(crate) fn grow(&self, vm: &Vm, i: usize) {
        let old = self.cap.get() as usize;
        let cap = (i + 1).max(old * 2).max(4);
        let mut block: Vec<Value> = Vec::with_capacity(cap);
        for n in 0..old {
            block.push(self.set_slot(n, Value::UNDEF));
        }
        block.resize_with(cap, || Value::UNDEF);
        vm.heap.charge((cap * 8) as isize);
        self.free_external(vm);
        let block = Box::leak(block.into_boxed_slice());
        self.slots.set(block.as_mut_ptr());
        self.cap.set(cap as u32);
        let class = self.header.class();
        if (class.hint.get() as usize) < i + 1 {
            class.hint.set((i + 1).min(MAX_SLOTS) as u32);
        }
    }

    fn free_external(&self, vm: &Vm) {
        let p = self.slots.get();
        if p != self.inline_slots() {
            let cap = self.cap.get() as usize;
            vm.heap.charge(-((cap * 8) as isize));
            // SAFETY: an external block came from a boxed slice of `cap` values.
            drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(p, cap)) });
        }
    }

    /// Drops all slots; the object is at its end.
    pub(crate) fn drop_slots(&mut self, vm: &Vm) {
        if self.slots.get() == self.inline_slots() {
            // SAFETY: all `cap` slots are whole values.
            unsafe {
                std::ptr::drop_in_place(std::ptr::slice_from_raw_parts_mut(self.slots.get(), self.cap.get() as usize));
            }
        } else {
            self.free_external(vm);
        }
    }

    /// Shows all slots.
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for i in 0..self.cap.get() as usize {
            visit(self.slot(i));
        }
    }

    /// Empties all slots.
    pub(crate) fn clear(&self) {
        for i in 0..self.cap.get() as usize {
            drop(self.set_slot(i, Value::UNDEF));
        }
    }

    /// The attribute's value, looked up by the shape or in the dict.
    pub(crate) fn get(&self, vm: &Vm, name: &Value) -> Option<Value> {
        if self.shape.get() == DICT_SHAPE {
            return self.slot(0).as_dict()?.get_name(vm, name);
        }
        let i = self.own_slot(vm, name)?;
        self.slot(i).clone().defined()
    }

    /// Slot of an attribute of the object's own: members of `__slots__` are their classes' affair.
    fn own_slot(&self, vm: &Vm, name: &Value) -> Option<usize> {
        let at = vm.shape(self.shape.get()).slot(name)?;
        (at >= self.header.class().reserved_slots()).then_some(at)
    }

    /// Sets the attribute (the name is interned).
    pub(crate) fn set(&self, vm: &Vm, name: &Value, v: Value) {
        if self.shape.get() != DICT_SHAPE {
            if let Some(i) = self.own_slot(vm, name) {
                return drop(self.set_slot(i, v));
            }
            let n = vm.shape(self.shape.get()).keys.len();
            if n < MAX_SLOTS {
                let next = vm.shape_with(self.shape.get(), name);
                if !self.has_room(n) {
                    self.grow(vm, n);
                }
                drop(self.set_slot(n, v));
                self.shape.set(next);
                let class = self.header.class();
                if (class.hint.get() as usize) <= n {
                    class.hint.set(n as u32 + 1);
                }
                return;
            }
            self.to_dict(vm);
        }
        if let Some(d) = self.slot(0).as_dict() {
            drop(d.set_name(vm, name, v));
        }
    }

    /// Removes the attribute; the old value, or `None` if there was none.
    pub(crate) fn remove(&self, vm: &Vm, name: &Value) -> Option<Value> {
        if self.shape.get() != DICT_SHAPE {
            self.own_slot(vm, name)?;
            self.to_dict(vm);
        }
        let dict = self.slot(0).clone();
        dict.as_dict()?.remove_name(vm, name)
    }

    /// The object's `__dict__`; from now on its attributes live there.
    pub(crate) fn to_dict(&self, vm: &Vm) -> Value {
        if self.shape.get() == DICT_SHAPE {
            return self.slot(0).clone();
        }
        let reserved = self.header.class().reserved_slots();
        let dict = vm.dict();
        let keys = &vm.shape(self.shape.get()).keys;
        if reserved > 0 {
            // Members of __slots__ keep their places; only what came after them moves.
            return self.dict_beside_slots(vm, reserved);
        }
        if let Some(d) = dict.as_dict() {
            for (i, k) in keys.iter().enumerate() {
                let v = self.set_slot(i, Value::UNDEF);
                if !v.is_undef() {
                    drop(d.set_name(vm, k, v));
                }
            }
        }
        if !self.has_room(0) {
            self.grow(vm, 0);
        }
        drop(self.set_slot(0, dict.clone()));
        self.shape.set(DICT_SHAPE);
        dict
    }

    /// Objects with both `__slots__` and `__dict__` show a copy: their attributes stay in slots.
    fn dict_beside_slots(&self, vm: &Vm, reserved: usize) -> Value {
        let dict = vm.dict();
        if let Some(d) = dict.as_dict() {
            for (i, k) in vm.shape(self.shape.get()).keys.iter().enumerate().skip(reserved) {
                let v = self.slot(i).clone();
                if !v.is_undef() {
                    drop(d.set_name(vm, k, v));
                }
            }
        }
        dict
    }

    /// Replaces the whole `__dict__`.
    pub(crate) fn set_dict(&self, vm: &Vm, dict: Value) {
        self.to_dict(vm);
        if self.shape.get() == DICT_SHAPE {
            drop(self.set_slot(0, dict));
        }
    }
}

impl Vm {
    /// A new plain object of a class.
    #[inline]
    pub fn instance(&self, class: &ClassObj) -> Value {
        let cap = class.hint.get() as usize;
        let shape = class.root_shape(self);
        let p = new_cell_with(self, class, Kind::Instance, cap * 8, |header| InstanceObj {
            header,
            shape: Cell::new(shape),
            cap: Cell::new(cap as u32),
            slots: Cell::new(std::ptr::null_mut()),
        });
        // SAFETY: the cell has room for `cap` values behind its fields.
        unsafe {
            let slots = p.add(1) as *mut Value;
            (*p).slots.set(slots);
            for i in 0..cap {
                slots.add(i).write(Value::UNDEF);
            }
            Value::from_owned_bits(p as u64)
        }
    }

    #[inline(always)]
    pub(crate) fn shape(&self, id: u32) -> &Shape {
        // SAFETY: shapes are boxed and never freed while the isolate lives; ids come from this table.
        unsafe { &(&*self.shapes.get())[id as usize] }
    }

    fn add_shape(&self, keys: Vec<Value>) -> u32 {
        // SAFETY: one thread; the borrow ends here, and the boxes do not move when the table grows.
        let shapes = unsafe { &mut *self.shapes.get() };
        shapes.push(Box::new(Shape { keys, next: RefCell::default() }));
        (shapes.len() - 1) as u32
    }

    /// A root shape with these reserved names.
    pub(crate) fn new_root_shape(&self, reserved: Vec<Value>) -> u32 {
        // SAFETY: as in `add_shape`.
        if unsafe { (*self.shapes.get()).is_empty() } {
            self.add_shape(Vec::new());
        }
        self.add_shape(reserved)
    }

    /// The shape that follows when an attribute is added.
    pub(crate) fn shape_with(&self, from: u32, name: &Value) -> u32 {
        if let Some(&id) = self.shape(from).next.borrow().get(&name.addr()) {
            return id;
        }
        let mut keys = self.shape(from).keys.clone();
        keys.push(name.clone());
        let id = self.add_shape(keys);
        self.shape(from).next.borrow_mut().insert(name.addr(), id);
        id
    }
}
