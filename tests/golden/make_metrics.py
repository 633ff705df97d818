"""Writes metrics.json: what scikit-learn, SciPy and NumPy say about made-up predictions.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python make_metrics.py

Probabilities are whole numbers of 1/1024 and add up to 1, so they are exact in f32 and ties are real ties.
Valence and arousal are rounded to f32 here and computed on in f64, as the tests do. What a library calls NaN, or
refuses to compute, is null.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

DENOMINATOR = 1024
RESAMPLES = 20_000
# Fewer where every resample goes through scikit-learn.
SLOW_RESAMPLES = 2_000
warnings.simplefilter("ignore")  # the libraries warn of every undefined figure


def defined(value):
    return None if math.isnan(value) else float(value)


# --- the figures -----------------------------------------------------------------------------------------------------


def expression_figures(truth, probabilities):
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    figures = {"samples": len(truth)}
    figures["accuracy"] = metrics.accuracy_score(truth, predicted)
    figures["balanced_accuracy"] = defined(metrics.balanced_accuracy_score(truth, predicted))
    figures["top2"] = top2(truth, probabilities)
    for average in ("macro", "weighted"):
        scores = metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)
        for name, score in zip(("precision", "recall", "f1"), scores):
            figures[f"{name}_{average}"] = float(score)
    figures["kappa"] = defined(metrics.cohen_kappa_score(truth, predicted))
    figures["brier"] = metrics.brier_score_loss(truth, probabilities, labels=range(classes), scale_by_half=False)
    figures["ece"] = ece(truth == predicted, probabilities.max(axis=1))

    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), average=None, zero_division=np.nan
    )
    areas = [area(truth == c, probabilities[:, c]) for c in range(classes)]
    average_precisions = [average_precision(truth == c, probabilities[:, c]) for c in range(classes)]
    figures["classes"] = [
        {"class": f"class {c}", "support": int(support[c]), "precision": defined(precision[c]),
         "recall": defined(recall[c]), "f1": defined(f1[c]), "roc_auc": areas[c],
         "average_precision": average_precisions[c]}
        for c in range(classes)
    ]
    figures["roc_auc_macro"] = mean_of_defined(areas)
    figures["average_precision_macro"] = mean_of_defined(average_precisions)
    counts = metrics.confusion_matrix(truth, predicted, labels=range(classes))
    figures["confusion"] = {"counts": counts.tolist()}
    return figures


def curves(truth, probabilities):
    """The points of every class's curves; none where a curve is undefined."""

    def of(positive, scores):
        roc, precision_recall = [], []
        if positive.any() and not positive.all():
            false, true, _ = metrics.roc_curve(positive, scores)
            roc = np.column_stack([false, true]).round(7).tolist()
        if positive.any():
            precision, recall, _ = metrics.precision_recall_curve(positive, scores)
            precision_recall = np.column_stack([recall, precision])[::-1].round(7).tolist()
        return {"roc": roc, "precision_recall": precision_recall}

    return [of(truth == c, probabilities[:, c]) for c in range(probabilities.shape[1])]


def reliability(right, confidence, bins=15):
    """The curve is scikit-learn's; the counts are of its bins, which are (lower, upper]. Empty ones are left out."""
    share_right, mean_confidence = calibration_curve(right.astype(int), confidence, n_bins=bins, pos_label=1)
    which = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    filled, samples = np.unique(which, return_counts=True)
    return [{"bin": int(b), "samples": int(n), "confidence": float(c), "accuracy": float(a)}
            for b, n, c, a in zip(filled, samples, mean_confidence, share_right)]


def area(positive, scores):
    return float(metrics.roc_auc_score(positive, scores)) if positive.any() and not positive.all() else None


def average_precision(positive, scores):
    return float(metrics.average_precision_score(positive, scores)) if positive.any() else None


def mean_of_defined(figures):
    figures = [f for f in figures if f is not None]
    return float(np.mean(figures)) if figures else None


