//! The page's end: starts the worker, sends requests, hands replies to whoever waits for them.

mod call;
mod wire;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use wasm_bindgen::prelude::*;
use web_sys::{File, MessageEvent, Worker};

pub use call::{Answer, Call};
use wire::{Beside, FromEngine};

use super::protocol::{
    Body, Command, DeviceChoice, DeviceReport, Failure, FailureKind, Outcome, Progress, Reply, Request, RequestId,
};

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineStatus {
    /// Its code is loading, or its device is starting.
    Starting {
        /// What broke the engine before it, where there was one: a sentence.
        after: Option<String>,
    },
    /// It answers.
    Ready(DeviceReport),
    /// It cannot be started.
    Failed(String),
}

impl fmt::Display for EngineStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineStatus::Starting { .. } => f.write_str("starting"),
            EngineStatus::Ready(device) => write!(f, "ready: {}", device.backend),
            EngineStatus::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

/// A handle to the engine. Cheap to clone.
#[derive(Clone)]
pub struct Client(Rc<RefCell<Engine>>);

/// A request that has had no terminal reply yet.
struct Pending {
    on_progress: Rc<RefCell<Option<call::ProgressListener>>>,
    ended: oneshot::Sender<Result<Answer, Failure>>,
}

struct Engine {
    device: DeviceChoice,
    cores: Option<usize>,
    on_status: Rc<dyn Fn(EngineStatus)>,
    worker: Option<RunningWorker>,
    next_id: RequestId,
    pending: HashMap<RequestId, Pending>,
    /// Sent before the worker listened.
    waiting: Vec<(Request, Beside)>,
    /// The request that starts the device: nobody outside waits for it.
    starting: Option<RequestId>,
    me: Weak<RefCell<Engine>>,
}

/// The worker, and the closures it calls.
struct RunningWorker {
    worker: Worker,
    listening: bool,
    ready: bool,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Client {
    /// Starts an engine in the background, on a device, and so many cores where it is the CPU. `on_status` hears of every
    /// change, the first time before this returns.
    pub fn new(device: DeviceChoice, cores: Option<usize>, on_status: impl Fn(EngineStatus) + 'static) -> Client {
        let engine = Rc::new_cyclic(|me| {
            RefCell::new(Engine {
                device,
                cores,
                on_status: Rc::new(on_status),
                worker: None,
                next_id: 1,
                pending: HashMap::new(),
                waiting: Vec::new(),
                starting: None,
                me: me.clone(),
            })
        });
        engine.borrow_mut().spawn(None);
        Client(engine)
    }

    /// Sends a command with its files, and returns at once.
    pub fn send(&self, command: Command, files: Vec<File>) -> Call {
        self.0.borrow_mut().send(command, Beside::Files(files))
    }

    /// Sends a command with a picture, an `ImageBitmap` that is not the page's any more, and returns at once.
    pub fn send_frame(&self, command: Command, frame: JsValue) -> Call {
        self.0.borrow_mut().send(command, Beside::Frame(frame))
    }

    /// Ends the engine's worker: the page is left. What it holds open of the storage is free then.
    pub fn end(&self) {
        if let Some(running) = self.0.borrow_mut().worker.take() {
            running.worker.terminate();
        }
    }
}

impl Engine {
    /// Starts a fresh worker, and its device. `after` is what broke the one before it.
    fn spawn(&mut self, after: Option<String>) {
        (self.on_status)(EngineStatus::Starting { after });
        match self.start_worker() {
            Ok(worker) => self.worker = Some(worker),
            Err(error) => {
                (self.on_status)(EngineStatus::Failed(wire::sentence(&error)));
                return;
            }
        }
        let start = self.send(Command::Start { device: self.device, cores: self.cores }, Beside::Files(Vec::new()));
        self.starting = Some(start.id);
    }

