//! A code object as a constant of another one: most functions of a module that is imported are never called, so their code
//! is read from its stored form when somebody asks.

use crate::code::{Capture, Code};
use crate::stored::{self, Unread};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A code object that may not have been read yet.
#[derive(Debug, Clone)]
pub struct Template {
    known: OnceLock<Arc<Code>>,
    /// What is to be read as long as it is not known.
    unread: Option<Box<Unread>>,
}

impl Template {
    /// One that the stored form has.
    pub(crate) fn stored(unread: Unread) -> Template {
        Template { known: OnceLock::new(), unread: Some(Box::new(unread)) }
    }

    /// The flags of the code, which is not read for them.
    pub fn flags(&self) -> u32 {
        self.unread.as_ref().map_or_else(|| self.flags, |unread| unread.flags)
    }

    /// Its locals; the code is not read for them.
    pub fn locals(&self) -> u16 {
        self.unread.as_ref().map_or_else(|| self.locals, |unread| unread.locals)
    }

    /// Its locals and temporaries; the code is not read for them.
    pub fn registers(&self) -> u16 {
        self.unread.as_ref().map_or_else(|| self.registers, |unread| unread.registers)
    }

    /// Where the cells of its free variables come from. The code is not read for them.
    pub fn captures(&self) -> &[Capture] {
        self.unread.as_ref().map_or_else(|| &*self.captures, |unread| &unread.captures)
    }
}

impl From<Arc<Code>> for Template {
    fn from(code: Arc<Code>) -> Template {
        Template { known: code.into(), unread: None }
    }
}

impl Deref for Template {
    type Target = Code;

    #[inline]
    fn deref(&self) -> &Code {
        self.known.get_or_init(|| stored::code(self.unread.as_deref()))
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Template) -> bool {
        **self == **other
    }
}
