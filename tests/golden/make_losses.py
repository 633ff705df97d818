"""Reference values for the training room: losses with their gradients, and learning rates.

    pip install numpy==2.4.6
    python tests/golden/make_losses.py

Writes tests/golden/losses.json. Everything in float64. The losses are written here sample by sample, without masks;
gradients are central differences of them.
"""

import json
import math
from pathlib import Path

import numpy as np

RNG = np.random.default_rng(7)


def cross_entropy(logits, target, weights, smoothing):
    """Mean over the labelled samples, as PyTorch's CrossEntropyLoss for class probabilities."""
    losses = []
    for row, wanted in zip(logits, target):
        if wanted is None:
            continue
        log_p = row - row.max() - math.log(np.exp(row - row.max()).sum())
        smooth = (1 - smoothing) * np.array(wanted) + smoothing / len(row)
        losses.append(-(np.array(weights or [1.0] * len(row)) * smooth * log_p).sum())
    return float(np.mean(losses)) if losses else 0.0


def ccc(x, y):
    """Lin 1989, population form."""
    return 2 * np.cov(x, y, bias=True)[0, 1] / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)


def affect_loss(predicted, target, kind):
    """The mean over the axes that have labels; for the CCC, two or more."""
    squares, discordances = [], []
    for axis in (0, 1):
        known = [i for i, row in enumerate(target) if row[axis] is not None]
        x = np.array([predicted[i][axis] for i in known])
        y = np.array([target[i][axis] for i in known], dtype=float)
        if len(known) > 0:
            squares.append(((x - y) ** 2).mean())
        if len(known) > 1:
            discordances.append(1 - ccc(x, y))
    mse = float(np.mean(squares)) if squares else 0.0
    discordance = float(np.mean(discordances)) if discordances else 0.0
    return {"mse": mse, "ccc": discordance, "mixed": (mse + discordance) / 2}[kind]


def gradient(f, at, step=1e-5):
    at = np.array(at, dtype=float)
    out = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        out[index] = (f(up) - f(down)) / (2 * step)
    return out.tolist()


def case(name, samples, classes, expressions, axes, weights, smoothing, kind, affect_weight):
    logits = RNG.normal(0, 2, (samples, classes)).round(4)
    predicted = np.tanh(RNG.normal(0, 0.7, (samples, 2))).round(4)
    target, affect = [], []
    for i in range(samples):
        mass = RNG.dirichlet(np.ones(classes) * 0.4).round(4)
        mass[-1] += 1 - mass.sum()
        target.append(mass.tolist() if expressions(i) else None)
        values = RNG.uniform(-1, 1, 2).round(4).tolist()
        affect.append([value if axes(i, axis) else None for axis, value in enumerate(values)])

    def total(logits, predicted):
        return cross_entropy(logits, target, weights, smoothing) + affect_weight * affect_loss(predicted, affect, kind)

    return {
        "name": name,
        "logits": logits.tolist(),
        "predicted": predicted.tolist(),
        "expression": target,
        "affect": affect,
        "class_weights": weights,
        "label_smoothing": smoothing,
        "affect_loss": kind,
        "affect_weight": affect_weight,
        "expected": {
            "expression": cross_entropy(logits, target, weights, smoothing),
            "affect": affect_loss(predicted, affect, kind),
            "total": total(logits, predicted),
            "logits_gradient": gradient(lambda x: total(x, predicted), logits),
            "predicted_gradient": gradient(lambda x: total(logits, x), predicted),
        },
    }


def cosine(highest, epochs, warmup, steps_per_epoch):
    rates = []
    for step in range(epochs * steps_per_epoch):
        if step < warmup * steps_per_epoch:
            rates.append(highest * (step + 1) / (warmup * steps_per_epoch))
        else:
            gone = (step - warmup * steps_per_epoch) / ((epochs - warmup) * steps_per_epoch)
            rates.append(highest * 0.5 * (1 + math.cos(math.pi * gone)))
    return {"highest": highest, "epochs": epochs, "warmup": warmup, "steps_per_epoch": steps_per_epoch, "rates": rates}


everyone, nobody = lambda i: True, lambda i: False
both, neither = lambda i, axis: True, lambda i, axis: False
weights = [0.5, 2.0, 1.25, 0.0, 3.0]
out = {
    "losses": [
        case("all labelled", 6, 5, everyone, both, None, 0.0, "mse", 1.0),
        case("smoothed and weighted", 6, 5, everyone, both, weights, 0.1, "ccc", 0.5),
        case("some labelled", 8, 5, lambda i: i % 3 != 0, lambda i, axis: i % 2 == axis or i < 2, weights, 0.05, "mixed", 2.0),
        case("expressions only", 5, 4, everyone, neither, None, 0.2, "mixed", 1.0),
        case("affect only", 5, 4, nobody, both, None, 0.1, "mixed", 1.0),
        case("one arousal", 5, 4, everyone, lambda i, axis: axis == 0 or i == 2, None, 0.0, "mixed", 1.0),
        case("one valence, no arousal", 4, 3, everyone, lambda i, axis: axis == 0 and i == 1, None, 0.0, "ccc", 1.0),
        case("nothing at all", 4, 3, nobody, neither, None, 0.1, "mixed", 1.0),
    ],
    "cosine": [cosine(2e-3, 5, 1, 4), cosine(0.1, 3, 0, 7), cosine(1.0, 4, 3, 2)],
}
(Path(__file__).parent / "losses.json").write_text(json.dumps(out, indent=1) + "\n")
