//! Classes: method resolution order, attribute lookup with a cache, layout of instances.

use crate::builtins::exceptions;
use crate::error::R;
use crate::native::{NextFn, TypeTable};
use crate::object::NativeObj;
use crate::object::dict::DictObj;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::{Borrowed, Value, borrow_bits};
use crate::vm::Vm;
use std::cell::{Cell, RefCell, UnsafeCell};

/// Made by a script (or by the host at run time), freed when unused.
pub const HEAP: u32 = 1;
/// Instances have a `__dict__`.
pub const HAS_DICT: u32 = 2;
/// Has `__del__`.
pub const HAS_DEL: u32 = 4;
/// May not be a base class.
pub const FINAL: u32 = 8;
/// `__getattribute__` is not object's.
pub const CUSTOM_GETATTRIBUTE: u32 = 16;
/// There is a `__getattr__`.
pub const CUSTOM_GETATTR: u32 = 32;
/// `__setattr__` or `__delattr__` is not object's.
pub const CUSTOM_SETATTR: u32 = 64;
/// Has abstract methods.
pub const ABSTRACT: u32 = 128;
/// Matches sequence patterns.
pub const SEQUENCE: u32 = 256;
/// Matches mapping patterns.
pub const MAPPING: u32 = 512;
/// Derives from BaseException.
pub const EXCEPTION: u32 = 1024;
/// Attributes of the class cannot be set (built-in types).
pub const IMMUTABLE: u32 = 2048;
/// Instances can be weakly referenced.
pub const WEAKREFABLE: u32 = 4096;
/// `cls(...)` cannot make instances.
pub const NO_NEW: u32 = 8192;
/// `C(...)` is object.__new__ and then `__init__`: the call path of plain classes (valid with a current version).
pub const PLAIN_NEW: u32 = 16384;
/// The class is a metaclass (derives from type).
pub const METACLASS: u32 = 32768;

/// What is found out by a look into a class and those it derives from.
pub(crate) const SPECIAL: u32 = CUSTOM_GETATTRIBUTE | CUSTOM_GETATTR | CUSTOM_SETATTR | HAS_DEL;

/// A class.
#[repr(C)]
pub struct ClassObj {
    pub(crate) header: Header,
    pub(crate) vm: *const Vm,
    /// `__name__`.
    pub name: Slot,
    /// `__qualname__`.
    pub qualname: Slot,
    /// `__bases__`.
    pub bases: Slot,
    /// The dict behind `__dict__`; empty as long as nobody has looked into a built-in class.
    dict: Slot,
    /// The place of a built-in class in their table, counted from one; 0 for others.
    pub(crate) row: Cell<u16>,
    /// What is still to be filled into the dict of a class of the library.
    pub(crate) pending: Cell<Option<&'static TypeTable>>,
    /// Which of the bases decides the layout of instances.
    pub(crate) base_at: Cell<u32>,
    mro: UnsafeCell<Vec<*const ClassObj>>,
    mro_value: Slot,
    /// Layout of instances.
    pub(crate) instance: Cell<Kind>,
    pub(crate) flags: Cell<u32>,
    version: Cell<u32>,
    /// What a call of the class comes down to while the version stands: a native `__new__`, an `__init__` of the
    /// language, or null. The class's dicts own it.
    constructor: Cell<*const Header>,
    /// The `__init__` that runs after a native constructor, or null.
    initializer: Cell<*const Header>,
    root_shape: Cell<u32>,
    /// Slots that instances usually need.
    pub(crate) hint: Cell<u32>,
    /// Names of `__slots__` (own and inherited) that come first in every instance.
    pub(crate) slot_names: RefCell<Vec<Value>>,
    subclasses: RefCell<Vec<*const ClassObj>>,
    /// How native iterators of this class step.
    pub(crate) next: Cell<Option<NextFn>>,
}

impl ClassObj {
    /// The machine that owns the class.
    #[inline(always)]
    pub(crate) fn vm(&self) -> &Vm {
        // SAFETY: the machine outlives its cells.
        unsafe { &*self.vm }
    }

    #[inline(always)]
    pub(crate) fn retain(&self) {
        self.header.rc.set(self.header.rc.get() + 1);
    }

