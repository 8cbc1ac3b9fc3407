//! property, classmethod, staticmethod, super, and the members of `__slots__`.

pub(crate) mod member;
pub(crate) mod property;
pub(crate) mod super_;
pub(crate) mod wrapper;
