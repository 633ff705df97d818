//! Messages as the browser carries them: requests and replies as bytes, files by reference, buffers transferred.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, Event, File, Url, Worker, WorkerOptions, WorkerType};

use crate::engine::message::{self, MessageError};
use crate::engine::protocol::{Reply, Request};

/// A message from the worker.
#[allow(clippy::large_enum_variant, reason = "a message lives for a moment, and one at a time")]
pub enum FromEngine {
    /// Its code is loaded: requests may be posted.
    Listening,
    /// An answer, and what goes beside it: bytes, or a file.
    Reply(Reply, Option<Uint8Array>, Option<Blob>),
    /// It panicked.
    Fatal(String),
}

/// Starts the worker from a blob that imports the engine.
///
/// A worker from a blob inherits the page's Content Security Policy; one from a file would have only what headers its
/// host sends, and a static host sends none. So that nothing can leave, the engine is started this way.
pub fn spawn_worker() -> Result<Worker, JsValue> {
    let base =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.base_uri().ok().flatten());
    let base = base.ok_or("The page has no address to load the engine from.")?;
    let module = Url::new_with_base("engine.js", &base)?.href();
    let binary = if has_relaxed_simd() { "engine_bg.wasm" } else { "engine_plain_bg.wasm" };
    let binary = Url::new_with_base(binary, &base)?.href();
    let source = format!(
        "const fatal = (what) => (error) => self.postMessage({{ fatal: `${{what}}: ${{error?.message ?? error}}` }});\n\
         self.addEventListener('unhandledrejection', (event) => fatal('The engine stopped')(event.reason));\n\
         import({module:?}).then((engine) => engine.default({{ module_or_path: {binary:?} }}))\n\
         .catch(fatal('The engine could not be loaded'));\n"
    );
    let bag = BlobPropertyBag::new();
    bag.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&source.into()), &bag)?;
    // Not revoked: by this name, its own, the engine starts others like it, which hold replicas.
    let url = Url::create_object_url_with_blob(&blob)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&url, &options)
}

/// A module whose one function asks for `f32x4.relaxed_madd`.
const RELAXED: [u8; 40] = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15,
    65, 0, 253, 15, 253, 133, 2, 11,
];

/// Whether the browser has relaxed SIMD, which the engine's kernels are quicker with; `tools/plain` makes an engine without.
fn has_relaxed_simd() -> bool {
    js_sys::WebAssembly::validate(&Uint8Array::from(&RELAXED[..])).unwrap_or(false)
}

/// What goes beside a request.
pub enum Beside {
    /// Files, by reference.
    Files(Vec<File>),
    /// An `ImageBitmap`, which crosses without being copied.
    Frame(JsValue),
}

/// Posts `{ request, files }` or `{ request, frame }`.
pub fn post(worker: &Worker, request: &Request, beside: &Beside) -> Result<(), JsValue> {
    let carried = Object::new();
    let transfer = Array::new();
    Reflect::set(&carried, &"request".into(), &Uint8Array::from(&message::write(request).map_err(thrown)?[..]))?;
    match beside {
        Beside::Files(files) => Reflect::set(&carried, &"files".into(), &files.iter().collect::<Array>())?,
        Beside::Frame(frame) => {
            transfer.push(frame);
            Reflect::set(&carried, &"frame".into(), frame)?
        }
    };
    worker.post_message_with_transfer(&carried, &transfer)
}

/// `{ listening }`, `{ fatal }` or `{ reply, attachment?, file? }`.
pub fn from_message(carried: &JsValue) -> Result<FromEngine, JsValue> {
    if let Some(fatal) = Reflect::get(carried, &"fatal".into())?.as_string() {
        return Ok(FromEngine::Fatal(fatal));
    }
    if Reflect::has(carried.unchecked_ref(), &"listening".into())? {
        return Ok(FromEngine::Listening);
    }
    let reply: Uint8Array = Reflect::get(carried, &"reply".into())?.dyn_into()?;
    let reply = message::read(&reply.to_vec()).map_err(thrown)?;
    let attachment = Reflect::get(carried, &"attachment".into())?.dyn_into().ok();
    let file = Reflect::get(carried, &"file".into())?.dyn_into().ok();
    Ok(FromEngine::Reply(reply, attachment, file))
}

/// What an error event of the worker says.
pub fn event_message(event: &Event) -> String {
    event.prevent_default();
    match event.dyn_ref::<ErrorEvent>() {
        Some(error) if !error.message().is_empty() => {
            format!("The engine stopped: {}", error.message().trim_start_matches("Uncaught "))
        }
        _ => "The engine could not be loaded. Check the connection and reload the page.".into(),
    }
}

fn thrown(error: MessageError) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// A thrown value as a sentence.
pub fn sentence(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
