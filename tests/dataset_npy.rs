//! NumPy's arrays, against NumPy (`golden/make_npy.py`), and against whatever else may stand in such a file.
#![cfg(feature = "engine")]

use std::io::{Cursor, Read};
use std::path::Path;

use mien::dataset::npy::{Array, NpyError, Values};
use proptest::prelude::*;
use serde_json::Value;

const LIMIT: u64 = 1 << 20;

fn golden() -> Vec<(String, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/npy/arrays.zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut entry = |index| {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().trim_end_matches(".npy").to_owned(), bytes)
    };
    (0..33).map(&mut entry).collect()
}

fn read(bytes: &[u8]) -> Result<Array, NpyError> {
    Array::read(Cursor::new(bytes), LIMIT)
}

#[test]
fn every_array_is_read_as_numpy_reads_it() {
    let text = include_str!("golden/npy/values.json");
    let expected: Value = serde_json::from_str(text).unwrap();
    let arrays = golden();
    assert_eq!(arrays.len(), expected.as_object().unwrap().len());
    for (name, bytes) in arrays {
        let array = read(&bytes).unwrap_or_else(|error| panic!("{name} {error}"));
        let expected = &expected[&name];
        assert_eq!(serde_json::json!(array.header.shape), expected["shape"], "{name}");
        assert_eq!(serde_json::json!(array.header.fortran_order), expected["fortran"], "{name}");
        let texts: Vec<&str> = expected["values"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
        match array.values() {
            Values::Text(found) => assert_eq!(found, texts, "{name}"),
            Values::Numbers(found) => {
                let numbers: Vec<f64> = texts.iter().map(|text| text.parse().unwrap()).collect();
                assert_eq!(found, numbers, "{name}");
            }
        }
    }
}

/// A file with this header text.
fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn header(descr: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")
}

fn refusal(bytes: &[u8]) -> NpyError {
    read(bytes).unwrap_err()
}

#[test]
fn a_header_of_four_billion_bytes_in_twelve() {
    assert_eq!(refusal(b"\x93NUMPY\x02\0\xF0\xFF\xFF\xFF"), NpyError::HeaderLength(0xFFFF_FFF0));
    assert_eq!(
        refusal(b"\x93NUMPY\x01\0\xF0\xFF{"),
        NpyError::Header { at: 1, expected: "more of it: the file ends here" }
    );
}

#[test]
fn shapes_that_cannot_be() {
    let negative = refusal(&file(1, &header("<f4", "(-1, 3)"), &[]));
    assert!(matches!(negative, NpyError::Header { .. }), "{negative}");
    for shape in ["(4294967296, 4294967296, 2)", "(1048576,)", "(9223372036854775807,)", "(65536, 65536)"] {
        let error = refusal(&file(1, &header("<f4", shape), &[0; 16]));
        assert!(matches!(error, NpyError::TooLarge { .. }), "{shape}: {error}");
    }
    let error = refusal(&file(1, &header("<f4", "(99999999999999999999999,)"), &[]));
    assert!(matches!(error, NpyError::Header { .. }), "{error}");
    let nothing = read(&file(1, &header("<f4", "(18446744073709551615, 0)"), &[]));
    assert!(nothing.is_ok() || usize::BITS < 64, "no element: {nothing:?}");
    let error = refusal(&file(1, &header("<U0", "(1000000000,)"), &[]));
    assert_eq!(error, NpyError::Dtype("<U0".to_owned()), "any number of texts takes no bytes");
}

#[test]
fn values_that_are_neither_numbers_nor_text() {
    assert_eq!(refusal(&file(1, &header("|O", "(3,)"), b"\x80\x04")), NpyError::Object);
    assert_eq!(refusal(&file(1, &header("<c8", "(3,)"), &[])), NpyError::Dtype("<c8".to_owned()));
    let record = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }\n";
    assert_eq!(refusal(&file(1, record, &[0; 4])), NpyError::Dtype("record".to_owned()));
}

