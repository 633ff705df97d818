//! What several pages show.

mod activity;
mod choices;
mod delete_button;
mod face;
mod field;
mod file_button;
mod listing;
mod mark;
mod markdown;
mod model_select;
mod news;
mod pager;
mod rail;
mod scroll;
mod slider;
mod strengths;

pub use activity::ActivityLine;
pub use choices::Choices;
pub use delete_button::DeleteButton;
pub use face::{Face, pictures, thumbnails};
pub use field::WholeField;
pub use file_button::FileButton;
pub use listing::{Listing, PAGE, Question};
pub use mark::{Class, Mark};
pub use markdown::Markdown;
pub use model_select::ModelSelect;
pub use news::News;
pub use pager::Pager;
pub use rail::Rail;
pub use scroll::Scroll;
pub use slider::Slider;
pub use strengths::Strengths;
