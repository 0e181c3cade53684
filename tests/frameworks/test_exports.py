"""Networks and tickets in PyTorch and ONNX compute what they compute here."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import lpbook as lp

ROWS = np.random.default_rng(1).normal(size=(40, 4))
ACTIVATIONS = [["relu", "tanh", "identity"], ["logistic", "identity", "relu"]]


def target(bias, activations):
    rng = np.random.default_rng(0)
    weights = [rng.uniform(-1, 1, size=shape) for shape in ((5, 4), (3, 5), (2, 3))]
    biases = [rng.uniform(-1, 1, size=len(w)) for w in weights] if bias else None
    return lp.Network(weights, biases, activations=activations)


def in_torch(module, rows=ROWS):
    with torch.no_grad():
        return module(torch.from_numpy(rows)).numpy()


def in_onnx(model, rows=ROWS):
    run = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return run.run(["y"], {"x": rows})[0]


@pytest.mark.parametrize("activations", ACTIVATIONS)
@pytest.mark.parametrize("bias", [True, False])
def test_a_network_goes_out_and_comes_back(tmp_path, activations, bias):
    network = target(bias, activations)
    module = network.to_torch()
    model = network.to_onnx(tmp_path / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert lp.Network.from_torch(module) == network
    assert lp.Network.from_onnx(tmp_path / "model.onnx") == network
    assert in_torch(module) == pytest.approx(network(ROWS), rel=1e-12)
    assert in_onnx(str(tmp_path / "model.onnx")) == pytest.approx(network(ROWS), rel=1e-6)


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("effective", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_a_ticket_goes_out(tmp_path, bias, effective, sparse):
    network = target(bias, ACTIVATIONS[0])
    ticket = lp.prune(network, 0.1, inputs=lp.Ball(3.0))
    module = ticket.to_torch(effective=effective, sparse=sparse)
    assert in_torch(module) == pytest.approx(ticket(ROWS), rel=1e-12, abs=1e-12)
    assert in_torch(module, ROWS.reshape(5, 8, 4)).shape == (5, 8, 2)
    model = ticket.to_onnx(tmp_path / "t.onnx", effective=effective, sparse=sparse)
    assert in_onnx(model.SerializeToString()) == pytest.approx(ticket(ROWS), rel=1e-9, abs=1e-9)
    # what comes back from the file is the same network, weight by weight
    assert lp.Network.from_onnx(tmp_path / "t.onnx")(ROWS) == pytest.approx(ticket(ROWS), rel=1e-12)


def test_sparse_is_smaller():
    network = lp.Network([np.random.default_rng(0).uniform(-1, 1, size=(20, 30))])
    ticket = lp.prune(network, weight_epsilon=0.01)
    sizes = [ticket.to_onnx(sparse=sparse).ByteSize() for sparse in (True, False)]
    assert 5 * sizes[0] < sizes[1]