#[test]
fn too_little_and_too_much() {
    assert_eq!(refusal(&file(1, &header("<f4", "(2, 3)"), &[0; 20])), NpyError::Truncated { expected: 24, found: 20 });
    assert_eq!(refusal(&file(1, &header("<f4", "(2, 3)"), &[0; 25])), NpyError::Trailing { expected: 24 });
    assert_eq!(refusal(b""), NpyError::NotNpy);
    assert_eq!(refusal(b"\x93NUMPY"), NpyError::NotNpy);
    assert_eq!(refusal(b"PK\x03\x04 and more"), NpyError::NotNpy);
}

#[test]
fn versions_to_come() {
    assert_eq!(refusal(&file(4, &header("<f4", "(1,)"), &[0; 4])), NpyError::Version { major: 4, minor: 0 });
    assert_eq!(refusal(b"\x93NUMPY\x01\x01\0\0"), NpyError::Version { major: 1, minor: 1 });
}

#[test]
fn headers_may_be_written_in_other_ways() {
    let other = "  {\"shape\": (2L,),'fortran_order':True ,\n'descr':\"|u1\"}  ";
    assert_eq!(read(&file(3, other, &[7, 8])).unwrap().values(), Values::Numbers(vec![7.0, 8.0]));
    for damaged in [
        "",
        "{}",
        "{'descr': '<f4'}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, , 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': ()} + x",
        "{'descr': '<f4, 'fortran_order': False, 'shape': ()}",
    ] {
        let error = refusal(&file(1, damaged, &[0; 4]));
        assert!(matches!(error, NpyError::Header { .. } | NpyError::Dtype(_)), "{damaged}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_are_an_array_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0..5_u8) {
        let _ = read(&bytes);
        let _ = read(&[&b"\x93NUMPY"[..], &[version, 0], &bytes].concat());
        let _ = read(&file(version.max(1), &String::from_utf8_lossy(&bytes), &[]));
    }

    /// A real array with some bytes changed, and its end cut off.
    #[test]
    fn a_damaged_array_has_as_many_values_as_it_says(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kept in prop::option::of(any::<prop::sample::Index>()),
    ) {
        thread_local!(static ARRAYS: Vec<(String, Vec<u8>)> = golden());
        let mut bytes = ARRAYS.with(|arrays| which.get(arrays).1.clone());
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(kept) = kept {
            bytes.truncate(kept.index(bytes.len() + 1));
        }
        if let Ok(array) = read(&bytes) {
            let count = match array.values() {
                Values::Numbers(numbers) => numbers.len(),
                Values::Text(texts) => texts.len(),
            };
            prop_assert_eq!(count, array.header.shape.iter().product::<usize>());
        }
    }

    /// What is written in one order is read in C order.
    #[test]
    fn fortran_order_holds_the_same_values(shape in prop::collection::vec(0..5_usize, 0..4), big_endian: bool) {
        let count: usize = shape.iter().product();
        let place = |flat: usize| {
            // Where the element of this C index stands when the first axis moves fastest.
            let (mut rest, mut stride, mut place) = (flat, count, 0);
            let mut fortran_stride = 1;
            for length in &shape {
                stride /= (*length).max(1);
                place += rest / stride.max(1) * fortran_stride;
                rest %= stride.max(1);
                fortran_stride *= length;
            }
            place
        };
        let mut stored = vec![0_u32; count];
        for flat in 0..count {
            stored[place(flat)] = flat as u32 * 70_000;
        }
        let data: Vec<u8> = stored.iter().flat_map(|value| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() }).collect();
        let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
        let order = if big_endian { ">u4" } else { "<u4" };
        let text = format!("{{'descr': '{order}', 'fortran_order': True, 'shape': ({lengths})}}");
        let expected = (0..count).map(|flat| (flat * 70_000) as f64).collect();
        prop_assert_eq!(read(&file(2, &text, &data)).unwrap().values(), Values::Numbers(expected));
    }
}
