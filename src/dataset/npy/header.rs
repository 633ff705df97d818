//! The header: a Python dictionary of three entries, written as text.

use std::io::Read;

use super::{Dtype, NpyError};

/// The longest header that is read, bytes. NumPy itself stops at 10,000.
const LONGEST: u32 = 1 << 16;

/// What an array holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type of its elements.
    pub dtype: Dtype,
    /// Whether the first axis moves fastest.
    pub fortran_order: bool,
    /// Its length along each axis; empty for a single value.
    pub shape: Vec<usize>,
    /// The byte of the file at which its data begins.
    pub data_start: u64,
}

impl Header {
    /// Reads a header; the reader then stands at the first byte of the data.
    ///
    /// # Errors
    /// [`NpyError`] where it is no header of an array of numbers or text.
    pub fn read(reader: &mut impl Read) -> Result<Header, NpyError> {
        let start = some(reader, 8)?;
        let Some((major, minor)) =
            start.strip_prefix(b"\x93NUMPY").and_then(|rest| Some((*rest.first()?, *rest.get(1)?)))
        else {
            return Err(NpyError::NotNpy);
        };
        let length_bytes = match (major, minor) {
            (1, 0) => 2,
            (2 | 3, 0) => 4,
            _ => return Err(NpyError::Version { major, minor }),
        };
        let length = some(reader, length_bytes)?;
        if length.len() as u64 != length_bytes {
            return Err(NpyError::Header { at: 0, expected: "its length" });
        }
        let length = length.iter().rev().fold(0, |length: u32, byte| length << 8 | u32::from(*byte));
        if length > LONGEST {
            return Err(NpyError::HeaderLength(length));
        }
        let text = some(reader, u64::from(length))?;
        if text.len() as u64 != u64::from(length) {
            return Err(NpyError::Header { at: text.len(), expected: "more of it: the file ends here" });
        }
        let (dtype, fortran_order, shape) = Dictionary { text: &text, at: 0 }.read()?;
        Ok(Header { dtype, fortran_order, shape, data_start: 8 + length_bytes + u64::from(length) })
    }

    /// Bytes of data by shape and type, in the whole file: it may be read piece by piece. `None` where there cannot be as
    /// many.
    pub fn data_bytes(&self) -> Option<u64> {
        let elements = self.shape.iter().try_fold(1_u64, |product, length| product.checked_mul(*length as u64))?;
        // Elements may take no bytes (empty text), and yet be too many.
        let countable = self.dtype.size() > 0 || elements <= isize::MAX as u64;
        elements.checked_mul(self.dtype.size() as u64).filter(|_| countable)
    }
}

/// At most `count` bytes.
fn some(reader: &mut impl Read, count: u64) -> Result<Vec<u8>, NpyError> {
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, the entries in any order.
struct Dictionary<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Dictionary<'a> {
    fn read(mut self) -> Result<(Dtype, bool, Vec<usize>), NpyError> {
        let (mut dtype, mut order, mut shape) = (None, None, None);
        self.require(b'{', "{")?;
        while !self.next_is(b'}') {
            let at = self.at;
            let key = self.string("the name of an entry, in quotes")?;
            self.require(b':', ":")?;
            match key {
                "descr" if dtype.is_none() => dtype = Some(self.dtype()?),
                "fortran_order" if order.is_none() => order = Some(self.boolean()?),
                "shape" if shape.is_none() => shape = Some(self.shape()?),
                _ => return Err(NpyError::Header { at, expected: "descr, fortran_order and shape, each once" }),
            }
            if !self.next_is(b',') {
                self.require(b'}', ", or }")?;
                break;
            }
        }
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.expected("its end"));
        }
        match (dtype, order, shape) {
            (Some(dtype), Some(order), Some(shape)) => Ok((dtype, order, shape)),
            _ => Err(self.expected("descr, fortran_order and shape")),
        }
    }

    fn dtype(&mut self) -> Result<Dtype, NpyError> {
        self.skip_space();
        if self.text.get(self.at) == Some(&b'[') {
            return Err(NpyError::Dtype("record".to_owned()));
        }
        Dtype::parse(self.string("a type, in quotes")?)
    }

    fn boolean(&mut self) -> Result<bool, NpyError> {
        self.skip_space();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.expected("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>, NpyError> {
        self.require(b'(', "(")?;
        let mut shape = Vec::new();
        while !self.next_is(b')') {
            shape.push(self.length()?);
            if !self.next_is(b',') {
                self.require(b')', ", or )")?;
                break;
            }
        }
        Ok(shape)
    }

    fn length(&mut self) -> Result<usize, NpyError> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let digits = &rest[..rest.iter().take_while(|digit| digit.is_ascii_digit()).count()];
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        let number = number.ok_or(self.expected("a length that is not negative and can be addressed"))?;
        self.at += digits.len();
        // Python 2 wrote long numbers as 3L.
        self.at += usize::from(self.text.get(self.at) == Some(&b'L'));
        Ok(number)
    }

    /// The text between two quotes of one kind. Nothing in a header needs an escape.
    fn string(&mut self, expected: &'static str) -> Result<&'a str, NpyError> {
        self.skip_space();
        let refused = self.expected(expected);
        let rest = &self.text[self.at..];
        let Some((quote @ (b'\'' | b'"'), rest)) = rest.split_first() else { return Err(refused) };
        let Some(length) = rest.iter().position(|letter| letter == quote) else { return Err(refused) };
        self.at += length + 2;
        std::str::from_utf8(&rest[..length]).map_err(|_| refused)
    }

    fn require(&mut self, letter: u8, expected: &'static str) -> Result<(), NpyError> {
        if self.next_is(letter) { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// Goes past `letter`, if that is what comes next.
    fn next_is(&mut self, letter: u8) -> bool {
        self.skip_space();
        let found = self.text.get(self.at) == Some(&letter);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|letter| letter.is_ascii_whitespace()).count();
    }

    fn expected(&self, expected: &'static str) -> NpyError {
        NpyError::Header { at: self.at, expected }
    }
}
