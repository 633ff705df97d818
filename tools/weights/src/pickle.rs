//! Reads a pickle (protocol 3) of NumPy arrays in dictionaries, and nothing else: of all that a pickle may name or run,
//! only the three names that an array needs are known. Nothing is executed.

use std::collections::HashMap;

use thiserror::Error;

use crate::tensor::Tensor;

/// Why a pickle cannot be read.
#[derive(Debug, Error)]
pub enum PickleError {
    #[error("the pickle ends early, at byte {0}")]
    Short(usize),
    #[error("the pickle asks for \"{name}\" at byte {at}, which is not allowed")]
    Forbidden { name: String, at: usize },
    #[error("the pickle has an instruction {code:#04x} at byte {at}, which is not known here")]
    Instruction { code: u8, at: usize },
    #[error("the pickle makes no sense at byte {0}")]
    Sense(usize),
    #[error("the pickle has no array {0}")]
    Missing(String),
}

/// What stands on the stack.
#[derive(Clone, Debug)]
enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Tuple(Vec<Value<'a>>),
    Dict(Vec<(Value<'a>, Value<'a>)>),
    Name(Name),
    /// A type of numbers: 32 bits, little-endian once it is built.
    Floats,
    /// An array, once it is built.
    Array(Option<Tensor>),
}

/// What a pickle may name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Name {
    Reconstruct,
    Array,
    Type,
}

/// What was read: dictionaries in dictionaries, and arrays.
#[derive(Debug)]
pub struct Pickled<'a>(Value<'a>);

impl Pickled<'_> {
    /// The array under these keys.
    ///
    /// # Errors
    /// Where there is none.
    pub fn get(&self, path: &[&str]) -> Result<&Tensor, PickleError> {
        let value = path.iter().try_fold(&self.0, |value, key| match value {
            Value::Dict(entries) => {
                entries.iter().find(|(name, _)| matches!(name, Value::Text(text) if text == key)).map(|entry| &entry.1)
            }
            _ => None,
        });
        match value {
            Some(Value::Array(Some(tensor))) => Ok(tensor),
            _ => Err(PickleError::Missing(path.join("."))),
        }
    }
}

/// Reads a pickle.
///
/// # Errors
/// [`PickleError`], with the place.
pub fn arrays(bytes: &[u8]) -> Result<Pickled<'_>, PickleError> {
    let mut machine = Machine { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
    loop {
        if let Some(value) = machine.step()? {
            return Ok(Pickled(value));
        }
    }
}

/// Python's pickle machine, as far as it is needed.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value<'a>>,
    /// How high the stack was at every mark.
    marks: Vec<usize>,
    memo: HashMap<u8, Value<'a>>,
}

impl<'a> Machine<'a> {
    /// Carries out one instruction; gives the value where it was the last.
    fn step(&mut self) -> Result<Option<Value<'a>>, PickleError> {
        let at = self.at;
        let code = self.byte()?;
        match code {
            b'.' => return self.pop().map(Some),
            0x80 if self.byte()? == 3 => {}
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'K' => {
                let value = self.byte()?;
                self.stack.push(Value::Int(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.stack.push(Value::Int(value.into()));
            }
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.stack.push(Value::Int(value.into()));
            }
            b'X' => {
                let length = self.length()?;
                let text = std::str::from_utf8(self.take(length)?).map_err(|_| PickleError::Sense(at))?;
                self.stack.push(Value::Text(text));
            }
            b'B' | b'C' => {
                let length = if code == b'C' { self.byte()?.into() } else { self.length()? };
                let bytes = self.take(length)?;
                self.stack.push(Value::Bytes(bytes));
            }
            b'}' => self.stack.push(Value::Dict(Vec::new())),
            b't' => {
                let items = self.since_mark()?;
                self.stack.push(Value::Tuple(items));
            }
            0x85..=0x87 => {
                let from = self.stack.len().checked_sub((code - 0x84).into()).ok_or(PickleError::Sense(at))?;
                let items = self.stack.split_off(from);
                self.stack.push(Value::Tuple(items));
            }
            b'q' => {
                let place = self.byte()?;
                let top = self.stack.last().cloned().ok_or(PickleError::Sense(at))?;
                self.memo.insert(place, top);
            }
            b'h' => {
                let place = self.byte()?;
                let value = self.memo.get(&place).cloned().ok_or(PickleError::Sense(at))?;
                self.stack.push(value);
            }
            b's' | b'u' => {
                let items = match code {
                    b's' => self.stack.split_off(self.stack.len().checked_sub(2).ok_or(PickleError::Sense(at))?),
                    _ => self.since_mark()?,
                };
                let Some(Value::Dict(entries)) = self.stack.last_mut() else { return Err(PickleError::Sense(at)) };
                let mut items = items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    entries.push((key, value));
                }
            }
            b'c' => {
                let name = self.name(at)?;
                self.stack.push(Value::Name(name));
            }
            b'R' => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.stack.push(called(function, arguments).ok_or(PickleError::Sense(at))?);
            }
            b'b' => {
                let (state, object) = (self.pop()?, self.pop()?);
                self.stack.push(built(object, state).ok_or(PickleError::Sense(at))?);
            }
            code => return Err(PickleError::Instruction { code, at }),
        }
        Ok(None)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], PickleError> {
        let bytes = self.bytes.get(self.at..).and_then(|rest| rest.get(..length));
        let bytes = bytes.ok_or(PickleError::Short(self.bytes.len()))?;
        self.at += length;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| PickleError::Short(self.at))
    }

    fn length(&mut self) -> Result<usize, PickleError> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn pop(&mut self) -> Result<Value<'a>, PickleError> {
        self.stack.pop().ok_or(PickleError::Sense(self.at))
    }

    fn since_mark(&mut self) -> Result<Vec<Value<'a>>, PickleError> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or(PickleError::Sense(self.at))?;
        Ok(self.stack.split_off(mark))
    }

    /// A module and a name, a line each.
    fn name(&mut self, at: usize) -> Result<Name, PickleError> {
        let mut line = || {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|byte| *byte == b'\n').ok_or(PickleError::Short(self.bytes.len()))?;
            let line = String::from_utf8_lossy(&rest[..length]).into_owned();
            self.at += length + 1;
            Ok(line)
        };
        let (module, name) = (line()?, line()?);
        match (module.as_str(), name.as_str()) {
            ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => Ok(Name::Reconstruct),
            ("numpy", "ndarray") => Ok(Name::Array),
            ("numpy", "dtype") => Ok(Name::Type),
            _ => Err(PickleError::Forbidden { name: format!("{module}.{name}"), at }),
        }
    }
}

