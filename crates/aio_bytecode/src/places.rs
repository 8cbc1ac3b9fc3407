//! Which place of the text each instruction comes from. Hardly anybody asks: what is stored is read when somebody does.

use crate::code::Place;
use crate::stored;
use std::ops::Deref;
use std::sync::OnceLock;

/// Places, ascending by word.
#[derive(Debug, Clone, Default)]
pub struct Places {
    known: OnceLock<Box<[Place]>>,
    /// Where they are to be read as long as they are not known.
    stored: &'static [u8],
}

impl Places {
    /// Those that the stored form has as these bytes.
    pub(crate) fn stored(stored: &'static [u8]) -> Places {
        Places { known: OnceLock::new(), stored }
    }
}

impl From<Box<[Place]>> for Places {
    fn from(places: Box<[Place]>) -> Places {
        Places { known: places.into(), stored: &[] }
    }
}

impl Deref for Places {
    type Target = [Place];

    fn deref(&self) -> &[Place] {
        self.known.get_or_init(|| stored::places(self.stored).unwrap_or_default())
    }
}

impl PartialEq for Places {
    fn eq(&self, other: &Places) -> bool {
        **self == **other
    }
}
