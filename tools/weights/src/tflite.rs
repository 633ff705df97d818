//! Reads the tensors of a TensorFlow Lite model: a FlatBuffer of its schema (`tensorflow/lite/schema/schema.fbs`, version
//! 3). Fields stand in their tables by number; every place is checked.

use std::collections::BTreeMap;

use half::f16;
use thiserror::Error;

use crate::tensor::Tensor;

/// Numbers of fields in the schema.
const MODEL_SUBGRAPHS: usize = 2;
const MODEL_BUFFERS: usize = 4;
const SUBGRAPH_TENSORS: usize = 0;
const TENSOR_SHAPE: usize = 0;
const TENSOR_TYPE: usize = 1;
const TENSOR_BUFFER: usize = 2;
const TENSOR_NAME: usize = 3;
const BUFFER_DATA: usize = 0;

/// `TensorType`'s numbers.
const FLOAT32: u8 = 0;
const FLOAT16: u8 = 1;

/// Why a model cannot be read.
#[derive(Debug, Error)]
pub enum TfliteError {
    #[error("the model is damaged at byte {0}")]
    Damaged(usize),
    #[error("its tensor {0} is missing, or holds no floating-point numbers")]
    Missing(String),
}

/// The constant tensors of floating-point numbers, by their names.
pub struct Constants(BTreeMap<String, Tensor>);

impl Constants {
    /// Reads those of the first subgraph.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn read(bytes: &[u8]) -> Result<Constants, TfliteError> {
        let file = File(bytes);
        let damaged = TfliteError::Damaged;
        let model = file.table(0)?;
        let graphs = model.field(MODEL_SUBGRAPHS)?.ok_or(damaged(0))?;
        let graph = file.vector(graphs)?.first().copied().ok_or(damaged(graphs))?;
        let tensors = file.table(graph)?.field(SUBGRAPH_TENSORS)?.ok_or(damaged(graph))?;
        let buffers = file.vector(model.field(MODEL_BUFFERS)?.ok_or(damaged(0))?)?;
        let mut constants = BTreeMap::new();
        for place in file.vector(tensors)? {
            let tensor = file.table(place)?;
            let buffer = tensor.field(TENSOR_BUFFER)?.map_or(Ok(0), |at| file.u32(at))? as usize;
            let buffer = *buffers.get(buffer).ok_or(damaged(place))?;
            // What is computed has an empty buffer.
            let Some(data) = file.table(buffer)?.field(BUFFER_DATA)? else { continue };
            let data = file.bytes(data)?;
            let kind = tensor.field(TENSOR_TYPE)?.map_or(Ok(FLOAT32), |at| file.u8(at))?;
            let values: Vec<f32> = match kind {
                FLOAT32 => data.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect(),
                FLOAT16 => data.as_chunks().0.iter().map(|two| f16::from_le_bytes(*two).to_f32()).collect(),
                _ => continue,
            };
            let shape = file.numbers(tensor.field(TENSOR_SHAPE)?.ok_or(damaged(place))?)?;
            if shape.iter().product::<usize>() != values.len() {
                return Err(damaged(place));
            }
            let name = file.bytes(tensor.field(TENSOR_NAME)?.ok_or(damaged(place))?)?;
            constants.insert(String::from_utf8_lossy(name).into_owned(), Tensor { shape, values });
        }
        Ok(Constants(constants))
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn tensor(&self, name: &str) -> Result<&Tensor, TfliteError> {
        self.0.get(name).ok_or_else(|| TfliteError::Missing(name.into()))
    }
}

/// A FlatBuffer's bytes, which refer to one another by offsets.
#[derive(Clone, Copy)]
struct File<'a>(&'a [u8]);

/// A table: where it begins, and where the places of its fields are told.
struct Table<'a> {
    file: File<'a>,
    at: usize,
    fields: usize,
    /// Bytes of the list of fields' places, its own head included.
    length: usize,
}

