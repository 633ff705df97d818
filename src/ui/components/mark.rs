//! Each expression's one colour and one short name, the same everywhere.

use leptos::prelude::*;

use crate::affect::{Expression, LabelSet};

/// Roles of the style sheet for classes that are none of the field's expressions.
const ROLES: [&str; 8] =
    ["--neutral", "--happy", "--sad", "--surprise", "--fear", "--disgust", "--anger", "--contempt"];

/// How a class is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its short name: never is the colour alone.
    pub short: String,
    /// Its name in the label set.
    pub name: String,
    /// The role of its colour.
    pub role: &'static str,
}

impl Class {
    /// The class at `index` of a label set.
    pub fn of(label_set: &LabelSet, index: usize) -> Class {
        let name = label_set.classes().get(index).cloned().unwrap_or_else(|| format!("class {index}"));
        match label_set.expression(index) {
            Some(expression) => Class { short: short_name(expression).into(), name, role: ROLES[expression as usize] },
            None => Class { short: abbreviation(label_set, index, &name), name, role: ROLES[index % ROLES.len()] },
        }
    }

    /// Every class of a label set, in its order.
    pub fn all(label_set: &LabelSet) -> Vec<Class> {
        (0..label_set.len()).map(|index| Class::of(label_set, index)).collect()
    }
}

fn short_name(expression: Expression) -> &'static str {
    match expression {
        Expression::Neutral => "Neu",
        Expression::Happy => "Hap",
        Expression::Sad => "Sad",
        Expression::Surprise => "Sur",
        Expression::Fear => "Fea",
        Expression::Disgust => "Dis",
        Expression::Anger => "Ang",
        Expression::Contempt => "Con",
    }
}

/// The first letters of a name, or its number where they would name two classes.
fn abbreviation(label_set: &LabelSet, index: usize, name: &str) -> String {
    let letters = |name: &str| name.chars().take(4).collect::<String>();
    let short = letters(name);
    let twice = label_set.classes().iter().enumerate().any(|(other, name)| other != index && letters(name) == short);
    if twice { format!("#{}", index + 1) } else { short }
}

/// A swatch and the short name; the whole name on hovering and for screen readers.
#[component]
pub fn Mark(
    /// Whose.
    class: Class,
) -> impl IntoView {
    let role = class.role.trim_start_matches('-');
    view! { <abbr class=format!("mark {role}") title=class.name>{class.short}</abbr> }
}
