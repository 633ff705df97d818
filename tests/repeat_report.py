"""Repeats a report from the predictions it is of, with scikit-learn, SciPy and NumPy.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python tests/repeat_report.py predictions.csv report.json
    python tests/repeat_report.py run.zip

Takes the two files that the page gives, or a run's zip with all its evaluations. Every figure must be the same to 1e-6; every interval must be one that 1,000
resamples could give, by a bootstrap of its own (`--resamples 0` leaves that out). Ends with 1 where something differs.
`cargo test --test evaluation_export` leaves such a pair in `target/tmp/report/`, `--test engine_run` a run in `target/tmp/`.
"""

import argparse
import csv
import json
import math
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "golden"))
from make_metrics import affect_figures, affect_resamples, expression_figures, expression_resamples  # noqa: E402

TOLERANCE = 1e-6
warnings.simplefilter("ignore")


def number(cell):
    """As the engine had it: f32."""
    return float(np.float32(cell)) if cell else None


def read(path, report):
    """The rows of the report's split: true class, probabilities, and both axes."""
    names = report["label_set"]["classes"]
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    expected = ["sample", "split", "expression", "predicted_expression", *(f"probability_{name}" for name in names),
                "valence", "predicted_valence", "arousal", "predicted_arousal"]
    if header != expected:
        sys.exit(f"{path} is not over the classes of the report: its columns are {', '.join(header)}")
    for row in rows:
        if row[1] != report["split"]:
            continue
        affect = [number(cell) for cell in row[4 + len(names):]]
        yield {
            "truth": names.index(row[2]) if row[2] else None,
            "said": row[3],
            "probabilities": [number(cell) for cell in row[4:4 + len(names)]],
            "valence": affect[:2],
            "arousal": affect[2:],
        }


class Check:
    """Counts what is compared, and says what differs."""

    def __init__(self, resamples):
        self.rng = np.random.default_rng(1)
        self.resamples = resamples
        self.compared = 0
        self.failed = 0

    def fail(self, message):
        print(message)
        self.failed += 1

    def same(self, found, expected, place):
        """`found` stands in the report."""
        if isinstance(expected, dict):
            if not isinstance(found, dict) or found.keys() - {"intervals"} != expected.keys():
                return self.fail(f"{place}: the report has {found if found is None else sorted(found)}")
            for key, value in expected.items():
                self.same(found[key], value, f"{place}.{key}")
        elif isinstance(expected, list):
            if not isinstance(found, list) or len(found) != len(expected):
                return self.fail(f"{place}: the report has {found}")
            for i, (a, b) in enumerate(zip(found, expected)):
                self.same(a, b, f"{place}[{i}]")
        else:
            self.compared += 1
            both = isinstance(found, (int, float)) and isinstance(expected, (int, float))
            if abs(found - expected) > TOLERANCE if both else found != expected:
                self.fail(f"{place}: the report says {found}, the reference {expected}")

    def intervals(self, found, values, place):
        """Each end lies where the share of resamples below it is 2.5 or 97.5 %, but for the chance of both bootstraps."""
        slack = 5 * math.sqrt(0.025 * 0.975 * (1 / 1000 + 1 / self.resamples))
        for name, interval in found.items():
            if interval is None or name not in values:
                if (interval is None) != (name not in values):
                    self.fail(f"{place}.{name}: the report says {interval}, the reference has {len(values.get(name, []))} values")
                continue
            for end, share in (("low", 0.025), ("high", 0.975)):
                self.compared += 1
                below = np.mean(np.asarray(values[name]) < interval[end] - TOLERANCE)
                not_above = np.mean(np.asarray(values[name]) <= interval[end] + TOLERANCE)
                if below > share + slack or not_above < share - slack:
                    self.fail(f"{place}.{name}, {end}: {below:.1%} to {not_above:.1%} of the resamples lie below {interval[end]}")


def check_expression(check, report, rows):
    names = report["label_set"]["classes"]
    rows = [row for row in rows if row["truth"] is not None and names and None not in row["probabilities"]]
    metrics = report["expression"]
    if not rows:
        return check.same(metrics, None, "expression")
    truth = np.array([row["truth"] for row in rows])
    probabilities = np.array([row["probabilities"] for row in rows])
    if not np.isfinite(probabilities).all():
        return check.same({k: v for k, v in metrics.items() if isinstance(v, float)}, {}, "expression")
    for row, best in zip(rows, probabilities.argmax(axis=1)):
        check.same(row["said"], names[best], "predicted_expression")
    figures = expression_figures(truth, probabilities)
    for name, of_class in zip(names, figures["classes"]):
        of_class["class"] = name
    check.same(metrics, figures, "expression")
    if len(rows) > 1 and check.resamples:
        values, values_of_classes = expression_resamples(truth, probabilities, check.rng, check.resamples)
        check.intervals(metrics["intervals"], values, "expression.intervals")
        for of_class, values in zip(metrics["classes"], values_of_classes):
            check.intervals(of_class["intervals"], values, f"{of_class['class']}.intervals")


def check_affect(check, report, rows, axis):
    pairs = np.array([row[axis] for row in rows if row[axis][0] is not None])
    if len(pairs) == 0:
        return check.same(report[axis], None, axis)
    truth, predicted = pairs.T
    if not np.isfinite(pairs).all():
        found = {k: v for k, v in report[axis].items() if isinstance(v, float) and k != "sagr"}
        return check.same(found, {}, axis)
    check.same(report[axis], affect_figures(truth, predicted), axis)
    if len(pairs) > 1 and np.ptp(truth) > 0 and np.ptp(predicted) > 0 and check.resamples:
        values = affect_resamples(truth, predicted, check.rng, check.resamples)
        values = {name: some[np.isfinite(some)] for name, some in values.items()}
        check.intervals(report[axis]["intervals"], values, f"{axis}.intervals")


def pairs(given, report):
    """Predictions and their report: the two files, or those of every evaluation of a zip."""
    if report:
        return [(given, report)]
    run = zipfile.Path(given)
    folders = [run, *(run / "evaluations").iterdir()] if (run / "evaluations").exists() else [run]
    return [(folder / "predictions.csv", folder / "report.json") for folder in folders if (folder / "report.json").exists()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("predictions", type=Path, help="or a run's zip")
    parser.add_argument("report", type=Path, nargs="?")
    parser.add_argument("--resamples", type=int, default=300, help="of the bootstrap that intervals are compared with")
    arguments = parser.parse_args()
    check = Check(arguments.resamples)
    for predictions, path in pairs(arguments.predictions, arguments.report):
        report = json.loads(path.read_text(encoding="utf-8"))
        rows = list(read(predictions, report))
        check.same(report["samples"], len(rows), "samples")
        check_expression(check, report, rows)
        for axis in ("valence", "arousal"):
            check_affect(check, report, rows, axis)
    print(f"{check.compared} numbers compared, {check.failed} differ")
    sys.exit(check.failed > 0)


if __name__ == "__main__":
    main()
