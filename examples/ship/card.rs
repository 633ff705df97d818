//! A model card: what a shipped model is, what it was learned from, how good it is, and where it fails (Mitchell et al. 2019, *Model
//! Cards for Model Reporting*).

use std::fmt::Write;

use mien::engine::protocol::{Ending, ModelSummary, Shipped, TrainingRecord};
use mien::evaluation::{ExpressionMetrics, Interval, Report};
use mien::training::{SETTINGS, TrainingPlan};

/// Mistakes that are told, the most frequent first.
const MISTAKES: usize = 6;

/// A figure, where it is defined, and its interval.
type Value = (Option<f64>, Option<Interval>);

/// A figure's name, and where it stands.
type Row = (&'static str, fn(&ExpressionMetrics) -> Value);

/// What holds for every model that was trained on FER+.
const DATA: &str = "\
## What it learned from

FER2013's images (Goodfellow et al. 2013: 48x48 pixels, gray, found by searching the web) with the votes of ten annotators on each \
(FER+, Barsoum et al. 2016). Images whose most votes are for \"unknown\" or \"not a face\", and ties, are left out (the \"majority\" \
protocol); of the others the votes for the eight expressions are the label, as a distribution. The validation split chose the \
plan, the epoch and the temperature; the test split chose nothing, and was looked at only for files that were shipped.

The votes are Microsoft's, under the MIT licence. Who owns the photographs, and who is in them, is not known: no photograph is part \
of this site, and whether a model trained on them may be used for a purpose is for its user to judge.

## Valence and arousal

FER+ has none. They are derived from the votes: the mean of where the expressions lie by the ratings of Russell & Mehrabian \
(1977), weighed by the votes. They are not measured, and say little beyond the expression.
";

const LIMITS: &str = "\
## What it is not for

It says how a face looks to people who vote on photographs; it does not know what somebody feels. It errs more on faces unlike \
those it learned from, which are mostly frontal, mostly adult, posed or caught by press photographers. Nothing was measured by age, \
sex or skin. It is for play, teaching and research; not for decisions about people. In the European Union inferring emotions at \
work and in schools is forbidden but for medical or safety reasons (Regulation (EU) 2024/1689, article 5).
";

/// The card, in Markdown. `before` is what the model was on the validation split before the temperature and the rounding;
/// `reports` are those of the shipped file.
pub fn written(
    summary: &ModelSummary,
    before: &Report,
    reports: &[Report; 2],
    temperature: f64,
    shipped: &Shipped,
) -> String {
    let mut card = format!("# {}\n\n", summary.name);
    let _ = writeln!(
        card,
        "{}, {} parameters, {}; it reads faces of {size} x {size} pixels. {}\n",
        summary.architecture,
        summary.parameters,
        lengths(shipped),
        summary.training.as_ref().map_or(String::new(), trained),
        size = summary.input_size,
    );
    let _ = writeln!(card, "{}\n", made(summary));
    card += "## How good it is\n\n| | validation | test |\n|---|---|---|\n";
    let [validation, test] = reports.each_ref().map(|report| report.expression.as_ref());
    let (Some(validation), Some(test)) = (validation, test) else { return card };
    let rows: [Row; 6] = [
        ("accuracy", |of| (of.accuracy, of.intervals.accuracy)),
        ("balanced accuracy", |of| (of.balanced_accuracy, of.intervals.balanced_accuracy)),
        ("macro F1", |of| (of.f1_macro, of.intervals.f1_macro)),
        ("Cohen's kappa", |of| (of.kappa, of.intervals.kappa)),
        ("ROC-AUC, macro", |of| (of.roc_auc_macro, of.intervals.roc_auc_macro)),
        ("calibration error (ECE)", |of| (of.ece, of.intervals.ece)),
    ];
    for (name, of) in rows {
        let _ = writeln!(card, "| {name} | {} | {} |", figure(of(validation)), figure(of(test)));
    }
    let ece = before.expression.as_ref().and_then(|of| of.ece);
    let _ = writeln!(
        card,
        "\n{} and {} faces, 8 classes; in brackets 95 % bootstrap intervals. The temperature, fitted on the validation split and built \
         into the weights, is {temperature:.3}; without it the calibration error there was {}.\n",
        validation.samples,
        test.samples,
        figure((ece, None))
    );
    card += "| class | test faces | precision | recall | F1 |\n|---|---|---|---|---|\n";
    for (class, name) in test.classes.iter().zip(reports[1].label_set.classes()) {
        let of = class.intervals;
        let _ = writeln!(
            card,
            "| {name} | {} | {} | {} | {} |",
            class.support,
            figure((class.precision, of.precision)),
            figure((class.recall, of.recall)),
            figure((class.f1, of.f1))
        );
    }
    card += "\n## Where it fails\n\n";
    for (count, truth, taken) in mistakes(&reports[1], test) {
        let _ = writeln!(card, "- {truth} is taken for {taken} in {count} test faces");
    }
    card + "\n" + DATA + "\n" + COMPARED + "\n" + LIMITS
}

/// How long its file is, and what it needs beside.
fn lengths(shipped: &Shipped) -> String {
    let Shipped { bytes, backbone_bytes, .. } = shipped;
    match backbone_bytes {
        0 => format!("{} KB in 16 bits", bytes / 1000),
        _ => format!(
            "{} KB beside the ImageNet weights ({} KB): kernels are there as their differences from those, in 8 bits",
            bytes / 1000,
            backbone_bytes / 1000
        ),
    }
}

/// How long it was trained, and how that ended.
fn trained(training: &TrainingRecord) -> String {
    let ended = match training.ending {
        Ending::Completed => "to its plan's end",
        Ending::EarlyStopping => "until it no longer got better",
        Ending::Stopped | Ending::BrokenOff => "stopped before its plan's end",
    };
    format!(
        "Trained natively with Mien, {}, {ended}; the weights are those of epoch {}.",
        training.cost(),
        training.best_epoch
    )
}

/// When and from what it was made, and the settings that are not the page's own.
fn made(summary: &ModelSummary) -> String {
    let date = command("date", &["-u", "+%Y-%m-%d"]);
    let commit = command("git", &["rev-parse", "--short", "HEAD"]);
    let (plan, own) = (summary.plan.clone().unwrap_or_default(), TrainingPlan::default());
    let settings = SETTINGS.iter().filter_map(|setting| {
        let value = plan.get(setting.name)?;
        (own.get(setting.name)? != value).then(|| format!("{} {value}", setting.name))
    });
    let settings = settings.collect::<Vec<_>>().join(", ");
    format!("Made on {date} from commit {commit}. Settings other than the page's own: {settings}.")
}

/// What a program says, in a line.
fn command(program: &str, arguments: &[&str]) -> String {
    let said = std::process::Command::new(program).args(arguments).output();
    said.map_or("unknown".into(), |said| String::from_utf8_lossy(&said.stdout).trim().to_string())
}

/// What others reach, each as its protocol is.
const COMPARED: &str = "\
## Beside others

| | protocol | accuracy |
|---|---|---|
| VGG13 (Barsoum et al. 2016) | FER+ test, majority; labels drawn from the votes in training | 84.99 % |
| face-api 1.7.15, expression network | this very test split, 8 classes | 66.0 % |
| ResNet-18 of TER-GAN | this very test split, 8 classes | 50.9 % |
";

fn figure((value, interval): Value) -> String {
    let Some(value) = value else { return "n/a".into() };
    match interval {
        Some(Interval { low, high }) => format!("{value:.3} ({low:.3}-{high:.3})"),
        None => format!("{value:.3}"),
    }
}

/// The most frequent mistakes: how often, what it was, what it was taken for.
fn mistakes<'a>(report: &'a Report, of: &ExpressionMetrics) -> Vec<(u64, &'a str, &'a str)> {
    let names = report.label_set.classes();
    let rows = of.confusion.counts.iter().zip(names);
    let cells =
        rows.flat_map(|(row, truth)| row.iter().zip(names).map(move |(count, taken)| (*count, &**truth, &**taken)));
    let mut mistakes: Vec<_> = cells.filter(|(count, truth, taken)| truth != taken && *count > 0).collect();
    mistakes.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    mistakes.truncate(MISTAKES);
    mistakes
}
