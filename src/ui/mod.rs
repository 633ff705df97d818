//! Pages, components, charts.
