import keras
import numpy as np
import pytest
from keras import layers

import lpbook as lp


def sequential(*parts, shape=(4,)):
    model = keras.Sequential([keras.Input(shape), *parts])
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.5, 2, w.shape) for w in model.get_weights()])
    return model


GOOD = {
    "plain": lambda: sequential(layers.Dense(6, activation="relu"), layers.Dense(3)),
    "square": lambda: sequential(layers.Dense(4, activation="tanh"), layers.Dense(4)),
    "batch norm": lambda: sequential(
        layers.BatchNormalization(scale=False),
        layers.Dense(5, use_bias=False),
        layers.BatchNormalization(center=False),
        layers.Activation("sigmoid"),
        layers.Dropout(0.5),
        layers.Dense(3, activation="linear"),
    ),
    "image": lambda: sequential(
        layers.Flatten(),
        layers.Rescaling(1 / 16, 0.25),
        layers.Dense(3),
        layers.ReLU(),
        shape=(2, 2),
    ),
    "nested": lambda: sequential(sequential(layers.Dense(4)), layers.Dense(2)),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_network_computes_what_the_model_does(name):
    model = GOOD[name]()
    network = lp.Network.from_keras(model)
    rows = np.random.default_rng(1).normal(size=(20, 4))
    found = model.predict(rows.reshape(20, *model.input_shape[1:]), verbose=0)
    assert network(rows) == pytest.approx(found, rel=1e-4, abs=1e-4)


def test_a_functional_model_is_followed():
    entry = keras.Input((4,))
    hidden = layers.Dense(5, activation="relu", name="hidden")(entry)
    network = lp.Network.from_keras(keras.Model(entry, layers.Dense(2, name="out")(hidden)))
    assert network.names == ("hidden", "out")
    both = layers.Add()([hidden, layers.Dense(5)(hidden)])
    with pytest.raises(ValueError, match="`Add`: reads something else"):
        lp.Network.from_keras(keras.Model(entry, both))


def test_a_softmax_at_the_end_is_left_off_with_a_warning():
    model = sequential(layers.Dense(3, activation="softmax"))
    with pytest.warns(UserWarning, match="layer 2, `Dense, activation 'softmax'`: left off"):
        network = lp.Network.from_keras(model)
    logits = network([[1.0, 0.0, 0.0, 0.0]])
    found = model.predict(np.eye(4)[:1], verbose=0)
    assert logits.argmax() == found.argmax()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (layers.Dense(3, activation="gelu"), r"layer 1, `Dense` \(.*'gelu'"),
        (layers.LeakyReLU(), "layer 1, `LeakyReLU`"),
        (layers.ReLU(max_value=6.0), "layer 1, `ReLU`"),
        (layers.LayerNormalization(), "layer 1, `LayerNormalization`"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_place(part, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_keras(sequential(part))


def test_only_models_that_are_built():
    with pytest.raises(TypeError, match=r"must be a keras.Model"):
        lp.Network.from_keras(layers.Dense(3))
    with pytest.raises(ValueError, match="is not built"):
        lp.Network.from_keras(keras.Sequential([layers.Dense(3)]))


def test_a_function_of_the_user_is_not_taken_for_the_one_of_that_name():
    def relu(x):
        return keras.ops.relu(x) + 1

    with pytest.raises(ValueError, match="activation 'relu'"):
        lp.Network.from_keras(sequential(layers.Dense(3, activation=relu)))
