//! A replica to a worker: the engine's own program once more, under another name.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use burn::tensor::Device;
use futures_channel::oneshot;
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{MOST, NAME};
use crate::training::{Connection, Parcel, Replica};

type Waiting = VecDeque<oneshot::Sender<Result<Parcel, String>>>;

/// The way to a worker; it ends when this is dropped.
struct Beside {
    worker: Worker,
    state: Rc<RefCell<State>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

#[derive(Default)]
struct State {
    /// Whether it has loaded.
    listening: bool,
    /// Whether it ended on its own.
    gone: bool,
    waiting: Waiting,
}

impl Connection for Beside {
    fn ready(&self) -> bool {
        self.state.borrow().listening
    }

    fn ask(&self, parcel: Parcel) -> Pin<Box<dyn Future<Output = Result<Parcel, String>>>> {
        let (sender, answer) = oneshot::channel();
        let sent = if self.state.borrow().gone { Err("a worker ended".into()) } else { post(&self.worker, &parcel) };
        if sent.is_ok() {
            self.state.borrow_mut().waiting.push_back(sender);
        }
        Box::pin(async move {
            sent?;
            answer.await.map_err(|_| "a worker ended".to_string())?
        })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// How many cores are used: as many as wanted, or as the browser says there are.
pub fn cores(wanted: Option<usize>) -> usize {
    let navigator = property(&js_sys::global(), "navigator");
    let there = property(&navigator, "hardwareConcurrency").as_f64().map_or(1, |cores| cores as usize);
    wanted.unwrap_or(there).clamp(1, MOST)
}

/// Starts so many replicas. Where the browser lets a worker start no other, there are fewer, or none.
pub fn start(replicas: usize) -> Vec<Box<dyn Connection>> {
    (0..replicas).map_while(|_| begin().ok()).map(|worker| Box::new(worker) as Box<dyn Connection>).collect()
}

/// From the blob that this worker was started from: it has the page's policy, too.
fn begin() -> Result<Beside, JsValue> {
    let program = property(&property(&js_sys::global(), "location"), "href").as_string().unwrap_or_default();
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(NAME);
    let worker = Worker::new_with_options(&program, &options)?;
    let state = Rc::<RefCell<State>>::default();
    let heard = Rc::clone(&state);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let mut state = heard.borrow_mut();
        if state.listening {
            if let Some(waiting) = state.waiting.pop_front() {
                // Nobody may be waiting: some answers say nothing.
                let _ = waiting.send(read(&event.data()));
            }
        } else {
            // What does not begin with an empty parcel could not be loaded.
            state.listening = read(&event.data()).is_ok();
        }
    });
    let heard = Rc::clone(&state);
    let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |_: web_sys::Event| {
        let mut state = heard.borrow_mut();
        state.gone = true;
        state.listening = false;
        state.waiting.clear();
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Beside { worker, state, _on_message: on_message, _on_error: on_error })
}

/// Answers until the worker ends: what a worker of this name does instead of all else.
pub async fn serve(scope: DedicatedWorkerGlobalScope) {
    let replica = Rc::new(async_lock::Mutex::new(Replica::new(&Device::flex())));
    let port = scope.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let (replica, port) = (Rc::clone(&replica), port.clone());
        // The lock is given in the order in which it was asked for.
        spawn_local(async move {
            let answer = match read(&event.data()) {
                Ok(parcel) => replica.lock().await.answer(parcel).await.map_err(|why| why.to_string()),
                Err(why) => Err(why),
            };
            reply(&port, answer);
        });
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    reply(&scope, Ok(Parcel::default()));
}

fn reply(port: &DedicatedWorkerGlobalScope, answer: Result<Parcel, String>) {
    let sent = match answer {
        Ok(parcel) => {
            let (message, transfer) = written(&parcel);
            port.post_message_with_transfer(&message, &transfer)
        }
        Err(why) => port.post_message(&why.into()),
    };
    if let Err(error) = sent {
        web_sys::console::error_1(&error);
    }
}

fn post(worker: &Worker, parcel: &Parcel) -> Result<(), String> {
    let (message, transfer) = written(parcel);
    worker.post_message_with_transfer(&message, &transfer).map_err(|error| format!("{error:?}"))
}

/// A parcel as a message, and what of it crosses without a copy.
fn written(Parcel { header, numbers }: &Parcel) -> (Object, Array) {
    let message = Object::new();
    let numbers = Float32Array::from(&numbers[..]);
    // A plain object takes any property.
    let _ = Reflect::set(&message, &"header".into(), &Uint8Array::from(&header[..]));
    let _ = Reflect::set(&message, &"numbers".into(), &numbers);
    (message, Array::of1(&numbers.buffer()))
}

/// A parcel; or, of a plain text, why there is none.
fn read(message: &JsValue) -> Result<Parcel, String> {
    if let Some(why) = message.as_string() {
        return Err(why);
    }
    let header = property(message, "header").dyn_into::<Uint8Array>();
    let numbers = property(message, "numbers").dyn_into::<Float32Array>();
    match (header, numbers) {
        (Ok(header), Ok(numbers)) => Ok(Parcel { header: header.to_vec(), numbers: numbers.to_vec() }),
        _ => Err("a message without a header or numbers".into()),
    }
}

fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