    fn start_worker(&self) -> Result<RunningWorker, JsValue> {
        let worker = wire::spawn_worker()?;
        let me = self.me.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(engine) = me.upgrade() {
                Engine::receive(&engine, &event);
            }
        });
        let me = self.me.clone();
        let on_error = Closure::new(move |event: web_sys::Event| {
            if let Some(engine) = me.upgrade() {
                let message = wire::event_message(&event);
                engine.borrow_mut().lose(&message);
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(RunningWorker { worker, listening: false, ready: false, _on_message: on_message, _on_error: on_error })
    }

    fn send(&mut self, command: Command, beside: Beside) -> Call {
        let id = self.next_id;
        self.next_id += 1;
        let (ended, end) = oneshot::channel();
        let on_progress = Rc::default();
        self.pending.insert(id, Pending { on_progress: Rc::clone(&on_progress), ended });
        let request = Request { id, command };
        match &self.worker {
            Some(running) if running.listening => self.post(&request, &beside),
            Some(_) => self.waiting.push((request, beside)),
            None => {
                self.waiting.push((request, beside));
                self.spawn(None);
            }
        }
        Call { id, on_progress, end }
    }

    fn post(&mut self, request: &Request, beside: &Beside) {
        let Some(running) = &self.worker else { return };
        if let Err(error) = wire::post(&running.worker, request, beside) {
            let failure = Failure { kind: FailureKind::Refused, message: wire::sentence(&error) };
            self.end(request.id, Err(failure));
        }
    }

    fn receive(engine: &Rc<RefCell<Engine>>, event: &MessageEvent) {
        match wire::from_message(&event.data()) {
            Ok(FromEngine::Listening) => engine.borrow_mut().listening(),
            Ok(FromEngine::Fatal(message)) => engine.borrow_mut().lose(&message),
            Ok(FromEngine::Reply(Reply { id, body: Body::Progress(progress) }, ..)) => {
                Engine::progress(engine, id, progress);
            }
            Ok(FromEngine::Reply(Reply { id, body: Body::Finished(outcome) }, attachment, file)) => {
                engine.borrow_mut().end(id, Ok(Answer { outcome, attachment, file }));
            }
            Ok(FromEngine::Reply(Reply { id, body: Body::Failed(failure) }, ..)) => {
                engine.borrow_mut().end(id, Err(failure));
            }
            Err(error) => engine.borrow_mut().lose(&wire::sentence(&error)),
        }
    }

    /// The listener runs without a borrow: it may send.
    fn progress(engine: &Rc<RefCell<Engine>>, id: RequestId, progress: Progress) {
        let listener = engine.borrow().pending.get(&id).map(|pending| Rc::clone(&pending.on_progress));
        if let Some(listener) = listener
            && let Some(listener) = listener.borrow().as_ref()
        {
            listener(progress);
        }
    }

    fn listening(&mut self) {
        if let Some(running) = &mut self.worker {
            running.listening = true;
        }
        for (request, beside) in std::mem::take(&mut self.waiting) {
            self.post(&request, &beside);
        }
    }

    fn end(&mut self, id: RequestId, result: Result<Answer, Failure>) {
        if self.starting == Some(id) {
            self.starting = None;
            self.device_started(&result);
        }
        if let Some(pending) = self.pending.remove(&id) {
            // Whoever asked may have stopped waiting: then there is nobody to tell.
            let _ = pending.ended.send(result);
        }
    }

    fn device_started(&mut self, result: &Result<Answer, Failure>) {
        match result {
            Ok(Answer { outcome: Outcome::Ready(device), .. }) => {
                if let Some(running) = &mut self.worker {
                    running.ready = true;
                }
                (self.on_status)(EngineStatus::Ready(device.clone()));
            }
            Ok(_) => {}
            Err(failure) => (self.on_status)(EngineStatus::Failed(failure.message.clone())),
        }
    }

    /// The worker is broken: everybody who waits is told, and a fresh one is started if this one ever worked.
    fn lose(&mut self, why: &str) {
        let Some(running) = self.worker.take() else { return };
        // A broken worker tends to say so twice: the second word must not be taken for the next one's.
        running.worker.set_onmessage(None);
        running.worker.set_onerror(None);
        running.worker.terminate();
        self.waiting.clear();
        self.starting = None;
        let failure = Failure { kind: FailureKind::Fatal, message: why.to_string() };
        for (_, pending) in self.pending.drain() {
            let _ = pending.ended.send(Err(failure.clone()));
        }
        if running.ready {
            self.spawn(Some(why.to_string()));
        } else {
            (self.on_status)(EngineStatus::Failed(why.to_string()));
        }
    }
}
