//! Lists of a code object that are read from its stored form when somebody asks: whoever runs it needs few of them.

use crate::stored::Form;
use std::ops::Deref;
use std::sync::OnceLock;

/// Words, counts of what is alive, or places.
#[derive(Debug, Clone)]
pub struct Late<T: Form> {
    known: OnceLock<Box<[T]>>,
    /// Where they are to be read as long as they are not known.
    stored: &'static [u8],
}

impl<T: Form> Late<T> {
    /// Those that the stored form has as these bytes.
    pub(crate) fn stored(stored: &'static [u8]) -> Late<T> {
        Late { known: OnceLock::new(), stored }
    }

    /// The same list, to be changed; what is stored stays unread.
    pub fn to_own(&self) -> Box<[T]> {
        match self.known.get() {
            Some(known) => known.clone(),
            None => T::read(self.stored).unwrap_or_default(),
        }
    }
}

impl<T: Form> Default for Late<T> {
    fn default() -> Late<T> {
        Late::stored(&[])
    }
}

impl<T: Form, L: Into<Box<[T]>>> From<L> for Late<T> {
    fn from(list: L) -> Late<T> {
        Late { known: list.into().into(), stored: &[] }
    }
}

impl<T: Form> Deref for Late<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.known.get_or_init(|| T::read(self.stored).unwrap_or_default())
    }
}

impl<T: Form> PartialEq for Late<T> {
    fn eq(&self, other: &Late<T>) -> bool {
        **self == **other
    }
}
