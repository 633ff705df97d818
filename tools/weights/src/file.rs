//! Writes safetensors files: kernels in 16 bits, everything else in 32, and always in the same order.

use std::collections::BTreeMap;

use half::f16;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::tensor::Tensor;

/// What the page's build of Mien looks for in a file of backbone weights.
const FORMAT: &str = "mien-backbone/1";

/// The weights of a backbone, and where they come from.
#[derive(Default)]
pub struct WeightFile {
    /// Tensors by their names.
    pub tensors: BTreeMap<String, Tensor>,
    /// The metadata: texts only.
    pub metadata: BTreeMap<&'static str, String>,
}

/// Where weights come from, and what they are of.
pub struct Origin {
    /// The architecture's name in Mien's catalogue.
    pub architecture: &'static str,
    /// Its variant.
    pub variant: &'static str,
    /// The package they were published in.
    pub origin: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// What is taken from samples of 0..255 after `scale`, red first; and what they are then divided by.
    pub preprocessing: (f32, [f32; 3], [f32; 3]),
}

impl WeightFile {
    /// A file without tensors.
    pub fn new(origin: &Origin) -> WeightFile {
        let (scale, mean, std) = origin.preprocessing;
        // Mien's `Preprocessing`, at the size the weights were trained at.
        let preprocessing =
            json!({ "size": 224, "crop": "centre", "filter": "bilinear", "scale": scale, "mean": mean, "std": std });
        let metadata = [
            ("format", FORMAT.to_string()),
            ("architecture", origin.architecture.to_string()),
            ("variant", origin.variant.to_string()),
            ("origin", origin.origin.to_string()),
            ("licence", origin.licence.to_string()),
            ("preprocessing", preprocessing.to_string()),
        ];
        WeightFile { tensors: BTreeMap::new(), metadata: metadata.into() }
    }

    /// Adds a tensor.
    pub fn put(&mut self, name: impl Into<String>, tensor: Tensor) {
        self.tensors.insert(name.into(), tensor);
    }

    /// The bytes of the file: the header's length, the header, the tensors one after the other. Numbers of 32 bits come
    /// first, so that each stands at a multiple of its size.
    pub fn bytes(&self) -> Vec<u8> {
        let mut header = Map::new();
        header.insert("__metadata__".into(), json!(self.metadata));
        let mut data = Vec::new();
        let (wide, narrow): (Vec<_>, Vec<_>) = self.tensors.iter().partition(|(_, tensor)| tensor.shape.len() < 2);
        for (name, tensor) in wide.into_iter().chain(narrow) {
            let begin = data.len();
            let dtype = if tensor.shape.len() < 2 {
                data.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
                "F32"
            } else {
                data.extend(tensor.values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()));
                "F16"
            };
            let offsets = [begin, data.len()];
            header.insert(name.clone(), json!({ "dtype": dtype, "shape": tensor.shape, "data_offsets": offsets }));
        }
        let mut header = Value::Object(header).to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
    }
}

/// SHA-256, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::{Dtype, SafeTensors};

    #[test]
    fn another_reader_finds_what_was_written() {
        let origin = Origin {
            architecture: "a",
            variant: "b",
            origin: "c",
            licence: "d",
            preprocessing: (1.0, [0.5; 3], [2.0; 3]),
        };
        let mut file = WeightFile::new(&origin);
        file.put("kernel", Tensor { shape: vec![2, 1], values: vec![0.1, -3.0] });
        file.put("bias", Tensor::vector(vec![0.1]));
        file.put("variance", Tensor::vector(vec![0.999, 2.0]));
        let bytes = file.bytes();
        assert_eq!(bytes, file.bytes());
        let read = SafeTensors::deserialize(&bytes).unwrap();
        let tensor = |name| {
            let view = read.tensor(name).unwrap();
            (view.dtype(), view.shape().to_vec(), view.data().to_vec())
        };
        let halves = [f16::from_f32(0.1), f16::from_f32(-3.0)].map(f16::to_le_bytes).concat();
        assert_eq!(tensor("kernel"), (Dtype::F16, vec![2, 1], halves));
        assert_eq!(tensor("bias"), (Dtype::F32, vec![1], 0.1f32.to_le_bytes().to_vec()));
        assert_eq!(tensor("variance"), (Dtype::F32, vec![2], [0.999f32, 2.0].map(f32::to_le_bytes).concat()));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(metadata.metadata().as_ref().unwrap()["variant"], "b");
    }
}