def top2(truth, probabilities):
    """Of equal scores the first ranks higher; scikit-learn, which takes the last, must agree where there are none."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    share = float(np.mean([t in row for t, row in zip(truth, best)]))
    classes = probabilities.shape[1]
    if classes > 2 and all(len(set(row)) == classes for row in probabilities):
        assert math.isclose(share, metrics.top_k_accuracy_score(truth, probabilities, k=2, labels=range(classes)))
    return share


def ece(right, confidence):
    return sum(b["samples"] * abs(b["accuracy"] - b["confidence"]) for b in reliability(right, confidence)) / len(right)


def affect_figures(truth, predicted):
    still = np.ptp(truth) == 0 or np.ptp(predicted) == 0
    if still:
        # A rounded mean would leave a variance of 1e-33: the covariance is 0, so is the CCC unless it is 0/0.
        ccc = None if np.ptp(np.concatenate([truth, predicted])) == 0 else 0.0
    else:
        cov = np.cov(truth, predicted, bias=True)
        ccc = 2 * cov[0, 1] / (cov[0, 0] + cov[1, 1] + (truth.mean() - predicted.mean()) ** 2)
    return {
        "samples": len(truth),
        "rmse": float(metrics.root_mean_squared_error(truth, predicted)),
        "mae": float(metrics.mean_absolute_error(truth, predicted)),
        "pearson": None if still else defined(stats.pearsonr(truth, predicted).statistic),
        "ccc": ccc,
        "sagr": float(np.mean(np.sign(truth) == np.sign(predicted))),
    }


# --- the intervals ---------------------------------------------------------------------------------------------------


def interval(figures, resamples):
    """Between which values each end may lie where only 1,000 resamples are drawn: the share of them below the true
    percentile is binomial, as it is of the resamples drawn here, and four standard deviations of the difference are
    allowed. No shape of the distribution is assumed."""
    slack = 4 * math.sqrt(0.025 * 0.975 * (1 / 1000 + 1 / resamples))
    ends = {"low": [0.025 - slack, 0.025 + slack], "high": [0.975 - slack, 0.975 + slack]}
    return {end: [round(float(v), 6) for v in np.quantile(figures, np.clip(shares, 0, 1))]
            for end, shares in ends.items()}


def expression_resamples(truth, probabilities, rng, resamples):
    """Samples are drawn with replacement within every true class, and every figure is computed anew. The values of every
    figure, then those of every class's."""
    members = [np.flatnonzero(truth == c) for c in range(probabilities.shape[1])]
    values, values_of_classes = {}, [{} for _ in members]
    for _ in range(resamples):
        drawn = np.concatenate([rng.choice(m, len(m)) for m in members if len(m) > 0])
        figures = expression_figures(truth[drawn], probabilities[drawn])
        for collected, some in [(values, figures), *zip(values_of_classes, figures["classes"])]:
            for name, figure in some.items():
                if isinstance(figure, float):
                    collected.setdefault(name, []).append(figure)
    return values, values_of_classes


def expression_intervals(truth, probabilities, rng):
    values, values_of_classes = expression_resamples(truth, probabilities, rng, SLOW_RESAMPLES)
    intervals = [{name: interval(figures, SLOW_RESAMPLES) for name, figures in collected.items()}
                 for collected in (values, *values_of_classes)]
    return {**intervals[0], "classes": intervals[1:]}


def concordance(truth, predicted, axis=-1):
    gap = truth.mean(axis=axis) - predicted.mean(axis=axis)
    cov = (truth * predicted).mean(axis=axis) - truth.mean(axis=axis) * predicted.mean(axis=axis)
    return 2 * cov / (truth.var(axis=axis) + predicted.var(axis=axis) + gap**2)


STATISTICS = {
    "rmse": lambda truth, predicted, axis=-1: np.sqrt(np.mean((truth - predicted) ** 2, axis=axis)),
    "mae": lambda truth, predicted, axis=-1: np.mean(np.abs(truth - predicted), axis=axis),
    "pearson": lambda truth, predicted, axis=-1: stats.pearsonr(truth, predicted, axis=axis).statistic,
    "ccc": concordance,
    "sagr": lambda truth, predicted, axis=-1: np.mean(np.sign(truth) == np.sign(predicted), axis=axis),
}


def affect_resamples(truth, predicted, rng, resamples):
    def distribution(statistic):
        return stats.bootstrap(
            (truth, predicted), statistic, paired=True, vectorized=True, n_resamples=resamples, batch=1000,
            confidence_level=0.95, method="percentile", rng=rng,
        ).bootstrap_distribution

    return {name: distribution(statistic) for name, statistic in STATISTICS.items()}


def affect_intervals(truth, predicted, rng):
    return {name: interval(values, RESAMPLES)
            for name, values in affect_resamples(truth, predicted, rng, RESAMPLES).items()}


# --- the cases -------------------------------------------------------------------------------------------------------


def probabilities_of(logits):
    """Softmax, in whole 1/1024; what rounding leaves over goes to the largest."""
    soft = np.exp(logits - logits.max(axis=1, keepdims=True))
    soft /= soft.sum(axis=1, keepdims=True)
    whole = np.floor(soft * DENOMINATOR).astype(int)
    whole[np.arange(len(whole)), soft.argmax(axis=1)] += DENOMINATOR - whole.sum(axis=1)
    return whole


