"""Writes comparison.json: what statsmodels and scikit-learn say about two made-up models on the same samples.

    pip install scikit-learn==1.9.1 scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6
    python make_comparison.py

Probabilities are whole numbers of 1/1024, valence and arousal rounded to f32, as in metrics.json.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from make_metrics import DENOMINATOR, affect_figures, expression_figures, interval, noisy, short

RESAMPLES = 2_000
FIGURES = ["accuracy", "balanced_accuracy", "top2", "precision_macro", "recall_macro", "f1_macro", "precision_weighted",
           "recall_weighted", "f1_weighted", "kappa", "roc_auc_macro", "average_precision_macro", "ece", "brier"]
warnings.simplefilter("ignore")


def mcnemar_cases():
    for b, c in [(0, 0), (1, 0), (0, 5), (3, 3), (4, 11), (12, 12), (20, 4), (1, 24), (13, 12), (25, 25), (40, 21),
                 (300, 200), (0, 60), (2000, 1500)]:
        table = [[50, b], [c, 10]]
        exact = mcnemar(table, exact=True)
        chi_square = mcnemar(table, exact=False, correction=True) if b + c > 0 else None
        yield {"only_first": b, "only_second": c, "exact": float(exact.pvalue),
               "chi_square": float(chi_square.pvalue) if chi_square else 1.0}


def holm_cases(rng):
    for p_values in ([0.01], [0.04, 0.01, 0.03], [0.2, 0.2, 0.9, 0.6], [0.001, 0.0001, 0.5, 0.02, 0.02, 0.02],
                     rng.random(10).round(4).tolist()):
        yield {"p_values": p_values, "corrected": multipletests(p_values, method="holm")[1].tolist()}


def model(rng, truth, valence, skill, noise, names):
    """Its class names in an order of its own."""
    weights = noisy(rng, truth, len(names), skill)
    order = rng.permutation(len(names))
    said = np.float32(np.clip(valence + noise * rng.normal(size=len(truth)), -1, 1))
    return {"classes": [names[i] for i in order], "weights": weights[:, order].tolist(),
            "valence": [short(v) for v in said]}, weights / DENOMINATOR, said.astype(float)


def pair_case(rng, name, samples, skills, noises):
    names = ["neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt"]
    truth = rng.choice(8, samples, p=[0.3, 0.25, 0.1, 0.1, 0.08, 0.07, 0.05, 0.05])
    valence = np.float32(rng.uniform(-1, 1, samples)).astype(float)
    models, probabilities, said = zip(*(model(rng, truth, valence, s, n, names) for s, n in zip(skills, noises)))
    of = lambda drawn: [expression_figures(truth[drawn], p[drawn]) for p in probabilities]
    rated = lambda drawn: [affect_figures(valence[drawn], v[drawn]) for v in said]
    everything = np.arange(samples)
    figures, affect = of(everything), rated(everything)
    members = [np.flatnonzero(truth == c) for c in range(8)]
    differences = {figure: [] for figure in FIGURES}
    affect_differences = {figure: [] for figure in ("rmse", "mae", "pearson", "ccc", "sagr")}
    for _ in range(RESAMPLES):
        drawn = np.concatenate([rng.choice(m, len(m)) for m in members if len(m) > 0])
        first, second = of(drawn)
        for figure, collected in differences.items():
            collected.append(first[figure] - second[figure])
        first, second = rated(rng.integers(0, samples, samples))
        for figure, collected in affect_differences.items():
            collected.append(first[figure] - second[figure])
    right = [p.argmax(axis=1) == truth for p in probabilities]
    b, c = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    exact = b + c < 25
    test = mcnemar([[0, b], [c, 0]], exact=exact, correction=True)
    mean = np.mean(probabilities, axis=0)
    return {
        "name": name, "classes": names, "truth": truth.tolist(), "valence": [short(v) for v in valence], "models": models,
        "mcnemar": {"only_first": b, "only_second": c, "exact": exact, "p_value": float(test.pvalue)},
        "expression": {f: [x[f] for x in figures] for f in FIGURES},
        "affect": {f: [x[f] for x in affect] for f in affect_differences},
        "intervals": {"expression": {f: interval(d, RESAMPLES) for f, d in differences.items()},
                      "affect": {f: interval(d, RESAMPLES) for f, d in affect_differences.items()}},
        "ensemble": expression_figures(truth, mean), "ensemble_valence": affect_figures(valence, np.mean(said, axis=0)),
    }


def main():
    rng = np.random.default_rng(21)
    golden = {
        "mcnemar": list(mcnemar_cases()),
        "holm": list(holm_cases(rng)),
        "pairs": [
            pair_case(rng, "one much better", 300, (2.5, 1.0), (0.1, 0.5)),
            pair_case(rng, "alike", 120, (1.5, 1.5), (0.3, 0.3)),
        ],
    }
    Path(__file__).with_name("comparison.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
