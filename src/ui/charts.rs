//! Pictures of numbers. They know nothing of the app: numbers, names and colour roles in, ink out.

mod bars;
mod circumplex;
mod confusion;
mod lines;
mod pen;
mod sheet;

pub use bars::{Bar, Bars};
pub use circumplex::{Affect, Arrow, Circumplex};
pub use confusion::{ConfusionChart, Matrix};
pub use lines::{Curve, LineChart, Lines, Stroke};
