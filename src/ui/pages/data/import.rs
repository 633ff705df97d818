//! Drop zone, pickers, and the sample faces.

use leptos::ev::DragEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::dataset::SplitPlan;
use crate::ui::components::{ActivityLine, FileButton, WholeField};
use crate::ui::files::{self, Dropped};
use crate::ui::session::{Activity, Session};

/// What files the picker offers.
const ACCEPT: &str = ".zip,.csv,.tsv,.txt,.json,.npy,.npz,image/*";

/// How data is divided that has no splits of its own, or is divided anew: in percent.
#[derive(Clone, Copy)]
pub struct Shares {
    validation: RwSignal<u64>,
    test: RwSignal<u64>,
    seed: RwSignal<u64>,
}

impl Default for Shares {
    fn default() -> Self {
        Shares { validation: RwSignal::new(15), test: RwSignal::new(15), seed: RwSignal::new(1) }
    }
}

impl Shares {
    /// What is drawn by now.
    pub fn plan(&self) -> SplitPlan {
        let share = |percent: RwSignal<u64>| percent.get_untracked() as f32 / 100.0;
        SplitPlan { validation: share(self.validation), test: share(self.test), seed: self.seed.get_untracked() }
    }
}

/// All ways to get faces in.
#[component]
pub fn Import(
    /// How they are divided.
    shares: Shares,
) -> impl IntoView {
    let session = Session::here();
    let hindrance = Memo::new(move |_| session.import_hindrance());
    let hindered = Signal::derive(move || hindrance.with(Option::is_some));
    let over = RwSignal::new(false);
    let import = Callback::new(move |files: Vec<Dropped>| session.import(files, shares.plan()));
    // The whole window is the zone: what misses the frame is meant for it.
    let listeners = [
        window_event_listener(leptos::ev::dragover, move |_| over.set(true)),
        window_event_listener(leptos::ev::dragleave, move |event: DragEvent| {
            over.set(event.related_target().is_some());
        }),
        window_event_listener(leptos::ev::drop, move |event| {
            over.set(false);
            take_drop(session, &event, shares.plan());
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    view! {
        <aside class="import" aria-label="Import">
            <h2>"Import"</h2>
            <div class="own">
                <div class="drop" class:over=move || over.get() && !hindered.get()>
                    <p class="invitation">"Drop a folder, a zip or images here"</p>
                    <p class="quiet">
                        "Folders named after expressions; or " <code>"images/"</code> " and a CSV with "
                        <code>"image, expression, valence, arousal"</code> "; or NumPy arrays; or as AffectNet, FER2013, FER+, "
                        "RAF-DB, CK+, JAFFE and AFEW-VA come."
                    </p>
                    <div class="actions">
                        <FileButton label="Choose files" testid="import-files" multiple=true accept=ACCEPT disabled=hindered on_files=import />
                        <FileButton label="Choose a folder" testid="import-folder" folder=true disabled=hindered on_files=import />
                    </div>
                </div>
                <ActivityLine activity=session.importing testid="import-status" name="Import" doing="importing" />
                <p class="quiet">{hindrance}</p>
            </div>
            <SampleFaces hindered shares />
            <details>
                <summary>"How faces are divided"</summary>
                <p class="quiet">"Data with folders called train, valid and test keeps its own splits. The rest is divided class by class."</p>
                <div class="fields">
                    <WholeField label="Validation, %" value=shares.validation min=0 max=45 />
                    <WholeField label="Test, %" value=shares.test min=0 max=45 />
                    <WholeField label="Seed of the draw" value=shares.seed min=0 max=u64::from(u32::MAX) />
                </div>
            </details>
        </aside>
    }
}

#[component]
fn SampleFaces(hindered: Signal<bool>, shares: Shares) -> impl IntoView {
    let session = Session::here();
    let (count, seed) = (RwSignal::new(2000), RwSignal::new(1));
    let make = move |_| session.import_sample(count.get_untracked() as usize, seed.get_untracked(), shares.plan());
    view! {
        <div class="sample">
            <h3>"Or begin with drawn faces"</h3>
            <p class="quiet">"Generated here, nothing is fetched: each with an expression, a valence and an arousal that its picture really shows."</p>
            <div class="fields">
                <WholeField label="Faces" value=count min=40 max=50_000 />
                <WholeField label="Seed" value=seed min=0 max=u64::from(u32::MAX) />
            </div>
            <div class="actions">
                <button type="button" data-testid="import-sample" disabled=hindered on:click=make>"Draw sample faces"</button>
            </div>
        </div>
    }
}

/// Lists what was dropped, then imports it.
fn take_drop(session: Session, event: &DragEvent, splits: SplitPlan) {
    let Some(transfer) = event.data_transfer() else { return };
    if session.import_hindrance().is_some() {
        return;
    }
    let entries = files::entries(&transfer);
    if entries.is_empty() {
        // Files that lie in no file system (made by a script, dragged from another program) have no entries.
        let files = transfer.files().map(|list| files::chosen(&list)).unwrap_or_default();
        if !files.is_empty() {
            session.import(files, splits);
            return;
        }
        let why = "What was dropped is no file and no folder: drop files from a file manager.";
        session.importing.set(Activity::Failed(why.into()));
        return;
    }
    session.importing.set(Activity::begun(None, 0));
    let found = move |total| {
        session.importing.update(|importing| {
            if let Activity::Running(counting) = importing {
                counting.total = total;
            }
        });
    };
    spawn_local(async move {
        match files::walk(entries, found).await {
            Ok(files) if files.is_empty() => {
                session.importing.set(Activity::Failed("The folder is empty: drop one with images in it.".into()));
            }
            Ok(files) => session.import(files, splits),
            Err(_) => {
                let why = "The browser could not list the folder: choose it with the button instead.";
                session.importing.set(Activity::Failed(why.into()));
            }
        }
    });
}
