//! What the page knows at this moment, as signals; and, a file each, what it can ask the engine to do.

mod columns;
mod comparing;
mod costs;
mod counting;
mod embedding;
mod evaluating;
mod importing;
mod keeping;
mod live;
mod measuring;
mod models;
mod settings;
mod taking;
mod training;
mod weights;

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;

pub use comparing::{Comparing, Queue, Turn};
pub use counting::{Activity, Counting};
pub use embedding::{Embedded, Placing};
pub use evaluating::{Evaluation, READING_MODEL};
pub use importing::Unopened;
pub use keeping::Keeping;
pub use live::{Live, Recording};
pub use measuring::{Measured, Measuring};
pub use settings::Settings;
pub use training::{Pace, Phase, Trained, Training};
pub use weights::Fetching;

use super::route::Route;
use crate::dataset::DatasetSummary;
use crate::engine::client::{Answer, Call, Client, EngineStatus};
use crate::engine::protocol::{Command, Costs, DeviceChoice, Failure, ModelId, ModelSummary, RequestId, ServedWeights};
use crate::training::TrainingPlan;

/// The state of the page. A cheap handle, in the context of every view.
#[derive(Clone, Copy)]
pub struct Session {
    engine: StoredValue<Client, LocalStorage>,
    /// How the engine is.
    pub engine_status: RwSignal<EngineStatus>,
    /// The training plan as the form has it.
    pub settings: Settings,
    /// The import under way, or how the last one ended.
    pub importing: RwSignal<Activity>,
    /// The last import, where the engine does not know what the columns of its tables are.
    pub unopened: RwSignal<Option<Rc<Unopened>>, LocalStorage>,
    /// The dataset the engine holds.
    pub dataset: RwSignal<Option<Arc<DatasetSummary>>>,
    /// The dataset's file that is being written, or how the last one ended.
    pub taking: RwSignal<Activity>,
    /// The run under way, or the last one.
    pub training: Training,
    /// The evaluation under way, or how the last one ended.
    pub evaluating: RwSignal<Activity>,
    /// The last evaluation.
    pub evaluation: RwSignal<Option<Arc<Evaluation>>>,
    /// Its faces in a plane.
    pub placing: Placing,
    /// Faces that are read as they come.
    pub live: Live,
    /// Models side by side.
    pub comparing: Comparing,
    /// The models the engine holds, the oldest first.
    pub models: RwSignal<Vec<ModelSummary>>,
    /// How many model files are being read.
    pub models_coming: RwSignal<usize>,
    /// The model to evaluate.
    pub chosen_model: RwSignal<Option<ModelId>>,
    /// What a training by the plan would cost; `None` before that is known.
    pub costs: RwSignal<Option<Costs>>,
    /// The plan whose estimate broke the engine, where one did.
    deadly_plan: RwSignal<Option<TrainingPlan>>,
    /// The plan that was rehearsed last.
    rehearsed_plan: RwSignal<Option<TrainingPlan>>,
    /// The pre-trained weights that the site has.
    pub served: RwSignal<Vec<ServedWeights>>,
    /// Those of them that are on their way.
    pub fetching: RwSignal<Option<Fetching>>,
    /// How fast the device is.
    pub measuring: Measuring,
    /// What outlives the engine and the page.
    pub keeping: Keeping,
    /// One sentence on what went wrong with a model file or a download.
    pub notice: RwSignal<Option<String>>,
}