/// What a call of one of the names gives: an array or a type, not yet built.
fn called<'a>(function: Value<'a>, arguments: Value<'a>) -> Option<Value<'a>> {
    let Value::Tuple(arguments) = arguments else { return None };
    match (function, &arguments[..]) {
        (Value::Name(Name::Reconstruct), [Value::Name(Name::Array), ..]) => Some(Value::Array(None)),
        (Value::Name(Name::Type), [Value::Text("f4"), ..]) => Some(Value::Floats),
        _ => None,
    }
}

/// Fills an array, or a type, with its state.
fn built<'a>(object: Value<'a>, state: Value<'a>) -> Option<Value<'a>> {
    let Value::Tuple(state) = state else { return None };
    match (object, &state[..]) {
        // Version, byte order.
        (Value::Floats, [Value::Int(3), Value::Text("<"), ..]) => Some(Value::Floats),
        // Version, shape, type, whether the first dimension runs fastest, the numbers.
        (
            Value::Array(None),
            [Value::Int(1), Value::Tuple(shape), Value::Floats, Value::Bool(false), Value::Bytes(bytes)],
        ) => {
            let length = |value: &Value| if let Value::Int(n) = value { usize::try_from(*n).ok() } else { None };
            let shape: Vec<usize> = shape.iter().map(length).collect::<Option<_>>()?;
            let count = shape.iter().try_fold(1usize, |count, length| count.checked_mul(*length))?;
            let (numbers, rest) = bytes.as_chunks();
            let values: Vec<f32> = numbers.iter().map(|four| f32::from_le_bytes(*four)).collect();
            (rest.is_empty() && values.len() == count).then_some(Value::Array(Some(Tensor { shape, values })))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pickle.dumps({"a": {"b": np.array([[1, -2.5]], "f4")}}, 3)` with NumPy 2.4.6, its `numpy._core` as before NumPy 2.
    const PICKLE: &[u8] = b"\x80\x03}q\x00X\x01\x00\x00\x00aq\x01}q\x02X\x01\x00\x00\x00bq\x03cnumpy.core.multiarray\n\
        _reconstruct\nq\x04cnumpy\nndarray\nq\x05K\x00\x85q\x06C\x01bq\x07\x87q\x08Rq\t(K\x01K\x01K\x02\x86q\ncnumpy\n\
        dtype\nq\x0bX\x02\x00\x00\x00f4q\x0c\x89\x88\x87q\rRq\x0e(K\x03X\x01\x00\x00\x00<q\x0fNNNJ\xff\xff\xff\xffJ\xff\
        \xff\xff\xffK\x00tq\x10b\x89C\x08\x00\x00\x80?\x00\x00 \xc0q\x11tq\x12bss.";

    fn changed(from: &[u8], to: &[u8]) -> PickleError {
        let at = PICKLE.windows(from.len()).position(|window| window == from).unwrap();
        arrays(&[&PICKLE[..at], to, &PICKLE[at + from.len()..]].concat()).map(|_| ()).unwrap_err()
    }

    #[test]
    fn an_array_in_a_dictionary_in_a_dictionary() {
        let pickled = arrays(PICKLE).unwrap();
        assert_eq!(*pickled.get(&["a", "b"]).unwrap(), Tensor { shape: vec![1, 2], values: vec![1.0, -2.5] });
        assert_eq!(pickled.get(&["a", "c"]).unwrap_err().to_string(), "the pickle has no array a.c");
        assert!(pickled.get(&["a"]).is_err());
    }

    #[test]
    fn nothing_else_is_named_or_called() {
        let error = changed(b"cnumpy\ndtype\n", b"cos\nsystem\n");
        assert!(matches!(&error, PickleError::Forbidden { name, .. } if name == "os.system"), "{error}");
        // A type called like a function, numbers of another type, another byte order, more numbers than places.
        assert!(matches!(changed(b"cnumpy\ndtype\n", b"cnumpy\nndarray\n"), PickleError::Sense(_)));
        assert!(matches!(changed(b"f4", b"O8"), PickleError::Sense(_)));
        assert!(matches!(changed(b"<", b">"), PickleError::Sense(_)));
        assert!(matches!(changed(b"K\x01K\x02\x86", b"K\x01K\x01\x86"), PickleError::Sense(_)));
        assert!(matches!(changed(b"\x80\x03", b"\x80\x04"), PickleError::Instruction { code: 0x80, at: 0 }));
    }

    #[test]
    fn cut_short_anywhere_or_damaged_it_never_panics() {
        for end in 0..PICKLE.len() {
            assert!(arrays(&PICKLE[..end]).is_err(), "{end}");
        }
        for at in 0..PICKLE.len() {
            for byte in 0..=255 {
                let mut pickle = PICKLE.to_vec();
                pickle[at] = byte;
                let _ = arrays(&pickle);
            }
        }
    }
}