impl<'a> File<'a> {
    fn take<const N: usize>(self, at: usize) -> Result<[u8; N], TfliteError> {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk());
        bytes.copied().ok_or(TfliteError::Damaged(at))
    }

    fn u8(self, at: usize) -> Result<u8, TfliteError> {
        Ok(self.take::<1>(at)?[0])
    }

    fn u32(self, at: usize) -> Result<u32, TfliteError> {
        Ok(u32::from_le_bytes(self.take(at)?))
    }

    /// What the offset at this place leads to.
    fn follow(self, at: usize) -> Result<usize, TfliteError> {
        let to = at.checked_add(self.u32(at)? as usize);
        to.filter(|to| *to < self.0.len()).ok_or(TfliteError::Damaged(at))
    }

    /// The table that the offset at this place leads to.
    fn table(self, at: usize) -> Result<Table<'a>, TfliteError> {
        let at = self.follow(at)?;
        let back = i32::from_le_bytes(self.take(at)?);
        let fields = at.checked_add_signed(-(back as isize)).ok_or(TfliteError::Damaged(at))?;
        let length = usize::from(u16::from_le_bytes(self.take(fields)?));
        Ok(Table { file: self, at, fields, length })
    }

    /// Where the elements of a vector begin, and how many there are.
    fn elements(self, at: usize, size: usize) -> Result<(usize, usize), TfliteError> {
        let start = self.follow(at)?;
        let count = self.u32(start)? as usize;
        let fits = count.checked_mul(size).is_some_and(|bytes| bytes <= self.0.len() - start);
        if fits { Ok((start + 4, count)) } else { Err(TfliteError::Damaged(start)) }
    }

    /// The places of a vector's elements of four bytes.
    fn vector(self, at: usize) -> Result<Vec<usize>, TfliteError> {
        let (start, count) = self.elements(at, 4)?;
        Ok((0..count).map(|index| start + 4 * index).collect())
    }

    fn numbers(self, at: usize) -> Result<Vec<usize>, TfliteError> {
        self.vector(at)?.into_iter().map(|at| Ok(self.u32(at)? as usize)).collect()
    }

    fn bytes(self, at: usize) -> Result<&'a [u8], TfliteError> {
        let (start, count) = self.elements(at, 1)?;
        self.0.get(start..start + count).ok_or(TfliteError::Damaged(start))
    }
}

impl Table<'_> {
    /// Where a field stands; `None` where it is left out.
    fn field(&self, number: usize) -> Result<Option<usize>, TfliteError> {
        let place = 4 + 2 * number;
        if place + 2 > self.length {
            return Ok(None);
        }
        let offset = usize::from(u16::from_le_bytes(self.file.take(self.fields + place)?));
        Ok((offset != 0).then_some(self.at + offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of one subgraph with the tensor "w" of shape [2], and its buffer.
    fn model(kind: u8, data: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut put = |bytes: &[u8]| file.extend_from_slice(bytes);
        let word = |value: u32| value.to_le_bytes();
        put(&word(24)); // 0: to the model
        put(&[14, 0, 20, 0, 0, 0, 0, 0, 4, 0, 0, 0, 8, 0]); // 4: fields of the model: subgraphs at 4, buffers at 8
        put(&[0; 6]); // 18
        put(&20i32.to_le_bytes()); // 24: the model, its fields 20 before
        put(&word(8)); // 28: subgraphs, at 36
        put(&word(68)); // 32: buffers, at 100
        put(&word(1)); // 36
        put(&word(16)); // 40: the subgraph, at 56
        put(&[6, 0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 0]); // 44: fields of the subgraph: tensors at 4
        put(&12i32.to_le_bytes()); // 56
        put(&word(4)); // 60: tensors, at 64
        put(&word(1)); // 64
        put(&word(16)); // 68: the tensor, at 84
        put(&[12, 0, 16, 0, 4, 0, 15, 0, 0, 0, 8, 0]); // 72: fields of the tensor: shape, type, no buffer (0), name
        put(&12i32.to_le_bytes()); // 84
        put(&word(32)); // 88: shape, at 120
        put(&word(36)); // 92: name, at 128
        put(&[0, 0, 0, kind]); // 96
        put(&word(1)); // 100: buffers
        put(&word(12)); // 104: the buffer, at 116
        put(&[6, 0, 8, 0]); // 108: fields of the buffer: data at `offset`
        put(&[28, 0, 0, 0]); // 112
        put(&8i32.to_le_bytes()); // 116
        put(&word(1)); // 120: shape
        put(&word(2)); // 124
        put(&word(1)); // 128: name
        put(b"w\0\0\0"); // 132
        put(&[0; 8]); // 136
        put(&word(4)); // 144: to the data, at 148
        put(&word(data.len() as u32)); // 148
        put(data);
        file
    }

    #[test]
    fn a_constant_is_found_by_its_name() {
        let halves = [f16::from_f32(1.5), f16::from_f32(-2.0)].map(f16::to_le_bytes).concat();
        let constants = Constants::read(&model(FLOAT16, &halves)).unwrap();
        assert_eq!(constants.tensor("w").unwrap(), &Tensor::vector(vec![1.5, -2.0]));
        assert!(constants.tensor("v").is_err());
        let wide = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
        assert_eq!(Constants::read(&model(FLOAT32, &wide)).unwrap().tensor("w").unwrap().values, [1.5, -2.0]);
    }

    #[test]
    fn a_damaged_model_is_refused() {
        let whole = model(FLOAT16, &[0; 4]);
        assert!(matches!(Constants::read(&model(FLOAT16, &[0; 6])), Err(TfliteError::Damaged(_))), "three numbers");
        for end in 0..whole.len() {
            assert!(Constants::read(&whole[..end]).is_err(), "cut at {end}");
        }
        for place in 0..whole.len() {
            let mut bent = whole.clone();
            bent[place] = 0xff;
            let _ = Constants::read(&bent);
        }
    }
}