impl Session {
    /// Starts the engine the address asks for, and puts the session into the context.
    pub fn start(route: &Route) -> Session {
        let engine_status = RwSignal::new(EngineStatus::Starting { after: None });
        let keeping = Keeping::default();
        let live = Live::default();
        let client =
            Client::new(device_of(route), route.get("cores").and_then(|cores| cores.parse().ok()), move |status| {
                if let EngineStatus::Starting { after } = &status {
                    keeping.engine_replaced(after.clone());
                    live.reader.set(None);
                }
                engine_status.set(status);
            });
        let session = Session {
            engine: StoredValue::new_local(client),
            engine_status,
            settings: Settings::default(),
            importing: RwSignal::default(),
            unopened: RwSignal::new_local(None),
            dataset: RwSignal::default(),
            taking: RwSignal::default(),
            training: Training::default(),
            evaluating: RwSignal::default(),
            evaluation: RwSignal::default(),
            placing: Placing::default(),
            live,
            comparing: Comparing::default(),
            models: RwSignal::default(),
            models_coming: RwSignal::default(),
            chosen_model: RwSignal::default(),
            costs: RwSignal::default(),
            deadly_plan: RwSignal::default(),
            rehearsed_plan: RwSignal::default(),
            served: RwSignal::default(),
            fetching: RwSignal::default(),
            measuring: Measuring::default(),
            keeping,
            notice: RwSignal::default(),
        };
        session.end_when_left();
        session.restore_into_every_engine();
        provide_context(session);
        session
    }

    /// The session of the view that asks.
    ///
    /// # Panics
    /// Outside the page: every view of the page stands under [`Session::start`].
    pub fn here() -> Session {
        expect_context()
    }

    /// Sets what an address says about the training plan.
    pub fn apply(&self, route: &Route) {
        self.settings.apply(route);
    }

    /// Asks the engine for something that is answered soon.
    ///
    /// # Errors
    /// The engine's own.
    pub async fn ask(&self, command: Command) -> Result<Answer, Failure> {
        self.send(command, Vec::new()).outcome().await
    }

    /// Some browsers keep a page whole that is left, to show it again at once. Its engine would hold the dataset's file from the page
    /// that comes next, which would take it for another tab's.
    fn end_when_left(self) {
        window_event_listener_untyped("pagehide", move |_| self.engine.with_value(Client::end));
        window_event_listener_untyped("pageshow", |event| {
            let kept = js_sys::Reflect::get(&event, &"persisted".into());
            if kept.is_ok_and(|kept| kept.is_truthy()) {
                drop(window().location().reload());
            }
        });
    }

    /// Ends an import or an evaluation early.
    pub fn cancel(&self, request: RequestId) {
        // The request that is ended says so itself.
        drop(self.send(Command::Cancel { request }, Vec::new()));
    }

    /// Why nothing long can be begun now, in words; `None` where it can.
    pub fn hindrance(&self) -> Option<String> {
        if self.engine_status.with(|status| matches!(status, EngineStatus::Starting { .. })) {
            return Some("The engine is still starting.".into());
        }
        let restoring = self.keeping.restoring.get().then(|| "What was kept is being opened.".into());
        restoring.or_else(|| self.import_hindrance())
    }

    /// The same for an import, which may be asked for while the engine is still starting.
    pub fn import_hindrance(&self) -> Option<String> {
        if let EngineStatus::Failed(why) = self.engine_status.get() {
            return Some(format!("The engine did not start: {why}"));
        }
        let under_way = if self.importing.with(Activity::is_running) {
            "An import is under way."
        } else if self.training.is_on() {
            "A training is under way."
        } else if self.evaluating.with(Activity::is_running) {
            "An evaluation is under way."
        } else if self.placing.activity.with(Activity::is_running) {
            "The faces are being placed."
        } else if self.comparing.activity.with(Activity::is_running) {
            "A comparison is under way."
        } else if self.comparing.queue.with(|queue| queue.as_ref().is_some_and(Queue::is_on)) {
            "Several trainings are under way."
        } else if self.taking.with(Activity::is_running) {
            "The dataset's file is being written."
        } else if self.measuring.activity.with(Activity::is_running) {
            "A measurement is under way."
        } else {
            return None;
        };
        Some(under_way.into())
    }

    fn send(&self, command: Command, files: Vec<web_sys::File>) -> Call {
        self.engine.with_value(|engine| engine.send(command, files))
    }
}

fn device_of(route: &Route) -> DeviceChoice {
    match route.get("device") {
        Some("webgpu") => DeviceChoice::WebGpu,
        Some("cpu") => DeviceChoice::Cpu,
        _ => DeviceChoice::Auto,
    }
}
