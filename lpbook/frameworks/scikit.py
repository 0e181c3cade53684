"""scikit-learn: multilayer perceptrons, linear models, and pipelines with scalers before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.frameworks.chain import Chain, softmax
from lpbook.frameworks.libraries import library

SUPPORTED = (
    "supported are MLPClassifier, MLPRegressor, linear models with coef_ and intercept_, and "
    "before them, in a Pipeline, StandardScaler, MinMaxScaler, MaxAbsScaler and 'passthrough'"
)


def read(estimator: Any) -> Callable[..., Any]:
    """The layers of an estimator, as a function that makes the network and compares it."""
    library("sklearn", "Network.from_sklearn")
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

    if not _checks.is_a(estimator, BaseEstimator):
        raise _checks.wrong_type("estimator", estimator, "must be a scikit-learn estimator")
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("", estimator)]
    chain = Chain()
    for name, step in steps[:-1]:
        _scaler(chain, name, step)
    name, last = steps[-1]
    if hasattr(last, "coefs_"):
        _perceptron(chain, name, last)
    elif hasattr(last, "coef_") and hasattr(last, "intercept_"):
        weights = np.atleast_2d(np.asarray(last.coef_, dtype=float))
        bias = np.broadcast_to(np.asarray(last.intercept_, dtype=float), len(weights))
        chain.dense(type(last).__name__, name, weights, bias if bias.any() else None)
    else:
        chain.position += 1
        kind = type(last).__name__
        if kind.startswith("MLP") or hasattr(type(last), "coef_"):
            raise chain.refusal(kind, name, "is not fitted: call its fit first")
        raise chain.refusal(kind, name, SUPPORTED)

    def theirs(rows: Floats) -> Any:
        return _outputs(last, Pipeline(steps[:-1]).transform(rows) if steps[:-1] else rows)

    return lambda make: chain.network(make, theirs)


def _perceptron(chain: Chain, name: str, mlp: Any) -> None:
    kind = type(mlp).__name__
    out = "identity" if mlp.out_activation_ == "softmax" else mlp.out_activation_
    activations = [mlp.activation] * (len(mlp.coefs_) - 1) + [out]
    layers = zip(mlp.coefs_, mlp.intercepts_, activations, strict=True)
    for i, (weights, bias, activation) in enumerate(layers):
        here = f"{name}.coefs_[{i}]".lstrip(".")
        # (inputs, outputs) there
        chain.dense(kind, here, np.asarray(weights, dtype=float).T, np.asarray(bias, dtype=float))
        chain.activation(kind, here, activation)
    if mlp.out_activation_ == "softmax":
        chain.compared_after(softmax)


def _scaler(chain: Chain, name: str, step: Any) -> None:
    """A step of a pipeline that is affine in every feature."""
    kind = type(step).__name__
    if step is None or step == "passthrough":
        chain.nothing("passthrough", name)
    elif kind == "StandardScaler" and hasattr(step, "n_features_in_"):
        scale = 1 / step.scale_ if step.with_std else np.ones(step.n_features_in_)
        chain.affine(kind, name, scale, -step.mean_ * scale if step.with_mean else 0.0 * scale)
    elif kind == "MinMaxScaler" and hasattr(step, "scale_") and not step.clip:
        chain.affine(kind, name, step.scale_, step.min_)
    elif kind == "MaxAbsScaler" and hasattr(step, "scale_"):
        chain.affine(kind, name, 1 / step.scale_, 0.0 * step.scale_)
    else:
        chain.position += 1
        raise chain.refusal(kind, name, SUPPORTED)


def _outputs(last: Any, rows: Floats) -> Any:
    """What the last layer gives for rows, by the estimator's own functions."""
    if hasattr(last, "out_activation_") and hasattr(last, "predict_proba"):
        found = np.asarray(last.predict_proba(rows))
        return found[:, -1:] if last.n_outputs_ == 1 else found  # else of both classes
    return getattr(last, "decision_function", last.predict)(rows)
