//! Why nothing could be imported, in sentences.

use thiserror::Error;

use crate::dataset::{Layout, Problem, StoreError, TableView};

/// Why nothing could be imported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Nothing was dropped.
    #[error("Nothing to import: the folder is empty. Drop images with their labels, or a zip of them.")]
    Empty,
    /// No file that could be opened holds an image.
    #[error("{name} holds no image (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF).{}", first_problem(.problem))]
    NoImages {
        /// What was dropped.
        name: String,
        /// What stood in the way, where something did.
        problem: Option<Box<Problem>>,
    },
    /// There are images, and nothing says what they show.
    #[error(
        "{name} holds {images} images but no labels. Put the images of each class in a folder of its name, or add a CSV \
         with a column for the image (image, file, path) and one for expression, valence or arousal.{}",
        first_problem(.problem)
    )]
    NoLabels {
        /// What was dropped.
        name: String,
        /// How many images there are.
        images: usize,
        /// What stood in the way, where something did.
        problem: Option<Box<Problem>>,
        /// Tables that would say it, if a person said what their columns are.
        tables: Vec<TableView>,
    },
    /// There are tables of pixels, and nothing says which column is what.
    #[error(
        "{name} holds images as rows of pixels, but no column that says what they show. Say what the columns are, or call \
         them pixels and expression."
    )]
    UnknownColumns {
        /// What was dropped.
        name: String,
        /// The tables.
        tables: Vec<TableView>,
    },
    /// The files do not lie as a person said.
    #[error("{name} cannot be opened as {}: open it as something else.", layout.words())]
    OtherLayout {
        /// What was dropped.
        name: String,
        /// What the person said.
        layout: Layout,
    },
    /// There are images and labels, but not one image that has a label and can be read.
    #[error("No image of {name} could be imported.{}", first_problem(.problem))]
    NothingLeft {
        /// What was dropped.
        name: String,
        /// What stood in the way.
        problem: Option<Box<Problem>>,
        /// Tables whose columns may have been taken for something else than they are.
        tables: Vec<TableView>,
    },
    /// The images could not be stored.
    #[error("The import stopped: {0}.")]
    Store(#[from] StoreError),
}

impl ImportError {
    /// Tables with which it would go better, if a person said what their columns are.
    pub fn tables(&self) -> &[TableView] {
        match self {
            ImportError::NoLabels { tables, .. }
            | ImportError::UnknownColumns { tables, .. }
            | ImportError::NothingLeft { tables, .. } => tables,
            _ => &[],
        }
    }
}

/// The sentence that goes after another one.
fn first_problem(problem: &Option<Box<Problem>>) -> String {
    problem.as_ref().map(|problem| format!(" {problem}.")).unwrap_or_default()
}
