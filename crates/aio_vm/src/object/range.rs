//! range and slice.

use crate::heap::new_cell;
use crate::object::header::{Header, Kind};
use crate::value::Value;
use crate::vm::Vm;

/// A range: three integers of any size.
#[repr(C)]
pub struct RangeObj {
    pub(crate) header: Header,
    /// First number.
    pub start: Value,
    /// End, not reached.
    pub stop: Value,
    /// Step, not 0.
    pub step: Value,
}

/// A slice.
#[repr(C)]
pub struct SliceObj {
    pub(crate) header: Header,
    /// Start or None.
    pub start: Value,
    /// Stop or None.
    pub stop: Value,
    /// Step or None.
    pub step: Value,
}

impl Vm {
    /// A range; all three are integers and the step is not 0.
    pub fn range(&self, start: Value, stop: Value, step: Value) -> Value {
        new_cell(self, self.types.range.get(), Kind::Range, |header| RangeObj { header, start, stop, step })
    }

    /// A slice.
    pub fn slice(&self, start: Value, stop: Value, step: Value) -> Value {
        new_cell(self, self.types.slice.get(), Kind::Slice, |header| SliceObj { header, start, stop, step })
    }
}

impl RangeObj {
    /// Whether all three are inline integers.
    #[inline(always)]
    pub(crate) fn is_inline(&self) -> bool {
        self.start.is_small() && self.stop.is_small() && self.step.is_small()
    }

    /// Where it begins and how many steps of 1 it has, if its numbers are inline.
    #[inline(always)]
    pub(crate) fn steps(&self) -> Option<(i64, u64)> {
        match (self.start.as_small(), self.stop.as_small(), self.step.as_small()) {
            (Some(start), Some(stop), Some(1)) => Some((start, (stop - start).max(0) as u64)),
            _ => None,
        }
    }

    /// Start, stop and step if all fit 64 bits.
    pub fn as_i64(&self) -> Option<(i64, i64, i64)> {
        Some((self.start.as_i64()?, self.stop.as_i64()?, self.step.as_i64()?))
    }

    /// How many numbers there are, if the ends fit 64 bits.
    #[inline]
    pub fn short_len(&self) -> Option<u64> {
        let (start, stop, step) = self.as_i64()?;
        Some(if step > 0 && start < stop {
            (stop.wrapping_sub(start) as u64 - 1) / step as u64 + 1
        } else if step < 0 && start > stop {
            (start.wrapping_sub(stop) as u64 - 1) / step.unsigned_abs() + 1
        } else {
            0
        })
    }
}
