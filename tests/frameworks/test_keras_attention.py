"""Attention and layer norms of Keras."""

import keras
import numpy as np
import pytest
from keras import layers

import lpbook as lp

TOKENS, D = 3, 4


def model(build, **options):
    """What `build` makes of an input of tokens, with weights that nothing has by default."""
    entry = keras.Input((TOKENS, D))
    made = keras.Model(entry, build(entry, **options))
    rng = np.random.default_rng(0)
    made.set_weights([rng.normal(size=w.shape) / 2 for w in made.get_weights()])
    return made


def attention(x, **options):
    return layers.MultiHeadAttention(2, 3, name="heads", **options)(x, x)


def by_name(x):
    other = layers.Dense(5)(x)
    return layers.MultiHeadAttention(2, 3)(query=x, key=other, value=x)


def block(x, first=False):
    """A layer of a transformer."""
    read = layers.LayerNormalization(name="norm 1")(x) if first else x
    x = layers.Add()([x, attention(read)])
    read = layers.LayerNormalization(name="norm 2", epsilon=1e-2)(x)
    hidden = layers.Dense(5, activation="relu", name="up")(read)
    x = layers.Add()([x if first else read, layers.Dense(D, name="down")(hidden)])
    return layers.Dense(2, name="out")(layers.GlobalAveragePooling1D()(x))


MODELS = {
    "attention": (attention, {}, 2),
    "without biases": (attention, {"use_bias": False}, 2),
    "another size": (attention, {"output_shape": 7, "value_dim": 1, "dropout": 0.1}, 2),
    "by name": (by_name, {}, 2),
    "norm": (lambda x: layers.LayerNormalization()(x), {}, 2),
    "norm alone": (lambda x: layers.LayerNormalization(scale=False, center=False)(x), {}, 1),
    "block": (block, {}, 4),
    "norm first": (block, {"first": True}, 5),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_read(name):
    build, options, depth = MODELS[name]
    made = model(build, **options)
    network = lp.Network.from_keras(made)
    assert len(network.weights) == depth
    x = np.random.default_rng(1).normal(size=(9, TOKENS, D))
    wanted = made.predict(x, verbose=0).reshape(9, -1)
    np.testing.assert_allclose(network(x.reshape(9, -1)), wanted, rtol=1e-4, atol=1e-5)


def test_a_layer_of_a_transformer_is_found_and_certified():
    network = lp.Network.from_keras(model(block))
    assert network.names == ("heads", "heads.attention_output", "norm 2", "down")
    box, rows = lp.Box(-1, 1), np.random.default_rng(2).uniform(-1, 1, size=(40, TOKENS * D))
    ticket = lp.prune(network, weight_epsilon=lp.weight_budget(network, 0.1, box), inputs=box)
    certificate = ticket.verify(network, rows)
    assert certificate.ok
    assert 0 < certificate.measured_error <= certificate.network_error <= 0.1


def test_weights_stand_once_for_all_tokens():
    network = lp.Network.from_keras(model(block))
    shapes = [kernels.core_shape for kernels in network.kernels]
    assert shapes[:2] == [(3 * 6 + D, D + 1), (D, 6 + D + 1)]  # and the skip, and biases


@pytest.mark.parametrize(("build", "message"), [
    (lambda x: layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True),
     r"layer 1, `MultiHeadAttention` .*called with use_causal_mask: .*without masks"),
    (lambda x: layers.MultiHeadAttention(2, 3)(x, x, attention_mask=np.ones((1, TOKENS, TOKENS))),
     r"layer 1, `MultiHeadAttention` .*called with attention_mask"),
    (lambda x: layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)[0],
     r"layer 1, `MultiHeadAttention` .*called with return_attention_scores"),
    (lambda x: layers.MultiHeadAttention(2, 3)(x, layers.AveragePooling1D(3)(x)),
     r"layer 2, `MultiHeadAttention` .*as many tokens"),
    (lambda x: layers.LayerNormalization(axis=1)(x), r"layer 1, `LayerNormalization` .*last axis"),
    (lambda x: layers.LayerNormalization(axis=[1, 2])(x), "`LayerNormalization` .*last axis"),
    (lambda x: layers.LayerNormalization()(layers.GroupQueryAttention(2, 2, 1)(x, x)),
     "layer 1, `GroupedQueryAttention` .*supported are"),
])  # fmt: skip
def test_what_is_not_supported_is_refused_by_name_and_place(build, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_keras(model(build))
