//! Bound methods, properties, classmethod and staticmethod, super, members of `__slots__`.

use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;

/// A function with its first argument.
#[repr(C)]
pub struct BoundMethodObj {
    pub(crate) header: Header,
    /// `__func__`.
    pub function: Value,
    /// `__self__`.
    pub receiver: Value,
}

/// A property.
#[repr(C)]
pub struct PropertyObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    /// Getter or None.
    pub get: Slot,
    /// Setter or None.
    pub set: Slot,
    /// Deleter or None.
    pub delete: Slot,
    /// Docstring or None.
    pub doc: Slot,
    /// The name it was bound to, or UNDEF.
    pub name: Slot,
}

/// classmethod or staticmethod, told apart by the kind.
#[repr(C)]
pub struct WrapperObj {
    pub(crate) header: Header,
    pub(crate) attrs: Slot,
    /// `__func__`.
    pub function: Slot,
}

/// super(class, receiver).
#[repr(C)]
pub struct SuperObj {
    pub(crate) header: Header,
    /// Where the search starts: behind this class.
    pub class: Slot,
    /// The object or class that methods are bound to, or UNDEF.
    pub receiver: Slot,
    /// The class whose order is searched, or UNDEF.
    pub receiver_class: Slot,
}

/// A name of `__slots__`: a fixed slot of the instances.
#[repr(C)]
pub struct MemberObj {
    pub(crate) header: Header,
    /// Index of the slot.
    pub index: usize,
    /// The class that declares it.
    pub owner: Value,
    /// The attribute's name.
    pub(crate) name: Value,
}

impl MemberObj {
    /// The attribute's name.
    pub fn name(&self) -> Value {
        self.name.clone()
    }
}

impl Vm {
    /// A bound method.
    pub fn bound_method(&self, function: Value, receiver: Value) -> Value {
        let class = match function.kind() {
            Some(Kind::Native) if self.class_of(&function).is_same(self.types.wrapper_descriptor.get()) => {
                self.types.method_wrapper.get()
            }
            Some(Kind::Native) => self.types.builtin_function.get(),
            _ => self.types.method.get(),
        };
        new_cell(self, class, Kind::BoundMethod, |header| BoundMethodObj { header, function, receiver })
    }

    /// A property.
    pub fn property(&self, get: Value, set: Value, delete: Value, doc: Value) -> Value {
        new_cell(self, self.types.property.get(), Kind::Property, |header| PropertyObj {
            header,
            attrs: Slot::empty(),
            get: Slot::new(get),
            set: Slot::new(set),
            delete: Slot::new(delete),
            doc: Slot::new(doc),
            name: Slot::empty(),
        })
    }

    /// A classmethod.
    pub fn class_method(&self, function: Value) -> Value {
        new_cell(self, self.types.classmethod.get(), Kind::ClassMethod, |header| WrapperObj {
            header,
            attrs: Slot::empty(),
            function: Slot::new(function),
        })
    }

    /// A staticmethod.
    pub fn static_method(&self, function: Value) -> Value {
        new_cell(self, self.types.staticmethod.get(), Kind::StaticMethod, |header| WrapperObj {
            header,
            attrs: Slot::empty(),
            function: Slot::new(function),
        })
    }

    /// A super object.
    pub fn super_object(&self, class: Value, receiver: Value, receiver_class: Value) -> Value {
        new_cell(self, self.types.super_.get(), Kind::Super, |header| SuperObj {
            header,
            class: Slot::new(class),
            receiver: Slot::new(receiver),
            receiver_class: Slot::new(receiver_class),
        })
    }

    /// A member of `__slots__`.
    pub(crate) fn member(&self, owner: Value, index: usize, name: Value) -> Value {
        new_cell(self, self.types.member_descriptor.get(), Kind::Member, |header| MemberObj {
            header,
            index,
            owner,
            name,
        })
    }
}
