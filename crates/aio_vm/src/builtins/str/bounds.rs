//! The optional `start` and `end` of the searching methods.

use crate::error::R;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// Both ends within a sequence of `len` items, as slices understand them; the start may lie beyond the end.
    pub(crate) fn search_bounds(&self, start: Option<&Value>, end: Option<&Value>, len: usize) -> R<(usize, usize)> {
        let place = |v: Option<&Value>, default: i64| -> R<i64> {
            let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(default) };
            let n = self.slice_part(v)?;
            Ok(if n < 0 { n.saturating_add(len as i64).max(0) } else { n })
        };
        let start = place(start, 0)?;
        let end = place(end, i64::MAX)?.min(len as i64);
        Ok((start as usize, end as usize))
    }

    /// The same slice with the indexes of its parts in place: their methods run here, so that the length of what is
    /// sliced can be asked afterwards.
    pub(crate) fn resolved_slice(&self, slice: &Value) -> R {
        let Some(s) = slice.as_slice() else { return Ok(slice.clone()) };
        let part = |v: &Value| -> R {
            if v.is_none() || v.is_small() {
                return Ok(v.clone());
            }
            let n = self.slice_part(v)?;
            Ok(self.int(n))
        };
        let (step, start, stop) = (part(&s.step)?, part(&s.start)?, part(&s.stop)?);
        Ok(self.slice(start, stop, step))
    }

    /// A count that limits how often something is done: negative is `None`, without limit.
    pub(crate) fn limit_of(&self, v: Option<&Value>) -> R<Option<usize>> {
        match v {
            Some(v) => Ok(usize::try_from(self.ssize(v)?).ok()),
            None => Ok(None),
        }
    }

    /// An argument that is a signed size, with the OverflowError of C.
    pub fn ssize(&self, v: &Value) -> R<i64> {
        if let Some(n) = v.as_small() {
            return Ok(n);
        }
        let n = self.index_value(v)?;
        n.as_i64().ok_or_else(|| self.overflow_error("Python int too large to convert to C ssize_t"))
    }

    /// An argument that is a C int.
    pub(crate) fn c_int(&self, v: &Value) -> R<i64> {
        let n = self.index_value(v)?.as_i64().filter(|n| i32::try_from(*n).is_ok());
        n.ok_or_else(|| self.overflow_error("Python int too large to convert to C int"))
    }
}
