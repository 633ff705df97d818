//! The worker's side of the wire: messages in, replies out. Everything it means is in [`super::service`].

mod frame;

use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, FileReaderSync, MessageEvent};

use super::message;
use super::protocol::{Reply, Request};
use super::replicas;
use super::service::{Attachment, Line, Service};
use super::storage::Storage;
use crate::dataset::{MemorySource, ReadSeek, Source};

/// Listens for requests, or, in a worker of that name, for what a replica is asked, until the worker ends. A
/// panic is told to the page, which then starts a fresh worker.
pub fn serve() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post(&[("fatal", format!("The engine stopped: {}", panic_sentence(info)).into())], None);
    }));
    match scope().name() == replicas::NAME {
        true => spawn_local(replicas::serve(scope())),
        false => spawn_local(listen()),
    }
}

async fn listen() {
    let service = Service::new(Port, Storage::open().await);
    let on_message =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match from_message(&event.data()) {
            Ok((request, files)) => spawn_local(Rc::clone(&service).handle(request, files)),
            Err(error) => {
                post(&[("fatal", format!("The engine got a message it cannot read: {error:?}").into())], None)
            }
        });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&[("listening", true.into())], None);
}

fn panic_sentence(info: &std::panic::PanicHookInfo) -> String {
    let text = info.payload().downcast_ref::<&str>().map(|text| text.to_string());
    let text = text.or_else(|| info.payload().downcast_ref::<String>().cloned());
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    text.unwrap_or_else(|| "for an unknown reason".into()) + &place
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts an object of these properties, and an attachment; a buffer crosses without being copied.
fn post(properties: &[(&str, JsValue)], attachment: Option<Attachment>) {
    let message = Object::new();
    let transfer = Array::new();
    for (name, value) in properties {
        // A plain object takes any property.
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    match attachment {
        Some(Attachment::Bytes(bytes)) => {
            // `from` copies out of the wasm memory, once; from there on the buffer is transferred.
            let buffer = Uint8Array::from(&bytes[..]);
            transfer.push(&buffer.buffer());
            let _ = Reflect::set(&message, &"attachment".into(), &buffer);
        }
        Some(Attachment::File(file)) => {
            let _ = Reflect::set(&message, &"file".into(), &file);
        }
        None => {}
    }
    if let Err(error) = scope().post_message_with_transfer(&message, &transfer) {
        web_sys::console::error_1(&error);
    }
}

/// The way back to the page.
struct Port;

impl Line for Port {
    fn send(&self, reply: &Reply, attachment: Option<Attachment>) {
        match message::write(reply) {
            Ok(bytes) => post(&[("reply", Uint8Array::from(&bytes[..]).into())], attachment),
            Err(error) => post(&[("fatal", format!("The engine has an answer it cannot write: {error}").into())], None),
        }
    }
}

fn from_message(carried: &JsValue) -> Result<(Request, Vec<Box<dyn Source>>), JsValue> {
    let request: Uint8Array = Reflect::get(carried, &"request".into())?.dyn_into()?;
    let request = message::read(&request.to_vec()).map_err(|error| JsValue::from(error.to_string()))?;
    let frame = Reflect::get(carried, &"frame".into())?;
    if !frame.is_undefined() {
        let pixels = frame::pixels(frame.unchecked_ref())?;
        return Ok((request, vec![Box::new(MemorySource::new(pixels))]));
    }
    let files: Array = Reflect::get(carried, &"files".into())?.dyn_into()?;
    let files = files.iter().filter_map(|file| file.dyn_into::<Blob>().ok());
    Ok((request, files.map(|blob| Box::new(BlobSource(blob)) as Box<dyn Source>).collect()))
}

/// A dropped file: read piece by piece, never whole.
struct BlobSource(Blob);

impl Source for BlobSource {
    fn size(&self) -> u64 {
        self.0.size() as u64
    }

    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        let reader = FileReaderSync::new().map_err(read_error)?;
        Ok(Box::new(BlobReader { blob: self.0.clone(), reader, position: 0 }))
    }
}

/// Every read asks the browser: whoever reads should ask for much at a time.
struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    position: u64,
}

impl BlobReader {
    fn size(&self) -> u64 {
        self.blob.size() as u64
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.position.saturating_add(buffer.len() as u64).min(self.size());
        if end <= self.position {
            return Ok(0);
        }
        let piece = self.blob.slice_with_f64_and_f64(self.position as f64, end as f64).map_err(read_error)?;
        let bytes = Uint8Array::new(&self.reader.read_as_array_buffer(&piece).map_err(read_error)?.into());
        let length = (bytes.length() as usize).min(buffer.len());
        bytes.subarray(0, length as u32).copy_to(&mut buffer[..length]);
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

fn read_error(error: JsValue) -> io::Error {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    io::Error::other(message.unwrap_or_else(|| "the browser could not read it (was it moved or changed?)".into()))
}
