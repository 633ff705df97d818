//! Recording what a device does, and doing it over. A device is handed a step's hundreds of kernels one by one, and what hands them over has
//! to find out of each where its numbers lie; of a recorded one it knows.
//!
//! What is recorded reads and writes the same memory each time. So all that lasts is changed where it lies ([`lasting`](super::lasting)), and
//! what differs from time to time comes in one memory that stays. Nothing is read, and no memory is taken that the time before has not left.

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{ExecutionError, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::client::Graph;
use cubecl::server::ServerError;

use super::lasting::{copied, put};

/// Work that a device does over.
#[derive(Debug)]
pub struct Recorded {
    recorder: Recorder,
    /// Where the work looks for its numbers.
    memory: Tensor<1>,
    /// Where it leaves what comes of it.
    result: Tensor<1>,
}

impl Recorded {
    /// Does some work with the numbers in a memory, and then asks for it once more, which is only recorded. What came of it; and the
    /// recording, if the device could make one. Else it does not know any more what the work would have changed: [`known`](super::known).
    ///
    /// Nobody else has what the work changes.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn new(
        memory: Tensor<1>,
        mut work: impl FnMut(&Tensor<1>) -> Tensor<1>,
    ) -> Result<(Tensor<1>, Option<Recorded>), ExecutionError> {
        let recorder = Recorder::default();
        let memory = recorder.at(Moment::Prepared, memory);
        let first = copied(work(&memory));
        let first = recorder.at(Moment::Begun, first);
        let result = work(&memory);
        let first = recorder.at(Moment::Ended, first);
        // A device does what it was asked when something is read.
        first.clone().into_data_async().await?;
        let recorded = recorder.is_done().then_some(Recorded { recorder, memory, result });
        Ok((first, recorded))
    }

    /// Does the work with other numbers, as many; what comes of it.
    pub fn replay(&mut self, numbers: Tensor<1>) -> Tensor<1> {
        let memory = put(self.memory.clone(), numbers);
        self.memory = self.recorder.at(Moment::Replayed, memory);
        copied(self.result.clone())
    }
}

/// Work that comes again and again, in kinds of which each asks a device for the same. The second time that one comes, it is recorded: what the
/// first compiles and lays out is there then. If that fails, it is tried the next times: memory that was not there is so then.
#[derive(Debug)]
pub struct Replays<Kind> {
    latest: Option<Kind>,
    recorded: Option<(Kind, Recorded)>,
    /// How often a recording may still fail.
    tries: u32,
}

/// How often a recording is tried.
const TRIES: u32 = 8;

impl<Kind> Default for Replays<Kind> {
    fn default() -> Self {
        Replays { latest: None, recorded: None, tries: TRIES }
    }
}

impl<Kind: PartialEq + Clone> Replays<Kind> {
    /// None of what was recorded is done any more.
    pub fn end(&mut self) {
        (self.latest, self.recorded) = (None, None);
    }

    /// Nothing is recorded any more.
    pub fn never(&mut self) {
        self.end();
        self.tries = 0;
    }

    /// The recording of this kind of work; without one, that of another is given up.
    pub fn of(&mut self, kind: &Kind) -> Option<&mut Recorded> {
        self.recorded.take_if(|(of, recorded)| of != kind || !recorded.recorder.is_done());
        Some(&mut self.recorded.as_mut()?.1)
    }

    /// Whether work of this kind, which comes once more, is to be recorded.
    pub fn is_due(&mut self, kind: &Kind) -> bool {
        let has_come = self.latest.as_ref() == Some(kind);
        self.latest = Some(kind.clone());
        has_come && self.tries > 0
    }

    /// Keeps a recording, if it was made.
    pub fn keep(&mut self, kind: Kind, recorded: Option<Recorded>) {
        self.tries = if recorded.is_some() { TRIES } else { self.tries - 1 };
        self.recorded = recorded.map(|recorded| (kind, recorded));
    }
}

/// A recording, on its way or done. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    OnItsWay,
    Done(Graph),
    Failed,
}

/// What happens to a recording. It happens when all is done that was asked of the device before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// What is asked now is done, and will be recorded when it is asked once more: memory that it takes is there then.
    Prepared,
    /// What is asked from now on is recorded, and not done.
    Begun,
    /// What was asked is all.
    Ended,
    /// What was recorded is done.
    Replayed,
}

impl Recorder {
    /// What happens to the recording, on the device of a tensor, which is passed on.
    fn at(&self, moment: Moment, tensor: Tensor<1>) -> Tensor<1> {
        Tensor::from_dispatch(Dispatch::recorded(tensor.into_dispatch(), moment, self.clone()))
    }

    fn is_done(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Done(_))
    }

    /// Does what a moment asks. Of a replay that fails, a read of what it would have written tells.
    fn pass(&self, moment: Moment, tensor: &CubeTensor) {
        let client = &tensor.client;
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed: Result<(), ServerError> = match (moment, &*state) {
            (Moment::Prepared, State::OnItsWay) => client.graph_prepare(),
            (Moment::Begun, State::OnItsWay) => client.start_capture(),
            (Moment::Ended, State::OnItsWay) => client.stop_capture().map(|graph| *state = State::Done(graph)),
            // SAFETY: CubeCL hands no page out again that a recording has touched, so what is read and written is there, if perhaps
            // nobody's any more; and there is one stream.
            (Moment::Replayed, State::Done(graph)) => unsafe { graph.replay() },
            _ => Ok(()),
        };
        if passed.is_err() {
            *state = State::Failed;
        }
    }
}

/// What happens to a recording, among what a device is asked.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuRecording: Backend {
    /// [`Recorder::at`].
    #[fusion(dtype = tensor, shape = tensor)]
    fn recorded(tensor: FloatTensor<Self>, moment: Moment, recorder: Recorder) -> FloatTensor<Self>;
}

impl GpuRecording for CubeBackend {
    fn recorded(tensor: FloatTensor<Self>, moment: Moment, recorder: Recorder) -> FloatTensor<Self> {
        recorder.pass(moment, &tensor);
        tensor
    }
}

impl<B: GpuRecording, C: CheckpointStrategy> GpuRecording for Autodiff<B, C> {
    fn recorded(tensor: FloatTensor<Self>, moment: Moment, recorder: Recorder) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::recorded(tensor.into_primitive(), moment, recorder))
    }
}
