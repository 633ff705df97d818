//! How dropped files are opened: what they are taken for, and what a person may say instead.

use serde::{Deserialize, Serialize};

use super::{Mapping, TableView};

/// A way in which datasets lie on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A table of pixels, as FER2013 comes.
    Fer2013,
    /// Arrays of images, and of their labels.
    ImageArrays,
    /// Images and FER+'s votes.
    FerPlus,
    /// RAF-DB's list, or its numbered folders.
    RafDb,
    /// Three arrays for each image, as AffectNet comes.
    AffectNetArrays,
    /// Images, and arrays with a value for each.
    LabelArrays,
    /// Clips of frames, as AFEW-VA comes.
    AfewVa,
    /// Tables with a row for each image, which may hold its pixels.
    Table,
    /// Folders called after expressions.
    ExpressionFolders,
    /// Expressions in file names.
    FileNames,
    /// Folders, whatever they are called.
    Folders,
}

impl Layout {
    /// All of them, in the order they are asked in: the most telling first. Votes are a table too, and tables stand beside
    /// folders.
    pub const ALL: [Layout; 11] = [
        Layout::Fer2013,
        Layout::ImageArrays,
        Layout::FerPlus,
        Layout::RafDb,
        Layout::AffectNetArrays,
        Layout::LabelArrays,
        Layout::AfewVa,
        Layout::Table,
        Layout::ExpressionFolders,
        Layout::FileNames,
        Layout::Folders,
    ];

    /// What a person calls it.
    pub fn words(self) -> &'static str {
        match self {
            Layout::Fer2013 => "FER2013's table of pixels",
            Layout::ImageArrays => "arrays of images",
            Layout::FerPlus => "images with FER+'s votes",
            Layout::RafDb => "RAF-DB",
            Layout::AffectNetArrays => "AffectNet, with arrays for each image",
            Layout::LabelArrays => "images with arrays of labels",
            Layout::AfewVa => "AFEW-VA",
            Layout::Table => "images with a table of labels",
            Layout::ExpressionFolders => "folders called after expressions",
            Layout::FileNames => "images with the expression in their names",
            Layout::Folders => "a folder for each class, whatever it is called",
        }
    }

    /// Whether it is about image files always, rather than pixels in tables and arrays.
    pub fn has_image_files(self) -> bool {
        !matches!(self, Layout::Fer2013 | Layout::ImageArrays | Layout::Table)
    }
}

/// What a person says of files before they are opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// How they lie; `None` has it recognised.
    pub layout: Option<Layout>,
    /// What the columns of tables are. Those of other tables do no harm.
    pub mappings: Vec<Mapping>,
}

/// How files were opened, and how else they could be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What they were taken for; `None` where there were no files.
    pub layout: Option<Layout>,
    /// What else they could be.
    pub others: Vec<Layout>,
    /// Tables whose columns a person may explain.
    pub tables: Vec<TableView>,
}
