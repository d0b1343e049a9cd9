//! Records: the field values of a row or of a person, packed into bytes.
//!
//! A million students are held at once while a plan is made, so a record is one run of bytes instead of forty strings.
//! Layout: for each value its field, its length and its bytes, in the order of `Field`; a repeated field (teachers,
//! contacts) stands repeatedly. A field that is not there was absent or dropped; one with length 0 was blank.

use std::borrow::Cow;

use super::schema::Field;

/// Builds one record.
#[derive(Default, Debug)]
pub struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    /// Starts the next record.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Adds a value. Call in the order of `Field`.
    pub fn push(&mut self, field: Field, value: &str) {
        self.push_raw(field as u8, value);
    }

    /// Adds a value under a tag of the caller's.
    pub fn push_raw(&mut self, tag: u8, value: &str) {
        self.bytes.push(tag);
        let mut length = value.len();
        while length >= 0x80 {
            self.bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        self.bytes.push(length as u8);
        self.bytes.extend_from_slice(value.as_bytes());
    }

    /// The record so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record<'a>(pub &'a [u8]);

impl<'a> Record<'a> {
    /// The first value of `field`: `None` where absent or dropped, `Some("")` where blank.
    pub fn get(self, field: Field) -> Option<&'a str> {
        self.raw().find(|(tag, _)| *tag == field as u8).map(|(_, value)| text(value))
    }

    /// The first value of `field`, blank where there is none.
    pub fn text(self, field: Field) -> &'a str {
        self.get(field).unwrap_or("")
    }

    /// All values of a repeated field.
    pub fn all(self, field: Field) -> impl Iterator<Item = &'a str> {
        self.raw().filter(move |(tag, _)| *tag == field as u8).map(|(_, value)| text(value))
    }

    /// A hash of the record, never 0, which means "no record".
    pub fn hash(self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.0).max(1)
    }

    /// Every value with the number of its field, in stored order.
    pub fn values(self) -> impl Iterator<Item = (u8, &'a str)> {
        self.raw().map(|(tag, value)| (tag, text(value)))
    }

    /// The first value of every field, for those who need many of them.
    pub fn unpack(self) -> Unpacked<'a> {
        let mut values = [None; Field::ALL.len()];
        for (tag, value) in self.raw() {
            if let Some(slot @ None) = values.get_mut(usize::from(tag)) {
                *slot = Some(text(value));
            }
        }
        Unpacked(values)
    }

    /// The values as bytes: most are passed over on the way to another, and need not be text.
    fn raw(self) -> Values<'a> {
        Values { rest: self.0 }
    }
}

/// The first value of every field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Unpacked<'a>([Option<&'a str>; Field::ALL.len()]);

impl<'a> Unpacked<'a> {
    /// The value of `field`: `None` where absent or dropped, `Some("")` where blank.
    pub fn get(&self, field: Field) -> Option<&'a str> {
        self.0[field as usize]
    }

    /// The value of `field`, blank where there is none.
    pub fn text(&self, field: Field) -> &'a str {
        self.get(field).unwrap_or("")
    }
}

/// What was packed was text.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("")
}

/// The values of a record.
#[derive(Debug)]
struct Values<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Values<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&tag, mut rest) = self.rest.split_first()?;
        let (mut length, mut shift) = (0usize, 0);
        loop {
            let (&byte, tail) = rest.split_first()?;
            rest = tail;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        let (value, tail) = rest.split_at_checked(length)?;
        self.rest = tail;
        Some((tag, value))
    }
}

/// Where a run of bytes lies in an [`Arena`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    block: u32,
    start: u32,
    length: u32,
}

/// Bytes of many records, in blocks, so that growing never copies what is there.
#[derive(Default, Debug)]
pub struct Arena {
    blocks: Vec<Vec<u8>>,
}

impl Arena {
    const BLOCK: usize = 1 << 20;

