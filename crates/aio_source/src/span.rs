//! A half-open range of byte offsets into one source text.

/// The bytes `lo..hi` of a source. Which source is meant is known from the context:
/// a tree, a code object and a diagnostic belong to exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub lo: u32,
    /// Offset behind the last byte.
    pub hi: u32,
}

impl Span {
    /// The span of the bytes `lo..hi`.
    #[inline]
    pub const fn new(lo: u32, hi: u32) -> Span {
        Span { lo, hi }
    }

    /// The empty span at an offset.
    #[inline]
    pub const fn at(offset: u32) -> Span {
        Span { lo: offset, hi: offset }
    }

    /// From the beginning of `self` to the end of `other`.
    #[inline]
    pub const fn to(self, other: Span) -> Span {
        Span { lo: self.lo, hi: other.hi }
    }

    /// Whether no byte lies in the span.
    pub const fn is_empty(self) -> bool {
        self.lo >= self.hi
    }

    /// Whether both spans share a byte or touch each other.
    pub const fn touches(self, other: Span) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// The text of the span; empty where the span does not lie on character boundaries.
    pub fn text(self, source: &str) -> &str {
        source.get(self.lo as usize..self.hi as usize).unwrap_or_default()
    }
}
