//! Pictures of numbers. They know nothing of the app: numbers, names and colour roles in, ink out.

mod bars;
mod circumplex;
mod confusion;
mod hexagons;
mod lines;
mod path;
mod pen;
mod plane;
mod residuals;
mod saving;
mod scatter;
mod sheet;
mod timeline;
mod turns;

pub use bars::{Bar, Bars};
pub use circumplex::{Affect, Arrow, Circumplex};
pub use confusion::{ConfusionChart, Matrix, Shown};
pub use lines::{Curve, LineChart, Lines, Stroke};
pub use residuals::Residuals;
pub use scatter::{Group, Point, Scatter, ScatterChart};
pub use timeline::{Column, Lane, TimeLine, TimeLineChart};
pub use turns::part_by_part;
