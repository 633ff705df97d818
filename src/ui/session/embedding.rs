//! Asks the engine to place the faces of the last evaluation in a plane.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Activity, Session};
use crate::engine::protocol::{Command, EmbeddedFace, Embedding, Outcome};

/// Faces in a plane, as the page keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// How they were placed.
    pub embedding: Embedding,
    /// The faces.
    pub faces: Vec<EmbeddedFace>,
    /// The share of all variance along the two directions in which there is most.
    pub shares: Option<[f64; 2]>,
    /// For every class, how much it is among its own.
    pub kinship: Vec<Option<f64>>,
}

/// What was placed, and what is being placed.
#[derive(Clone, Copy, Default)]
pub struct Placing {
    /// The work under way, or how the last one ended.
    pub activity: RwSignal<Activity>,
    /// The faces of the last evaluation, once they were placed.
    pub embedded: RwSignal<Option<Arc<Embedded>>>,
}

impl Session {
    /// Places the faces of the last evaluation.
    pub fn place_faces(self, embedding: Embedding) {
        let of = self.evaluation.get_untracked();
        let call = self.send(Command::Embed { embedding }, Vec::new());
        let total = of.as_ref().map_or(0, |evaluation| evaluation.report.samples as usize);
        let Placing { activity, embedded } = self.placing;
        activity.set(Activity::begun(Some(call.id), total));
        let call = call.on_progress(move |progress| activity.update(|running| running.advance(&progress)));
        spawn_local(async move {
            let answer = call.outcome().await;
            activity.set(match answer {
                Ok(answer) => {
                    // Another evaluation may have come meanwhile.
                    if let Outcome::Embedded { faces, shares, kinship } = answer.outcome
                        && self.evaluation.get_untracked() == of
                    {
                        embedded.set(Some(Arc::new(Embedded { embedding, faces, shares, kinship })));
                    }
                    Activity::Done
                }
                Err(failure) => Activity::failed(failure),
            });
        });
    }
}
