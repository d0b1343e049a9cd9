//! Records: the field values of a row or of a person, packed into bytes.
//!
//! A million students are held at once while a plan is made, so a record is one run of bytes instead of forty strings.
//! Layout: for each value its field, its length and its bytes, in the order of `Field`; a repeated field (teachers,
//! contacts) stands repeatedly. A field that is not there was absent or dropped; one with length 0 was blank.

use std::borrow::Cow;
use std::cell::RefCell;
use std::num::NonZeroU64;

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
    /// Keeps a block at `at`, in place of what lay there.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn put(&mut self, at: u64, block: &[u8]) -> std::io::Result<()>;

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
    /// What was read back last, and where it lies: the next record mostly stands in it.
    window: RefCell<(u64, Vec<u8>)>,
}

/// Where a run of bytes lies in a [`Heap`]: its place plus one, so that none takes no more room. The length stands there, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot(NonZeroU64);

impl Heap {
    const BLOCK: usize = 4 << 20;
    const WINDOW: usize = 64 << 10;
    const LENGTH: usize = size_of::<u32>();

    /// A heap that gives full blocks to `spill`.
    pub fn spilling_to(spill: Box<dyn Spill>) -> Self {
        Self { spill: Some(spill), ..Self::default() }
    }

    /// Keeps a copy of `bytes`.
    pub fn keep(&mut self, bytes: &[u8]) -> Spot {
        if let Some(spill) = self.spill.as_mut().filter(|_| self.block.len() + bytes.len() > Self::BLOCK) {
            self.failed = spill.put(self.start, &self.block).err().or(self.failed.take());
            self.start += self.block.len() as u64;
            self.block.clear();
        }
        let at = self.start + self.block.len() as u64;
        self.block.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.block.extend_from_slice(bytes);
        Spot(NonZeroU64::MIN.saturating_add(at))
    }

    /// What was kept at `spot`; nothing where it cannot be read back, which [`Heap::check`] tells.
    pub fn at(&self, spot: Spot) -> Cow<'_, [u8]> {
        let at = spot.0.get() - 1;
        if let Some(within) = at.checked_sub(self.start) {
            let (length, rest) = self.block[within as usize..].split_at(Self::LENGTH);
            return Cow::Borrowed(&rest[..length_of(length)]);
        }
        let length = self.read_back(at, Self::LENGTH).map_or(0, |bytes| length_of(&bytes));
        Cow::Owned(self.read_back(at + Self::LENGTH as u64, length).unwrap_or_default())
    }

    /// Bytes that were spilled, out of the window or with a new one.
    fn read_back(&self, at: u64, length: usize) -> Option<Vec<u8>> {
        let mut window = self.window.borrow_mut();
        let inside = |window: &(u64, Vec<u8>)| {
            let from = usize::try_from(at.checked_sub(window.0)?).ok()?;
            window.1.get(from..from + length).map(<[u8]>::to_vec)
        };
        if let Some(bytes) = inside(&window) {
            return Some(bytes);
        }
        let left = usize::try_from(self.start - at).unwrap_or(usize::MAX);
        window.1.resize(left.min(length.max(Self::WINDOW)), 0);
        window.0 = at;
        let read = self.spill.as_ref().map(|spill| spill.get(at, &mut window.1));
        if matches!(read, Some(Ok(()))) {
            return inside(&window);
        }
        window.1.clear();
        None
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

fn length_of(bytes: &[u8]) -> usize {
    bytes.try_into().map_or(0, u32::from_le_bytes) as usize
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

    /// A spill in memory.
    #[derive(Debug, Default)]
    struct Shelf(Vec<u8>);

    impl Spill for Shelf {
        fn put(&mut self, at: u64, block: &[u8]) -> std::io::Result<()> {
            assert_eq!(at, self.0.len() as u64, "blocks come in order");
            self.0.extend_from_slice(block);
            Ok(())
        }

        fn get(&self, at: u64, bytes: &mut [u8]) -> std::io::Result<()> {
            let found = self.0.get(at as usize..at as usize + bytes.len()).ok_or(std::io::ErrorKind::UnexpectedEof)?;
            bytes.copy_from_slice(found);
            Ok(())
        }
    }

    #[test]
    fn what_was_spilled_comes_back_in_any_order() {
        let mut heap = Heap::spilling_to(Box::<Shelf>::default());
        let value = |number: usize| vec![number as u8; number * 37 % 90_000];
        let spots: Vec<Spot> = (0..400).map(|number| heap.keep(&value(number))).collect();
        heap.check().expect("a shelf in memory keeps everything");
        for number in (0..400).chain((0..400).rev()) {
            assert_eq!(*heap.at(spots[number]), value(number), "value {number}");
        }
    }
}
