//! Requests and replies as bytes, in the postcard format: what reads them is a third as large as what reads objects, which
//! counts in the page.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a message cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a message that is not of this build: {0}")]
pub struct MessageError(#[from] postcard::Error);

/// A request or a reply as bytes.
///
/// # Errors
/// Where it holds something that the format does not.
pub fn write(message: &impl Serialize) -> Result<Vec<u8>, MessageError> {
    Ok(postcard::to_allocvec(message)?)
}

/// What [`write()`] has written, of the same build.
///
/// # Errors
/// Where the bytes are something else.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageError> {
    Ok(postcard::from_bytes(bytes)?)
}
