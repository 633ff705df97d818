//! Dropped and chosen files in, without a look at what is in them; saved files out.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use leptos::prelude::document;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry, HtmlAnchorElement, Url,
};

/// A file, and where it lay.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// Its path as it was dropped, `/` between folders.
    pub path: String,
    /// A reference to it: nothing is read here.
    pub file: File,
}

/// The files of an input. Those of a directory input keep their paths.
pub fn chosen(list: &FileList) -> Vec<Dropped> {
    let with_path = |file: File| {
        let relative = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        Dropped { path: relative.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file }
    };
    (0..list.length()).filter_map(|index| list.get(index)).map(with_path).collect()
}

/// What a drop holds. The entries must be taken while the event is handled; afterwards the browser forgets them.
pub fn entries(transfer: &DataTransfer) -> Vec<FileSystemEntry> {
    let items = transfer.items();
    let entry = |index| items.get(index)?.webkit_get_as_entry().ok().flatten();
    (0..items.length()).filter_map(entry).collect()
}

/// All files under dropped entries, folder by folder. `found` hears how many there are so far.
///
/// # Errors
/// What the browser says where a folder cannot be listed.
pub async fn walk(entries: Vec<FileSystemEntry>, found: impl Fn(usize)) -> Result<Vec<Dropped>, JsValue> {
    let mut files = Vec::new();
    let mut waiting = entries;
    while let Some(entry) = waiting.pop() {
        if entry.is_directory() {
            // Not by its class: Chromium has it under another name than the standard's.
            let folder: &FileSystemDirectoryEntry = entry.unchecked_ref();
            let children = list_folder(&folder.create_reader()).await?;
            let (folders, leaves) = children.into_iter().partition(FileSystemEntry::is_directory);
            waiting.extend::<Vec<_>>(folders);
            files.extend(open(leaves).await?);
        } else {
            files.extend(open(vec![entry]).await?);
        }
        found(files.len());
    }
    Ok(files)
}

/// A reader gives at most a hundred entries a time, and none once it is through.
async fn list_folder(reader: &FileSystemDirectoryReader) -> Result<Vec<FileSystemEntry>, JsValue> {
    let mut all = Vec::new();
    loop {
        let page = Promise::new(&mut |resolve, reject| {
            if let Err(error) = reader.read_entries_with_callback_and_callback(&resolve, &reject) {
                // A promise that was refused already ignores this.
                let _ = reject.call1(&JsValue::NULL, &error);
            }
        });
        let page: Array = JsFuture::from(page).await?.unchecked_into();
        if page.length() == 0 {
            return Ok(all);
        }
        all.extend(page.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

/// The files behind entries, all asked for at once.
async fn open(entries: Vec<FileSystemEntry>) -> Result<Vec<Dropped>, JsValue> {
    let asked: Array = entries
        .iter()
        .map(|entry| {
            let entry: &FileSystemFileEntry = entry.unchecked_ref();
            Promise::new(&mut |resolve, reject| entry.file_with_callback_and_callback(&resolve, &reject))
        })
        .collect();
    let files: Array = JsFuture::from(Promise::all(&asked)).await?.unchecked_into();
    let path = |entry: &FileSystemEntry| entry.full_path().trim_start_matches('/').to_string();
    Ok(entries
        .iter()
        .zip(files.iter())
        .map(|(entry, file)| Dropped { path: path(entry), file: file.unchecked_into() })
        .collect())
}

/// Hands bytes to the browser to save under a name.
///
/// # Errors
/// What the browser says.
pub fn save(name: &str, media_type: &str, bytes: &Uint8Array) -> Result<(), JsValue> {
    let bag = BlobPropertyBag::new();
    bag.set_type(media_type);
    save_file(name, &Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &bag)?)
}

/// The same for a file that the browser holds.
///
/// # Errors
/// What the browser says.
pub fn save_file(name: &str, file: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(file)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser must have begun to read before the name goes.
    leptos::prelude::set_timeout(move || drop(Url::revoke_object_url(&url)), std::time::Duration::from_secs(60));
    Ok(())
}