    /// Keeps a copy of `bytes`.
    pub fn keep(&mut self, bytes: &[u8]) -> Place {
        let fits = self.blocks.last().is_some_and(|block| block.capacity() - block.len() >= bytes.len());
        if !fits {
            self.blocks.push(Vec::with_capacity(Self::BLOCK.max(bytes.len())));
        }
        let number = self.blocks.len() - 1;
        let block = &mut self.blocks[number];
        let start = block.len() as u32;
        block.extend_from_slice(bytes);
        Place { block: number as u32, start, length: bytes.len() as u32 }
    }

    /// What was kept at `place`.
    pub fn at(&self, place: Place) -> &[u8] {
        let start = place.start as usize;
        &self.blocks[place.block as usize][start..start + place.length as usize]
    }
}

/// Where bytes go that need not stay in memory. The pure stages do not know that it is a file.
pub trait Spill: std::fmt::Debug {
    /// Keeps a block; gives where it lies.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn put(&mut self, block: &[u8]) -> std::io::Result<u64>;

    /// Fills `bytes` with what lies at `at`.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, at: u64, bytes: &mut [u8]) -> std::io::Result<()>;
}

/// Bytes of many records of which all but the last block may be spilled; each is needed once or twice, in order.
#[derive(Debug, Default)]
pub struct Heap {
    block: Vec<u8>,
    start: u64,
    spill: Option<Box<dyn Spill>>,
    failed: Option<std::io::Error>,
}

/// Where a run of bytes lies in a [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    at: u64,
    length: u32,
}

impl Heap {
    const BLOCK: usize = 4 << 20;

    /// A heap that gives full blocks to `spill`.
    pub fn spilling_to(spill: Box<dyn Spill>) -> Self {
        Self { spill: Some(spill), ..Self::default() }
    }

    /// Keeps a copy of `bytes`.
    pub fn keep(&mut self, bytes: &[u8]) -> Spot {
        if let Some(spill) = self.spill.as_mut().filter(|_| self.block.len() + bytes.len() > Self::BLOCK) {
            self.failed = spill.put(&self.block).err().or(self.failed.take());
            self.start += self.block.len() as u64;
            self.block.clear();
        }
        let at = self.start + self.block.len() as u64;
        self.block.extend_from_slice(bytes);
        Spot { at, length: bytes.len() as u32 }
    }

    /// What was kept at `spot`; nothing where it cannot be read back, which [`Heap::check`] tells.
    pub fn at(&self, spot: Spot) -> Cow<'_, [u8]> {
        let length = spot.length as usize;
        if let Some(within) = spot.at.checked_sub(self.start) {
            let start = within as usize;
            return Cow::Borrowed(&self.block[start..start + length]);
        }
        let mut bytes = vec![0; length];
        let read = self.spill.as_ref().map(|spill| spill.get(spot.at, &mut bytes));
        Cow::Owned(if matches!(read, Some(Ok(()))) { bytes } else { Vec::new() })
    }

    /// Whether everything could be kept and the first byte can be read back.
    ///
    /// # Errors
    /// The first failure.
    pub fn check(&mut self) -> std::io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let spilled = self.spill.as_ref().filter(|_| self.start > 0);
        spilled.map_or(Ok(()), |spill| spill.get(0, &mut [0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_blank_and_long_values_come_back_as_they_went_in() {
        let long = "x".repeat(70_000);
        let mut packer = Packer::default();
        packer.push(Field::Id, "S1");
        packer.push(Field::LastName, "");
        packer.push(Field::Teacher, "T1");
        packer.push(Field::Teacher, &long);
        let record = Record(packer.bytes());
        assert_eq!(
            (record.get(Field::Id), record.get(Field::LastName), record.get(Field::Email)),
            (Some("S1"), Some(""), None)
        );
        assert_eq!(record.all(Field::Teacher).collect::<Vec<_>>(), ["T1", &long]);
    }
}