    #[inline(always)]
    pub(crate) fn release(&self) {
        let n = self.header.rc.get() - 1;
        self.header.rc.set(n);
        if n == 0 {
            // SAFETY: that was the last reference.
            unsafe { crate::heap::free_cell(self as *const ClassObj as *mut Header) }
        }
    }

    /// The class as a value.
    #[inline]
    pub fn value(&self) -> Value {
        self.retain();
        // SAFETY: the count above is for this value.
        unsafe { Value::from_owned_bits(self as *const ClassObj as u64) }
    }

    /// Has a flag.
    #[inline(always)]
    pub fn is(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    #[inline(always)]
    pub(crate) fn has_del(&self) -> bool {
        self.is(HAS_DEL)
    }

    /// Sets or takes away a flag.
    pub fn set_flag(&self, flag: u32, on: bool) {
        let f = self.flags.get();
        self.flags.set(if on { f | flag } else { f & !flag });
    }

    /// `__name__` as text.
    pub fn name_text(&self) -> String {
        self.name.peek().as_str().map_or_else(String::new, |s| s.to_text().into_owned())
    }

    /// The dict behind `__dict__`.
    pub fn dict(&self) -> Value {
        self.filled().get()
    }

    pub(crate) fn set_dict(&self, dict: Value) {
        self.dict.set(dict);
    }

    #[inline]
    fn filled(&self) -> &Slot {
        if self.is_unfilled() {
            self.fill();
        }
        &self.dict
    }

    #[cold]
    fn fill(&self) {
        match self.pending.take() {
            Some(table) => self.vm().fill_native(self, table),
            None => self.vm().fill_class(self, self.row.get() as usize - 1),
        }
        if self.version.get() != 0 {
            self.find_specials();
        }
    }

    /// Nobody has looked into this built-in class, or class of the library.
    #[inline]
    fn is_unfilled(&self) -> bool {
        self.dict.peek().is_undef() && self.row.get() != 0 || self.pending.get().is_some()
    }

    /// Whether the dict will have this name when it is filled, or may have it.
    fn may_have(&self, name: &[u8]) -> bool {
        let Ok(name) = std::str::from_utf8(name) else { return false };
        match self.pending.get() {
            Some(table) => table.has(name) || matches!(name, "__doc__" | "__module__" | "__dict__"),
            None => crate::types::has_name(self.row.get() as usize - 1, name),
        }
    }

    /// The dict behind `__dict__`, only to be looked at.
    #[inline]
    pub(crate) fn peek_dict(&self) -> Option<&DictObj> {
        self.filled().peek().as_dict()
    }

    /// The classes in which attributes are looked up, this one first.
    #[inline(always)]
    pub(crate) fn mro(&self) -> &[*const ClassObj] {
        // SAFETY: one thread; replaced only by `set_mro`, never while a walk runs script code.
        unsafe { &*self.mro.get() }
    }

    /// The classes in which attributes are looked up, as references.
    pub fn mro_classes(&self) -> impl Iterator<Item = &ClassObj> {
        // SAFETY: `mro_value` keeps the classes alive; built-in ones never end.
        self.mro().iter().map(|&c| unsafe { &*c })
    }

    /// `__mro__`.
    pub fn mro_tuple(&self) -> Value {
        if self.mro_value.peek().is_undef() {
            let order: Vec<Value> = self.mro_classes().map(ClassObj::value).collect();
            self.mro_value.set(self.vm().tuple(order));
        }
        self.mro_value.get()
    }

    /// Derives from `other` (or is it).
    #[inline]
    pub fn derives(&self, other: &ClassObj) -> bool {
        std::ptr::eq(self, other) || self.mro().iter().any(|&c| std::ptr::eq(c, other))
    }

    /// Is this very class.
    #[inline(always)]
    pub fn is_same(&self, other: &ClassObj) -> bool {
        std::ptr::eq(self, other)
    }

    /// A number that changes whenever an attribute of the class or of one of its bases changes.
    #[inline(always)]
    pub(crate) fn version(&self) -> u32 {
        let v = self.version.get();
        if v != 0 { v } else { self.refresh() }
    }

    /// The version, 0 if none was given since the last change.
    #[inline(always)]
    pub(crate) fn known_version(&self) -> u32 {
        self.version.get()
    }

    #[cold]
    fn refresh(&self) -> u32 {
        let vm = self.vm();
        let v = vm.next_version();
        self.version.set(v);
        if self.is_unfilled() {
            // Its flags are known from its table, and a call of it goes the long way, which fills it.
            return v;
        }
        self.find_specials();
        v
    }

    /// Finds out what the machine wants to know of a class without looking into it.
    fn find_specials(&self) {
        let vm = self.vm();
        let names = &vm.names;
        let object = vm.types.object.get();
        let owner_is_object =
            |name: &Value| self.find_in_mro(vm, name).is_none_or(|(owner, _)| std::ptr::eq(owner, object));
        // These do what the machine does without being asked.
        let t = &vm.types;
        let plain = [object, t.type_.get(), t.module.get(), t.super_.get()];
        let custom = |name: &Value| {
            let Some((owner, found)) = self.find_in_mro(vm, name) else { return false };
            !plain.iter().any(|p| std::ptr::eq(*p, owner)) && !crate::builtins::object::is_getattribute(found)
        };
        self.set_flag(CUSTOM_GETATTRIBUTE, custom(&names.__getattribute__));
        self.set_flag(CUSTOM_GETATTR, self.find_in_mro(vm, &names.__getattr__).is_some_and(|(o, _)| o.is(HEAP)));
        self.set_flag(CUSTOM_SETATTR, custom(&names.__setattr__) || custom(&names.__delattr__));
        self.set_flag(HAS_DEL, self.find_in_mro(vm, &names.__del__).is_some());
        self.set_flag(
            PLAIN_NEW,
            self.instance.get() == Kind::Instance && !self.is(ABSTRACT | METACLASS) && owner_is_object(&names.__new__),
        );
        let none = (std::ptr::null(), std::ptr::null());
        let (constructor, initializer) = self.find_constructor(vm).unwrap_or(none);
        self.constructor.set(constructor);
        self.initializer.set(initializer);
    }

    /// What a call of the class comes down to, unless that needs the long way: the `__init__` of a script for a plain
    /// instance; or a native `__new__`, and the `__init__` after it, which is null if it has nothing left to do: object's,
    /// and that of exceptions after their own `__new__`, which keeps the arguments already.
    fn find_constructor(&self, vm: &Vm) -> Option<(*const Header, *const Header)> {
        let (names, types) = (&vm.names, &vm.types);
        let none = std::ptr::null();
        let meta = self.header.class().is_same(types.type_.get());
        if self.is(METACLASS | NO_NEW) || !meta || types.super_.is(self) {
            return None;
        }
        let (owner, init) = self.find_in_mro(vm, &names.__init__)?;
        if self.is(PLAIN_NEW) {
            let init = init.as_function().filter(|f| !f.code().suspends)?;
            return Some((&init.header, none));
        }
        let (_, new) = self.find_in_mro(vm, &names.__new__)?;
        let function = new.as_wrapper().map(|w| w.function.get());
        let new = function.as_ref().unwrap_or(new).as_native()?;
        if types.object.is(owner) {
            return Some((&new.header, none));
        }
        match (init.as_native(), init.as_function()) {
            (Some(init), _) if new.def.keeps.is_some() && exceptions::only_keeps(init) => Some((&new.header, none)),
            (Some(init), _) => Some((&new.header, &init.header)),
            (_, Some(init)) if !init.code().suspends => Some((&new.header, &init.header)),
            _ => None,
        }
    }

    /// What a call of the class comes down to, or null when that needs the long way.
    #[inline(always)]
    pub(crate) fn constructor(&self) -> *const Header {
        self.version();
        self.constructor.get()
    }

    /// What a call of the class usually gives, where that follows from the arguments alone.
    #[inline]
    pub(crate) fn usually(&self, vm: &Vm, arguments: &[Value]) -> Option<Value> {
        let constructor = self.constructor();
        // SAFETY: what the class has for a constructor is alive with it, and the kind says what it is.
        unsafe {
            if self.is(HEAP) || constructor.is_null() || (*constructor).kind.get() != Kind::Native {
                return None;
            }
            (*constructor.cast::<NativeObj>()).def.makes?(vm, arguments)
        }
    }

    /// The `__init__` after a native constructor, or null. Asked for behind `constructor`.
    #[inline(always)]
    pub(crate) fn initializer(&self) -> *const Header {
        self.initializer.get()
    }

    /// Tells that an attribute of the class changed.
    pub fn touch(&self) {
        self.version.set(0);
        for &c in self.subclasses.borrow().iter() {
            // SAFETY: subclasses take themselves off the list when they end.
            unsafe { (*c).touch() };
        }
        self.refresh();
    }

    /// The first class of the order whose dict has the name, and the value. Not cached.
    pub(crate) fn find_in_mro(&self, vm: &Vm, name: &Value) -> Option<(&ClassObj, &Value)> {
        let s = name.as_str()?;
        let hash = s.hash(vm);
        for c in self.mro_classes() {
            // What is not there is no reason to fill a class.
            if c.is_unfilled() && !c.may_have(s.bytes()) {
                continue;
            }
            let d = c.peek_dict()?;
            if let Some(n) = d.find_str(s, hash) {
                return d.value_at(n).map(|v| (c, v));
            }
        }
        None
    }

    /// The attribute of the class, raw (not bound), only to be looked at. It is no place in the cache, which the next look
    /// may fill with something else.
    #[inline]
    pub(crate) fn peek(&self, vm: &Vm, name: &Value) -> Option<Borrowed> {
        let version = self.version();
        let e = vm.method_cache_entry(name.addr(), version);
        if e[0] == version as u64 && e[1] == name.addr() as u64 {
            // SAFETY: as long as the version stands, the class's dicts hold the value.
            return if e[2] == 0 { None } else { Some(unsafe { borrow_bits(e[2]) }) };
        }
        let found = self.find_in_mro(vm, name).map(|(_, v)| v.bits());
        *e = [version as u64, name.addr() as u64, found.unwrap_or(0)];
        // SAFETY: as above.
        found.map(|bits| unsafe { borrow_bits(bits) })
    }

    /// The attribute of the class, raw (not bound).
    #[inline]
    pub fn lookup(&self, vm: &Vm, name: &Value) -> Option<Value> {
        self.peek(vm, name).map(|v| Value::clone(&v))
    }

    /// Sets an attribute in the class's dict.
    pub(crate) fn set_raw(&self, vm: &Vm, name: &Value, v: Value) {
        let overrides = vm.is_data_descriptor(&v);
        let dict = self.dict();
        let old = dict.as_dict().and_then(|d| d.set_name(vm, name, v));
        self.touch();
        if is_hook(vm, name) {
            vm.flush_inline_caches();
        } else if overrides || old.as_ref().is_some_and(|v| v.as_member().is_some()) {
            self.forget_shapes(vm);
        }
        drop(old);
    }

    /// Removes an attribute from the class's dict.
    pub(crate) fn remove_raw(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let dict = self.dict();
        let old = dict.as_dict().and_then(|d| d.remove_name(vm, name));
        self.touch();
        if is_hook(vm, name) {
            vm.flush_inline_caches();
        } else if old.as_ref().is_some_and(|v| v.as_member().is_some()) {
            self.forget_shapes(vm);
        }
        old
    }

    /// What caches know by the shape of an instance may not hold any more.
    fn forget_shapes(&self, vm: &Vm) {
        if self.root_shape.get() != 0 || !self.subclasses.borrow().is_empty() {
            vm.flush_inline_caches();
        }
    }

    /// The shape of a new instance.
    #[inline(always)]
    pub(crate) fn root_shape(&self, vm: &Vm) -> u32 {
        let s = self.root_shape.get();
        if s != 0 { s } else { self.make_root_shape(vm) }
    }

    #[cold]
    fn make_root_shape(&self, vm: &Vm) -> u32 {
        let reserved = self.slot_names.borrow().clone();
        let n = reserved.len() as u32;
        if self.hint.get() < n {
            self.hint.set(n);
        }
        let s = vm.new_root_shape(reserved);
        self.root_shape.set(s);
        s
    }

    /// How many slots `__slots__` reserves.
    pub(crate) fn reserved_slots(&self) -> usize {
        self.slot_names.borrow().len()
    }

    /// Direct subclasses that are alive.
    pub fn subclasses(&self) -> Vec<Value> {
        if self.row.get() != 0 {
            self.vm().types.make_all();
        }
        self.made_subclasses()
    }

    /// Direct subclasses that are alive, without the built-in ones that nobody has asked for yet.
    pub fn made_subclasses(&self) -> Vec<Value> {
        // SAFETY: subclasses take themselves off the list when they end.
        self.subclasses.borrow().iter().map(|&c| unsafe { (*c).value() }).collect()
    }

    /// The base whose layout instances have.
    pub fn base(&self) -> Option<&ClassObj> {
        let bases = self.bases.peek().as_tuple()?.items();
        let base = bases.get(self.base_at.get() as usize).and_then(Value::as_class)?;
        // SAFETY: the tuple of bases keeps it alive.
        Some(unsafe { &*(base as *const ClassObj) })
    }

    /// Replaces the order of lookup.
    pub(crate) fn set_mro(&self, vm: &Vm, order: Vec<Value>) {
        let raw = order.iter().filter_map(Value::as_class).map(std::ptr::from_ref).collect();
        // A class holds its own order weakly in its first place, or it would never end.
        let value = vm.tuple(order);
        self.set_order(raw);
        self.mro_value.set(value);
    }

    /// Replaces the order of lookup by classes that live as long as this one.
    pub(crate) fn set_order(&self, order: Vec<*const ClassObj>) {
        // SAFETY: one thread; nobody walks the old order now.
        unsafe { *self.mro.get() = order };
    }

    /// Enters the class into the lists of its bases.
    pub(crate) fn announce(&self) {
        let bases = self.bases.get();
        for b in bases.as_tuple().into_iter().flat_map(|t| t.items()).filter_map(Value::as_class) {
            b.subclasses.borrow_mut().push(self);
        }
    }

    /// Takes the class off the lists of its bases.
    pub(crate) fn withdraw(&self) {
        for b in self.bases.peek().as_tuple().into_iter().flat_map(|t| t.items()).filter_map(Value::as_class) {
            b.subclasses.borrow_mut().retain(|&c| !std::ptr::eq(c, self));
        }
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for s in [&self.name, &self.qualname, &self.bases, &self.dict, &self.mro_value] {
            visit(s.peek());
        }
    }

    pub(crate) fn clear(&self) {
        self.withdraw();
        drop(self.mro_value.take());
        drop(self.bases.replace(self.vm().empty_tuple()));
        if let Some(d) = self.dict.get().as_dict() {
            drop(d.take_all());
        }
    }
}

/// Whether a method of this name decides what attributes mean, which caches by the shape of an instance do not ask again.
fn is_hook(vm: &Vm, name: &Value) -> bool {
    let n = &vm.names;
    [&n.__getattribute__, &n.__setattr__, &n.__delattr__, &n.__set__, &n.__delete__].iter().any(|hook| hook.is(name))
}

/// A class at its end leaves the lists of its bases.
pub(crate) fn forget(_vm: &Vm, class: &ClassObj) {
    class.withdraw();
}

/// The order of lookup by C3, or the names of the bases that conflict.
pub(crate) fn c3(class: Value, bases: &[Value]) -> Result<Vec<Value>, Vec<String>> {
    let order_of = |b: &Value| -> Vec<Value> {
        b.as_class().map_or_else(Vec::new, |c| c.mro_classes().map(ClassObj::value).collect())
    };
    let mut lists: Vec<Vec<Value>> = bases.iter().map(order_of).collect();
    lists.push(bases.to_vec());
    let mut order = vec![class];
    loop {
        lists.retain(|l| !l.is_empty());
        if lists.is_empty() {
            return Ok(order);
        }
        let candidate = lists.iter().map(|l| &l[0]).find(|c| !lists.iter().any(|l| l[1..].iter().any(|x| x.is(c))));
        let Some(next) = candidate.cloned() else {
            let mut names: Vec<String> = Vec::new();
            for l in &lists {
                let name = l[0].as_class().map(ClassObj::name_text).unwrap_or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            return Err(names);
        };
        for l in &mut lists {
            if l[0].is(&next) {
                l.remove(0);
            }
        }
        order.push(next);
    }
}

impl ClassObj {
    /// Sets the metaclass of a class that was made before it.
    pub(crate) fn set_meta(&self, meta: &ClassObj) {
        meta.retain();
        self.header.class.set(meta);
    }
}

impl Vm {
    /// A class cell with nothing but a layout, for the time when there are no classes yet.
    pub(crate) fn raw_class(&self, kind: Kind, flags: u32) -> Value {
        let cell = |header| ClassObj {
            header,
            vm: self,
            name: Slot::empty(),
            qualname: Slot::empty(),
            bases: Slot::empty(),
            dict: Slot::empty(),
            row: Cell::new(0),
            pending: Cell::new(None),
            base_at: Cell::new(0),
            mro: UnsafeCell::default(),
            mro_value: Slot::empty(),
            instance: Cell::new(kind),
            flags: Cell::new(flags),
            version: Cell::new(0),
            constructor: Cell::new(std::ptr::null()),
            initializer: Cell::new(std::ptr::null()),
            root_shape: Cell::new(0),
            hint: Cell::new(0),
            slot_names: RefCell::default(),
            subclasses: RefCell::default(),
            next: Cell::new(None),
        };
        crate::heap::new_cell_without_class(self, Kind::Class, cell)
    }

    /// A class cell without order of lookup: `finish_class` completes it.
    pub(crate) fn class_cell(
        &self,
        meta: &ClassObj,
        name: &str,
        bases: Value,
        dict: Value,
        kind: Kind,
        flags: u32,
    ) -> Value {
        let class = self.raw_class(kind, flags);
        if let Some(c) = class.as_class() {
            let name = self.intern(name);
            c.set_meta(meta);
            c.name.set(name.clone());
            c.qualname.set(name);
            c.bases.set(bases);
            c.dict.set(dict);
        }
        class
    }

    /// Computes the order of lookup by C3 and tells the bases.
    pub(crate) fn finish_class(&self, class: &Value) -> R<()> {
        let Some(c) = class.as_class() else { return Ok(()) };
        let bases = c.bases.get();
        let items = bases.as_tuple().map_or(&[][..], |t| t.items());
        let order = c3(class.clone(), items).map_err(|names| {
            self.type_error(format!(
                "Cannot create a consistent method resolution order (MRO) for bases {}",
                names.join(", ")
            ))
        })?;
        c.set_mro(self, order);
        c.announce();
        Ok(())
    }

    /// The class of any value.
    #[inline]
    pub fn class_of<'a>(&'a self, v: &'a Value) -> &'a ClassObj {
        match v.header() {
            Some(h) => h.class(),
            None => self.class_of_immediate(v),
        }
    }

    fn class_of_immediate(&self, v: &Value) -> &ClassObj {
        let t = &self.types;
        if v.is_small() {
            t.int.get()
        } else if v.is_float() {
            t.float.get()
        } else if v.is_bool() {
            t.bool.get()
        } else if v.is_none() {
            t.none_type.get()
        } else if v.is(&Value::ELLIPSIS) {
            t.ellipsis.get()
        } else {
            t.not_implemented.get()
        }
    }

    /// The name of a value's class, for messages.
    pub fn type_name(&self, v: &Value) -> String {
        self.class_of(v).shown_name()
    }
}

impl Vm {
    /// Makes a fresh cell an instance of another class with the same layout.
    pub fn adopt(&self, v: Value, class: &ClassObj) -> Value {
        if let Some(h) = v.header() {
            let old = h.class.get();
            class.retain();
            h.class.set(class);
            // SAFETY: the cell kept its old class alive until here.
            unsafe { (*old).release() };
        }
        v
    }

    /// Makes a shared object an instance of another class of the same layout.
    pub(crate) fn change_class(&self, v: &Value, class: &ClassObj) {
        let Some(i) = v.as_instance() else {
            drop(self.adopt(v.clone(), class));
            return;
        };
        // The slots of a plain object are named by a shape that belongs to its class.
        let dict = i.shape.get() == crate::object::instance::DICT_SHAPE;
        let keys = if dict { Vec::new() } else { self.shape(i.shape.get()).keys.clone() };
        let values: Vec<Value> = (0..keys.len()).map(|n| i.set_slot(n, Value::UNDEF)).collect();
        drop(self.adopt(v.clone(), class));
        if dict {
            return;
        }
        i.shape.set(class.root_shape(self));
        let reserved = class.reserved_slots();
        for (n, (k, value)) in keys.iter().zip(values).enumerate() {
            if n < reserved {
                if !i.has_room(n) {
                    i.grow(self, n);
                }
                drop(i.set_slot(n, value));
            } else if !value.is_undef() {
                i.set(self, k, value);
            }
        }
    }
}
