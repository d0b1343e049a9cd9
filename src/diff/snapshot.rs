//! What is remembered of one file: the fingerprint of each row, and whose row it is.

/// The accepted rows of one file, in file order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What decided how these rows were read; a snapshot with another salt is of no use.
    pub salt: u64,
    /// A fingerprint a row; 0 where the row must be looked at again.
    pub prints: Vec<u128>,
    /// The entity of the row; of an enrollment its pair.
    pub owners: Vec<u64>,
}

impl Snapshot {
    /// An empty one with this salt.
    pub fn new(salt: u64) -> Self {
        Self { salt, ..Self::default() }
    }

    /// Remembers a row.
    pub fn push(&mut self, print: u128, owner: u64) {
        self.prints.push(print);
        self.owners.push(owner);
    }

    /// Rows remembered.
    pub fn len(&self) -> usize {
        self.prints.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.prints.is_empty()
    }

    /// Makes every row whose owner is not `settled` be looked at again.
    pub fn keep_only(&mut self, mut settled: impl FnMut(u64) -> bool) {
        for (print, owner) in self.prints.iter_mut().zip(&self.owners) {
            if !settled(*owner) {
                *print = 0;
            }
        }
    }
}
