//! Folders and files of the browser's private file system, as a worker has them.

use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, AsyncIterator, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
pub use web_sys::Blob;

use super::{Room, StorageError};

// Bound here rather than through web-sys: that lacks `move`, and a promise bound as an async function reads as one.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "storage"], js_name = getDirectory)]
    async fn get_directory() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "storage"])]
    async fn estimate() -> Result<JsValue, JsValue>;

    #[derive(Clone)]
    type DirectoryHandle;
    #[wasm_bindgen(method, catch, js_name = getDirectoryHandle)]
    async fn get_directory_handle(this: &DirectoryHandle, name: &str, options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getFileHandle)]
    async fn get_file_handle(this: &DirectoryHandle, name: &str, options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEntry)]
    async fn remove_entry(this: &DirectoryHandle, name: &str, options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn keys(this: &DirectoryHandle) -> AsyncIterator;

    type FileHandle;
    #[wasm_bindgen(method, catch, js_name = createSyncAccessHandle)]
    async fn create_sync_access_handle(this: &FileHandle) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getFile)]
    async fn get_file(this: &FileHandle) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = move)]
    async fn rename(this: &FileHandle, name: &str) -> Result<JsValue, JsValue>;

    type SyncAccessHandle;
    #[wasm_bindgen(method, catch)]
    fn read(this: &SyncAccessHandle, into: &mut [u8], options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn write(this: &SyncAccessHandle, from: &[u8], options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn truncate(this: &SyncAccessHandle, size: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn flush(this: &SyncAccessHandle) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getSize)]
    fn get_size(this: &SyncAccessHandle) -> Result<f64, JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &SyncAccessHandle);
}

/// A folder. Cheap to clone.
#[derive(Clone)]
pub struct Folder(DirectoryHandle);

impl Folder {
    /// The folder that holds all of this site's.
    pub(super) async fn root() -> Result<Folder, StorageError> {
        Ok(Folder(get_directory().await.map_err(failure)?.unchecked_into()))
    }

    /// The folder of this name; it is made where there is none.
    pub(super) async fn folder(&self, name: &str) -> Result<Folder, StorageError> {
        let found = self.0.get_directory_handle(name, &options("create", true)).await;
        Ok(Folder(found.map_err(failure)?.unchecked_into()))
    }

    /// The names of all that is in it, in order.
    pub(super) async fn names(&self) -> Result<Vec<String>, StorageError> {
        let keys = self.0.keys();
        let mut names = Vec::new();
        loop {
            let next = JsFuture::from(keys.next().map_err(failure)?).await.map_err(failure)?;
            let property = |name: &str| Reflect::get(&next, &name.into()).unwrap_or(JsValue::UNDEFINED);
            if property("done").is_truthy() {
                names.sort_unstable();
                return Ok(names);
            }
            names.extend(property("value").as_string());
        }
    }

    /// The bytes of a file. Other tabs may read it at the same time.
    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, StorageError> {
        let buffer = JsFuture::from(self.blob(name).await?.array_buffer()).await.map_err(failure)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    /// The length of a file, bytes.
    pub(super) async fn size(&self, name: &str) -> Result<u64, StorageError> {
        Ok(self.blob(name).await?.size() as u64)
    }

    /// A file as the browser hands it on, without reading it.
    pub(super) async fn blob(&self, name: &str) -> Result<Blob, StorageError> {
        let handle: FileHandle = self.handle(name, false).await?.unchecked_into();
        Ok(handle.get_file().await.map_err(|error| named(name, error))?.unchecked_into())
    }

    /// Writes a whole file: under a temporary name, flushed, then renamed.
    pub(super) async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let part = format!("{name}.part");
        self.fill(&part, bytes).await?;
        let handle: FileHandle = self.handle(&part, false).await?.unchecked_into();
        if handle.rename(name).await.is_err() {
            // A browser that cannot rename: what is cut short is still found by its seal.
            self.remove(&part).await?;
            self.fill(name, bytes).await?;
        }
        Ok(())
    }

    async fn fill(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let file = self.open(name).await?;
        file.0.truncate(0.0).map_err(failure)?;
        file.write_at(bytes, 0)?;
        file.flush()
    }

