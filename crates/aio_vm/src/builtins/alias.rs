//! `list[int]` and `int | str`: generic aliases and unions.

pub(crate) mod generic;
pub(crate) mod union;

pub use generic::Alias;
pub use union::Union;
pub(crate) use union::union_of;
