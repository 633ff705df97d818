//! Model files in, files out.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::engine::client::Answer;
use crate::engine::protocol::{Command, Description, Export, ModelId, ModelSummary, Outcome};
use crate::ui::files;

impl Session {
    /// Adds a model, and makes it the one to evaluate.
    pub(super) fn hold(&self, model: ModelSummary) {
        self.chosen_model.set(Some(model.id));
        self.models.update(|models| {
            models.retain(|held| held.id != model.id);
            models.push(model);
        });
    }

    /// Asks which models there are: a run that broke off may have left one.
    pub(super) async fn refresh_models(self) {
        self.renew_models().await;
        self.chosen_model.set(self.models.with_untracked(|models| models.last().map(|model| model.id)));
    }

    /// Asks what is known of the models: an evaluation may have been added.
    pub(super) async fn renew_models(self) {
        if let Ok(answer) = self.ask(Command::ListModels).await
            && let Outcome::Models(models) = answer.outcome
        {
            self.models.set(models);
        }
    }

    /// Reads a model file. The model will be the one to evaluate: until it is there, none is evaluated.
    pub fn import_model(self, file: web_sys::File) {
        self.notice.set(None);
        let name = file.name();
        let call = self.send(Command::ImportModel { name }, vec![file]);
        self.models_coming.update(|coming| *coming += 1);
        spawn_local(async move {
            let outcome = call.outcome().await;
            self.models_coming.update(|coming| *coming -= 1);
            match outcome {
                Ok(answer) => {
                    if let Outcome::Model(model) = answer.outcome {
                        self.hold(model);
                        self.look_at_storage().await;
                    }
                }
                Err(failure) => self.notice.set(Some(failure.message)),
            }
        });
    }

    /// Deletes a model, here and where it is kept.
    pub fn delete_model(self, model: ModelId) {
        self.change_models(Command::DeleteModel { model });
    }

    /// Gives a model another name.
    pub fn rename_model(self, model: ModelId, name: String) {
        self.change_models(Command::RenameModel { model, name });
    }

    /// Keeps what a person writes about a model.
    pub fn note_model(self, model: ModelId, note: String) {
        self.change_models(Command::NoteModel { model, note });
    }

    /// Makes a second model of the same weights.
    pub fn copy_model(self, model: ModelId) {
        self.change_models(Command::CopyModel { model });
    }

    fn change_models(self, command: Command) {
        self.notice.set(None);
        spawn_local(async move {
            match self.ask(command).await {
                Ok(answer) => {
                    if let Outcome::Models(models) = answer.outcome {
                        self.models.set(models);
                    }
                    self.look_at_storage().await;
                }
                Err(failure) => self.notice.set(Some(failure.message)),
            }
        });
    }

    /// Asks what a model is made of.
    pub fn describe_model(self, model: ModelId, into: RwSignal<Option<Description>>) {
        self.notice.set(None);
        spawn_local(async move {
            match self.ask(Command::DescribeModel { model }).await {
                Ok(answer) => {
                    if let Outcome::Description(description) = answer.outcome {
                        // The view that asked may be gone.
                        into.try_set(Some(description));
                    }
                }
                Err(failure) => self.notice.set(Some(failure.message)),
            }
        });
    }

    /// Has the engine write a file, and the browser save it.
    pub fn download(self, what: Export) {
        self.notice.set(None);
        spawn_local(async move {
            let answer = self.ask(Command::Export { what }).await.map_err(|failure| failure.message);
            if let Err(why) = answer.and_then(|answer| save(&answer)) {
                self.notice.set(Some(why));
            }
            if matches!(what, Export::Run(_)) {
                // What it had to leave out is told there.
                self.look_at_storage().await;
            }
        });
    }
}

/// Has the browser save the file that came with an answer.
pub(super) fn save(answer: &Answer) -> Result<(), String> {
    let Outcome::File { name, media_type } = &answer.outcome else { return Ok(()) };
    let saved = match (&answer.file, &answer.attachment) {
        (Some(file), _) => files::save_file(name, file),
        (None, Some(bytes)) => files::save(name, media_type, bytes),
        (None, None) => return Err("The engine sent a file without content: try again.".into()),
    };
    saved.map_err(|_| format!("The browser would not save {name}."))
}