    /// Opens a file to be read and written here alone; it is made where there is none.
    pub(super) async fn open(&self, name: &str) -> Result<File, StorageError> {
        // The engine before this one may still be letting go of it.
        const TRIES: usize = 30;
        let handle: FileHandle = self.handle(name, true).await?.unchecked_into();
        let mut tries = 1;
        loop {
            match handle.create_sync_access_handle().await.map_err(|error| named(name, error)) {
                Ok(opened) => return Ok(File(opened.unchecked_into())),
                Err(StorageError::InUse) if tries < TRIES => TimeoutFuture::new(100).await,
                Err(error) => return Err(error),
            }
            tries += 1;
        }
    }

    async fn handle(&self, name: &str, create: bool) -> Result<JsValue, StorageError> {
        self.0.get_file_handle(name, &options("create", create)).await.map_err(|error| named(name, error))
    }

    /// Removes a file, or a folder with all that is in it. What is not there is no failure.
    pub(super) async fn remove(&self, name: &str) -> Result<(), StorageError> {
        match self.0.remove_entry(name, &options("recursive", true)).await.map_err(|error| named(name, error)) {
            Ok(_) | Err(StorageError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is used of the storage, and what there is; `None` where the browser does not say.
    pub(super) async fn room(&self) -> Option<Room> {
        let estimate = estimate().await.ok()?;
        let bytes = |name: &str| Reflect::get(&estimate, &name.into()).ok()?.as_f64().map(|bytes| bytes as u64);
        Some(Room { used: bytes("usage")?, quota: bytes("quota")? })
    }
}

/// A file in pieces that no folder holds, and neither does this memory.
#[derive(Default)]
pub(super) struct Pieces(Array);

impl Pieces {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let piece = Array::of1(&Uint8Array::from(bytes));
        let blob = Blob::new_with_u8_array_sequence(&piece).map_err(failure)?;
        self.0.push(&blob);
        Ok(())
    }

    pub(super) fn join(self) -> Result<Blob, StorageError> {
        Blob::new_with_blob_sequence(&self.0).map_err(failure)
    }
}

/// An open file; closed when it is dropped.
pub(super) struct File(SyncAccessHandle);

impl File {
    /// Fills `into` with what stands from `at` on.
    pub(super) fn read_at(&self, into: &mut [u8], at: u64) -> Result<(), StorageError> {
        let mut filled = 0;
        // A browser may read less than it was asked for.
        while filled < into.len() {
            let read =
                self.0.read(&mut into[filled..], &options("at", (at + filled as u64) as f64)).map_err(failure)?;
            if read < 1.0 {
                let (size, wanted) = (self.size()?, at + into.len() as u64);
                return Err(StorageError::Damaged(format!("the file has {size} bytes, and ends before byte {wanted}")));
            }
            filled += read as usize;
        }
        Ok(())
    }

    /// Writes all of `from` from `at` on.
    pub(super) fn write_at(&self, from: &[u8], at: u64) -> Result<(), StorageError> {
        let written = self.0.write(from, &options("at", at as f64)).map_err(failure)?;
        // A browser may write less than it was given where there is no more room.
        if written as usize == from.len() { Ok(()) } else { Err(StorageError::Full) }
    }

    /// Waits until all that was written is on the disk.
    pub(super) fn flush(&self) -> Result<(), StorageError> {
        self.0.flush().map_err(failure)
    }

    /// Its length, bytes.
    pub(super) fn size(&self) -> Result<u64, StorageError> {
        Ok(self.0.get_size().map_err(failure)? as u64)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn options(name: &str, value: impl Into<JsValue>) -> Object {
    let options = Object::new();
    // A plain object takes any property.
    let _ = Reflect::set(&options, &name.into(), &value.into());
    options
}

fn failure(error: JsValue) -> StorageError {
    named("a file", error)
}

/// What the browser means by `error`, about the file or folder `name`.
fn named(name: &str, error: JsValue) -> StorageError {
    let text = |property: &str| Reflect::get(&error, &property.into()).ok().and_then(|text| text.as_string());
    match text("name").as_deref() {
        Some("QuotaExceededError") => StorageError::Full,
        Some("NoModificationAllowedError" | "InvalidStateError") => StorageError::InUse,
        Some("NotFoundError") => StorageError::Missing(name.into()),
        _ => StorageError::Failed(text("message").unwrap_or_else(|| format!("{error:?}"))),
    }
}
