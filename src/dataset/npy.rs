//! Arrays as NumPy saves them (`numpy.save`): format versions 1 to 3, read by the description in NumPy's own manual
//! (`numpy.lib.format`). Nothing is executed: an array of Python objects is refused.

mod dtype;
mod header;

use std::io::{self, Read};

use thiserror::Error;

pub use dtype::{Dtype, Kind};
pub use header::Header;

/// Why a file is no array that can be used. Reads on after the name of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NpyError {
    /// The first bytes are not `\x93NUMPY`.
    #[error("is no NumPy array; save it with numpy.save")]
    NotNpy,
    /// A format that came after version 3.
    #[error("is of version {major}.{minor} of NumPy's format, and only 1.0, 2.0 and 3.0 are known; save it again")]
    Version {
        /// The first number of the version.
        major: u8,
        /// The second.
        minor: u8,
    },
    /// The header claims to be longer than any array's is.
    #[error("is damaged: its header claims {0} bytes")]
    HeaderLength(u32),
    /// The header is not the Python dictionary it should be.
    #[error("is damaged: at byte {at} of its header, expected {expected}")]
    Header {
        /// Byte of the header's text, from 0.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// An array of Python objects, which only Python can read (and runs code to do so).
    #[error("holds Python objects; save it as numbers or as text: numpy.save(file, array.astype(str))")]
    Object,
    /// Complex numbers, dates, records.
    #[error("holds values of type {0}, which are neither numbers nor text; save it as one of them")]
    Dtype(String),
    /// The shape claims more than can be addressed, or more than is read of such a file.
    #[error("is damaged or too large: its shape {shape:?} is more than {limit} bytes")]
    TooLarge {
        /// The shape in the header.
        shape: Vec<usize>,
        /// The most bytes that are read.
        limit: u64,
    },
    /// There are fewer values than the shape says.
    #[error("is cut short: its shape needs {expected} bytes and {found} are there; copy it again")]
    Truncated {
        /// Bytes of data by the shape.
        expected: usize,
        /// Bytes of data that there are.
        found: usize,
    },
    /// There is more than the shape says.
    #[error("is damaged: more bytes follow after the {expected} that its shape needs; save it again")]
    Trailing {
        /// Bytes of data by the shape.
        expected: usize,
    },
    /// Its bytes cannot be read.
    #[error("cannot be read ({0}); replace it, or leave it out")]
    Io(String),
}

impl From<io::Error> for NpyError {
    fn from(error: io::Error) -> Self {
        NpyError::Io(error.to_string())
    }
}

/// An array in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// What it holds.
    pub header: Header,
    /// Its bytes, as they stand in the file.
    data: Vec<u8>,
}

/// The values of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers of any type; truth values are 0 and 1. Integers beyond 2^53 are rounded.
    Numbers(Vec<f64>),
    /// Texts, without the padding at their ends.
    Text(Vec<String>),
}

impl Array {
    /// Reads a whole file of at most `limit` bytes of data. Memory is set aside for bytes that are there, never for bytes
    /// that the header merely claims.
    ///
    /// # Errors
    /// [`NpyError`] where it is no array, holds neither numbers nor text, or has more or fewer bytes than its shape needs.
    pub fn read(mut reader: impl Read, limit: u64) -> Result<Array, NpyError> {
        let header = Header::read(&mut reader)?;
        let too_large = || NpyError::TooLarge { shape: header.shape.clone(), limit };
        let expected = header.data_bytes().filter(|bytes| *bytes <= limit).ok_or_else(too_large)?;
        let expected = usize::try_from(expected).map_err(|_| too_large())?;
        let mut data = Vec::new();
        (&mut reader).take(expected as u64).read_to_end(&mut data)?;
        if data.len() < expected {
            return Err(NpyError::Truncated { expected, found: data.len() });
        }
        // Read to the end: only there an archive notices a checksum that does not match.
        if reader.take(1).read_to_end(&mut Vec::new())? > 0 {
            return Err(NpyError::Trailing { expected });
        }
        Ok(Array { header, data })
    }

    /// Its values in C order: the last axis moves fastest.
    pub fn values(&self) -> Values {
        let Header { dtype, fortran_order, ref shape, .. } = self.header;
        let size = dtype.size();
        let places: Box<dyn Iterator<Item = usize> + '_> =
            if fortran_order { Box::new(c_order(shape)) } else { Box::new(0..self.data.len() / size) };
        let elements = places.map(|place| &self.data[place * size..(place + 1) * size]);
        match dtype.kind {
            Kind::Text | Kind::Bytes => Values::Text(elements.map(|bytes| dtype.text(bytes)).collect()),
            _ => Values::Numbers(elements.map(|bytes| dtype.number(bytes)).collect()),
        }
    }
}

/// Where the elements of an array in Fortran order stand, in C order.
fn c_order(shape: &[usize]) -> impl Iterator<Item = usize> + '_ {
    let count: usize = shape.iter().product();
    let mut index = vec![0; shape.len()];
    (0..count).map(move |_| {
        let place = shape.iter().zip(&index).rev().fold(0, |place, (length, index)| place * length + index);
        for (index, length) in index.iter_mut().zip(shape).rev() {
            *index += 1;
            if *index < *length {
                break;
            }
            *index = 0;
        }
        place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fortran_order_is_turned() {
        // [[0, 1, 2], [3, 4, 5]] is stored as 0 3 1 4 2 5.
        assert_eq!(c_order(&[2, 3]).collect::<Vec<_>>(), [0, 2, 4, 1, 3, 5]);
        assert_eq!(c_order(&[]).collect::<Vec<_>>(), [0]);
        assert_eq!(c_order(&[2, 0]).count(), 0);
    }
}
