//! The field's words: expressions, label sets, valence and arousal, annotations. No input or output.

mod annotation;
mod derived;
mod expression;
mod label_set;

pub use annotation::Annotation;
pub use expression::Expression;
pub use label_set::{LabelMap, LabelSet};