def noisy(rng, truth, classes, skill=1.5):
    return probabilities_of(rng.normal(size=(len(truth), classes)) + skill * np.eye(classes)[truth])


def certain(predicted, classes):
    return np.eye(classes, dtype=int)[predicted] * DENOMINATOR


def ladder_of(rng, samples):
    """Confidences spread evenly from 1/8 to 1, some of them exactly 1."""
    confidence = np.minimum(np.linspace(129, 1100, samples).astype(int), DENOMINATOR)
    rows = np.repeat(((DENOMINATOR - confidence) // 7)[:, None], 8, axis=1)
    best = rng.integers(0, 8, samples)
    rows[np.arange(samples), best] += DENOMINATOR - rows.sum(axis=1)
    return rows


def pair(rng, samples, slope=0.7, noise=0.25):
    truth = rng.uniform(-1, 1, samples)
    return truth, np.clip(slope * truth + noise * rng.normal(size=samples), -1, 1)


def case(name, classes, truth=None, weights=None, valence=None, arousal=None, intervals=None, drawn=False):
    """`truth`: classes, distributions, or None where there is no label. `valence`, `arousal`: (truth, predicted).
    `drawn`: with its curves."""
    columns = [c for c in (truth, valence and valence[0], arousal and arousal[0]) if c is not None]
    samples = len(columns[0])
    truth = [None] * samples if truth is None else truth
    weights = [[]] * samples if weights is None else np.asarray(weights).tolist()
    labelled = [i for i in range(samples) if truth[i] is not None and classes > 0]
    figures = {"samples": samples, "expression": None, "valence": None, "arousal": None}
    reference, written = {}, {}
    if labelled:
        index = np.array([int(np.argmax(truth[i])) if np.ndim(truth[i]) else int(truth[i]) for i in labelled])
        probabilities = np.array([weights[i] for i in labelled]) / DENOMINATOR
        figures["expression"] = expression_figures(index, probabilities)
        right = index == probabilities.argmax(axis=1)
        written["reliability"] = reliability(right, probabilities.max(axis=1))
        if drawn:
            written["curves"] = curves(index, probabilities)
        if intervals:
            reference["expression"] = expression_intervals(index, probabilities, intervals)
    for axis, columns in (("valence", valence), ("arousal", arousal)):
        said, was = ([0.0] * samples, [None] * samples) if columns is None else (columns[1], columns[0])
        said = np.float32(said)
        was = [None if v is None or math.isnan(v) else float(np.float32(v)) for v in was]
        known = [i for i in range(samples) if was[i] is not None]
        if known:
            t, p = np.array([was[i] for i in known]), said[known].astype(float)
            figures[axis] = affect_figures(t, p)
            if intervals:
                reference[axis] = affect_intervals(t, p, intervals)
        written[axis] = [[short(w), short(s)] for w, s in zip(was, said)]
    truth = [t if t is None else np.asarray(t).tolist() for t in truth]
    return {"name": name, "classes": classes, "truth": truth, "weights": weights, **written,
            "figures": figures, "intervals": reference}


def short(value):
    """The fewest digits that are still this f32."""
    return None if value is None else float(str(np.float32(value)))


def expression_cases(rng):
    balanced = np.repeat(np.arange(7), 20)
    yield case("balanced, 7 classes", 7, balanced, noisy(rng, balanced, 7), intervals=rng)
    uneven = rng.choice(8, 200, p=[0.4, 0.3, 0.1, 0.08, 0.05, 0.04, 0.02, 0.01])
    yield case("imbalanced, 8 classes", 8, uneven, noisy(rng, uneven, 8), intervals=rng)
    two = rng.integers(0, 2, 80)
    yield case("two classes", 2, two, noisy(rng, two, 2, 0.8), drawn=True)
    some = rng.integers(0, 7, 70)
    some[some == 3] = 4
    yield case("a class absent from the truth", 8, some, noisy(rng, some, 8, 0.7), drawn=True)
    shy = noisy(rng, balanced, 7)
    shy[:, 0] += shy[:, 2]
    shy[:, 2] = 0
    yield case("a class never predicted", 7, balanced, shy)
    few = rng.integers(0, 3, 40)
    narrow = np.zeros((40, 8), dtype=int)
    narrow[:, :3] = noisy(rng, few, 3)
    yield case("classes neither true nor predicted", 8, few, narrow)
    yield case("constant prediction", 8, uneven[:60], np.tile([24, 500, 100, 100, 100, 100, 50, 50], (60, 1)), drawn=True)
    yield case("uniform prediction", 8, uneven[:60], np.full((60, 8), 128))
    tied = rng.choice([0, 1, 2], (90, 8))
    tied[:, 0] += tied.sum(axis=1) == 0
    tied *= 128
    tied[:, 5] += np.maximum(DENOMINATOR - tied.sum(axis=1), 0)
    tied = tied[tied.sum(axis=1) == DENOMINATOR]
    yield case("ties in the scores", 8, rng.integers(0, 8, len(tied)), tied, drawn=True)
    halves = np.array([[512, 512, 0], [512, 0, 512], [0, 512, 512], [342, 341, 341]] * 5)
    yield case("ties for the first place", 3, np.arange(20) % 3, halves)
    ladder = rng.integers(0, 8, 120)
    yield case("every confidence from 1/8 to 1", 8, ladder, ladder_of(rng, 120))
    # 1 belongs to the last bin, where the two kinds of error cancel.
    edge = np.tile([24, 1000, 0], (20, 1))
    edge[::4] = [0, DENOMINATOR, 0]
    yield case("certain and wrong, nearly certain and right", 3, np.where(np.arange(20) % 4 == 0, 2, 1), edge)
    votes = rng.multinomial(10, [0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05], 80) / 10
    yield case("soft labels, with ties", 8, votes, noisy(rng, votes.argmax(axis=1), 8))
    yield case("one sample, right", 8, [3], certain([3], 8), drawn=True)
    yield case("one sample, wrong", 8, [3], noisy(rng, np.array([5]), 8, 9))
    yield case("two samples", 7, [0, 1], certain([0, 0], 7))
    yield case("two samples of one class", 7, [4, 4], certain([4, 1], 7))
    yield case("all of one class, all right", 7, [2] * 12, certain([2] * 12, 7), drawn=True)
    yield case("all of one class, all wrong", 7, [2] * 12, certain([6] * 12, 7))
    yield case("perfect", 8, uneven[:80], certain(uneven[:80], 8), intervals=rng)
    yield case("always wrong", 8, uneven[:80], certain((uneven[:80] + 1) % 8, 8), intervals=rng)
    # Within the classes almost nothing varies: an interval without strata would be twice as wide.
    halved = np.repeat([0, 1], 60)
    said = np.where(np.arange(120) % 20 == 0, 1 - halved, halved) * (halved == 0) + (halved == 1) * (
        np.arange(120) % 15 == 0)
    yield case("one class easy, one hard", 2, halved, certain(said, 2), intervals=rng)


def affect_cases(rng):
    yield case("valence and arousal only", 0, valence=pair(rng, 120), arousal=pair(rng, 120, 0.3, 0.4), intervals=rng)
    truth, said = pair(rng, 60)
    holes = np.where(rng.random(60) < 0.4, np.nan, truth)
    labels = [None if rng.random() < 0.3 else int(c) for c in rng.integers(0, 8, 60)]
    weights = noisy(rng, np.array([c or 0 for c in labels]), 8)
    yield case("labels missing here and there", 8, labels, weights, (holes, said), pair(rng, 60, -0.5))
    yield case("classes without labels", 8, None, weights, (truth, said))
    yield case("nothing labelled", 8, [None] * 4, weights[:4])
    yield case("truth stands still", 0, valence=([0.1] * 30, rng.uniform(-1, 1, 30)))
    yield case("prediction stands still", 0, valence=(truth, [0.3] * 60), arousal=(truth, [0.0] * 60))
    yield case("both stand still", 0, valence=([0.1] * 30, [0.1] * 30), arousal=([0.1] * 30, [-0.7] * 30))
    yield case("one value", 0, valence=([0.4], [0.4]), arousal=([0.4], [-0.1]))
    yield case("two values", 0, valence=([0.4, -0.2], [0.1, 0.3]), arousal=([0.4, -0.2], [0.9, 0.9]))
    yield case("zeros have a sign of their own", 0,
               valence=([0.0, 0.0, -0.0, 0.0, 0.5, -0.5, 0.5], [0.0, -0.0, 0.0, 1e-30, 0.0, -0.0, 0.1]))
    yield case("perfect affect", 0, valence=(truth, truth), arousal=(truth, -truth), intervals=rng)
    yield case("hardly varies", 0, valence=(0.9 + 1e-5 * truth, 0.9 + 1e-5 * said))


def main():
    rng = np.random.default_rng(20)
    cases = [*expression_cases(rng), *affect_cases(rng)]
    lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
    Path(__file__).with_name("metrics.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
