"""Writes embedding.json: what scikit-learn says about made-up features.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python make_embedding.py

Features are rounded to f32 and written with the fewest digits that are still that f32.
"""

import json
from pathlib import Path

import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _gradient_descent, _joint_probabilities, _kl_divergence

from make_metrics import short


def clouds(rng, rows, width, clouds, spread=1.0, shift=0.0):
    centres = rng.normal(size=(clouds, width)) * 2
    rows = centres[np.arange(rows) % clouds] + spread * rng.normal(size=(rows, width)) * np.linspace(1, 0.3, width)
    return np.float32((rows + shift).round(3))


def digits(values, places=7):
    return [[float(f"{v:.{places}g}") for v in row] for row in values]


def written(features):
    return {"rows": len(features), "width": features.shape[1], "features": [short(v) for v in features.ravel()]}


def pca_case(name, features, components):
    pca = PCA(components, svd_solver="full").fit(features.astype(float))
    return {"name": name, **written(features), "components": digits(pca.components_),
            "variances": pca.explained_variance_.tolist(), "shares": pca.explained_variance_ratio_.tolist(),
            "scores": digits(pca.transform(features.astype(float)))}


def tsne_case(name, features, perplexity):
    exact = features.astype(float)
    joint = _joint_probabilities(squareform(pdist(exact, "sqeuclidean")), perplexity, 0)
    start = PCA(2, svd_solver="full").fit_transform(exact)
    start = start / np.std(start[:, 0]) * 1e-4
    rows = len(features)
    rate = max(rows / 12 / 4, 50)
    points, _, _ = _gradient_descent(_kl_divergence, start.ravel(), 0, 5, n_iter_check=50, momentum=0.5,
                                     learning_rate=rate, args=[joint * 12, 1, rows, 2])
    final = TSNE(method="exact", perplexity=perplexity, init="pca", max_iter=1000, n_iter_without_progress=1000,
                 random_state=0).fit(features)
    return {"name": name, **written(features), "perplexity": perplexity, "joint": [float(f"{p:.6g}") for p in joint],
            "start": digits(start, 12), "after_5": digits(points.reshape(rows, 2), 9),
            "divergence": float(final.kl_divergence_)}


def main():
    rng = np.random.default_rng(22)
    golden = {
        "pca": [
            pca_case("more rows than columns", clouds(rng, 60, 12, 3), 4),
            pca_case("more columns than rows", clouds(rng, 12, 50, 2), 2),
            pca_case("far from the origin", clouds(rng, 40, 6, 3, shift=100.0), 2),
            pca_case("two columns", clouds(rng, 20, 2, 2), 2),
        ],
        "tsne": [
            tsne_case("three clouds", clouds(rng, 60, 8, 3), 12.0),
            tsne_case("one cloud", clouds(rng, 40, 5, 1), 8.0),
        ],
    }
    Path(__file__).with_name("embedding.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
