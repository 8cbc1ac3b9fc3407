//! A set of locals: those that are certainly bound.

/// A set of small numbers. Most functions have less than 64 locals, so one word stands apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    low: u64,
    high: Vec<u64>,
}

impl Bits {
    pub fn insert(&mut self, n: u16) {
        match (n as usize / 64).checked_sub(1) {
            None => self.low |= 1 << n,
            Some(i) => {
                if self.high.len() <= i {
                    self.high.resize(i + 1, 0);
                }
                self.high[i] |= 1 << (n % 64);
            }
        }
    }

    pub fn remove(&mut self, n: u16) {
        match (n as usize / 64).checked_sub(1) {
            None => self.low &= !(1 << n),
            Some(i) => {
                if let Some(word) = self.high.get_mut(i) {
                    *word &= !(1 << (n % 64));
                }
            }
        }
    }

    pub fn contains(&self, n: u16) -> bool {
        let word = match (n as usize / 64).checked_sub(1) {
            None => self.low,
            Some(i) => self.high.get(i).copied().unwrap_or(0),
        };
        word >> (n % 64) & 1 != 0
    }

    /// Keeps what is in the other set too.
    pub fn intersect(&mut self, other: &Bits) {
        self.low &= other.low;
        self.high.truncate(other.high.len());
        for (word, other) in self.high.iter_mut().zip(&other.high) {
            *word &= other;
        }
    }

    /// Takes out what is in the other set.
    pub fn subtract(&mut self, other: &Bits) {
        self.low &= !other.low;
        for (word, other) in self.high.iter_mut().zip(&other.high) {
            *word &= !other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn words_beyond_the_first_count_too() {
        let mut a = Bits::default();
        for n in [0, 63, 64, 200] {
            assert!(!a.contains(n));
            a.insert(n);
            assert!(a.contains(n));
        }
        let mut b = Bits::default();
        b.insert(64);
        b.insert(5);
        let mut both = a.clone();
        both.intersect(&b);
        assert!(both.contains(64) && !both.contains(0) && !both.contains(200));
        a.subtract(&b);
        assert!(!a.contains(64) && a.contains(200));
        a.remove(200);
        assert!(!a.contains(200));
    }
}
