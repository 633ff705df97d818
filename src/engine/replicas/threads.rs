//! A replica to a thread.

use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Waker};
use std::thread;

use burn::tensor::Device;
use futures_channel::oneshot;

use super::MOST;
use crate::training::{Connection, Parcel, Replica};

type Asked = (Parcel, oneshot::Sender<Result<Parcel, String>>);

/// The way to a thread; it ends when this is dropped.
struct Thread(Sender<Asked>);

impl Connection for Thread {
    fn ask(&self, parcel: Parcel) -> Pin<Box<dyn Future<Output = Result<Parcel, String>>>> {
        let (sender, answer) = oneshot::channel();
        let sent = self.0.send((parcel, sender));
        Box::pin(async move {
            sent.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?
        })
    }
}

fn gone() -> String {
    "a thread ended".into()
}

/// How many cores are used where nobody says: one, for the kernels of a native build may use all (the feature `threads`).
pub fn cores(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(1).clamp(1, MOST)
}

/// Starts so many replicas.
pub fn start(replicas: usize) -> Vec<Box<dyn Connection>> {
    (0..replicas).map(|_| Box::new(begin()) as Box<dyn Connection>).collect()
}

fn begin() -> Thread {
    let (sender, asked) = channel::<Asked>();
    thread::spawn(move || {
        let mut replica = Replica::new(&Device::flex());
        for (parcel, answer) in asked {
            let answered = at_once(replica.answer(parcel)).map_err(|why| why.to_string());
            // Nobody may be waiting: some answers say nothing.
            let _ = answer.send(answered);
        }
    });
    Thread(sender)
}

/// What a future gives that never waits: the CPU backend's do not.
fn at_once<F: Future>(future: F) -> F::Output {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the CPU backend computes when it is asked"),
    }
}
