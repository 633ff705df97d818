//! The types of an array's elements.

use half::f16;

use super::NpyError;

/// What kind of element it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One byte, zero or not.
    Bool,
    /// Two's complement.
    Signed,
    /// Not negative.
    Unsigned,
    /// IEEE 754: 2, 4 or 8 bytes.
    Float,
    /// Letters of 4 bytes each, padded with zeros.
    Text,
    /// Bytes, padded with zeros.
    Bytes,
}

/// The type of an array's elements: `<f4`, `|u1`, `>i8`, `<U12`, `|S5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dtype {
    /// What it is.
    pub kind: Kind,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    size: usize,
}

impl Dtype {
    /// Reads a type as the header writes it.
    pub fn parse(descr: &str) -> Result<Dtype, NpyError> {
        let refused = || NpyError::Dtype(descr.to_owned());
        let mut letters = descr.chars();
        let order = letters.next().ok_or_else(refused)?;
        let letter = letters.next().ok_or_else(refused)?;
        if letter == 'O' {
            return Err(NpyError::Object);
        }
        let digits = letters.as_str();
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        // An element of no bytes could be there any number of times.
        let number: usize = digits.parse().ok().filter(|number| plain && *number > 0).ok_or_else(refused)?;
        let (kind, size) = match (letter, number) {
            ('b', 1) => (Kind::Bool, 1),
            ('i', 1 | 2 | 4 | 8) => (Kind::Signed, number),
            ('u', 1 | 2 | 4 | 8) => (Kind::Unsigned, number),
            ('f', 2 | 4 | 8) => (Kind::Float, number),
            ('U', _) => (Kind::Text, number.checked_mul(4).ok_or_else(refused)?),
            ('S', _) => (Kind::Bytes, number),
            _ => return Err(refused()),
        };
        let big_endian = match order {
            '<' => false,
            '>' => true,
            // Without an order: for elements that are one byte, or bytes.
            '|' if size == 1 || kind == Kind::Bytes => false,
            _ => return Err(refused()),
        };
        Ok(Dtype { kind, big_endian, size })
    }

    /// Bytes of an element, at least one.
    pub fn size(self) -> usize {
        self.size
    }

    /// An element as a number; NaN for text.
    pub fn number(self, element: &[u8]) -> f64 {
        let mut bytes = [0; 8];
        for (place, byte) in element.iter().take(8).enumerate() {
            bytes[if self.big_endian { self.size.min(8) - 1 - place } else { place }] = *byte;
        }
        let bits = u64::from_le_bytes(bytes);
        match (self.kind, self.size) {
            (Kind::Bool, _) => f64::from(u8::from(bits != 0)),
            (Kind::Unsigned, _) => bits as f64,
            (Kind::Signed, 1) => f64::from(bits as u8 as i8),
            (Kind::Signed, 2) => f64::from(bits as u16 as i16),
            (Kind::Signed, 4) => f64::from(bits as u32 as i32),
            (Kind::Signed, _) => bits as i64 as f64,
            (Kind::Float, 2) => f16::from_bits(bits as u16).to_f64(),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
            (Kind::Text | Kind::Bytes, _) => f64::NAN,
        }
    }

    /// An element as text, without the zeros at its end. What is no letter is replaced.
    pub fn text(self, element: &[u8]) -> String {
        let text = if self.kind == Kind::Text {
            let letter = |bytes: &[u8]| {
                let code = bytes.iter().rev().fold(0, |code: u32, byte| code << 8 | u32::from(*byte));
                char::from_u32(if self.big_endian { code.swap_bytes() } else { code })
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
            };
            element.chunks_exact(4).map(letter).collect()
        } else {
            String::from_utf8_lossy(element).into_owned()
        };
        text.trim_end_matches('\0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_or_named() {
        let float = Dtype::parse(">f4").unwrap();
        assert_eq!((float.kind, float.big_endian, float.size()), (Kind::Float, true, 4));
        assert_eq!(float.number(&[0x3f, 0x80, 0, 0]), 1.0);
        assert_eq!(Dtype::parse("<U7").unwrap().size(), 28);
        assert_eq!(Dtype::parse("|S3").unwrap().text(b"ab\0"), "ab");
        assert_eq!(Dtype::parse("|O"), Err(NpyError::Object));
        for strange in [
            "",
            "<",
            "f4",
            "<f3",
            "<c8",
            "<M8[ns]",
            "|V4",
            "<f",
            "|f4",
            "<U-1",
            "<U0",
            "|S0",
            "<U+1",
            "<U99999999999999999999",
            "é4",
        ] {
            assert_eq!(Dtype::parse(strange), Err(NpyError::Dtype(strange.to_owned())), "{strange}");
        }
    }
}
