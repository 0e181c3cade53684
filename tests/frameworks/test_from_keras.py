import warnings

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


IMAGES = {
    "convolution": lambda: sequential(
        layers.Conv2D(3, 3, strides=2, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(4),
        shape=(5, 5, 2),
    ),
    "pooling": lambda: sequential(
        layers.Conv2D(2, 2, activation="tanh", name="first"),
        layers.AveragePooling2D(2),
        layers.DepthwiseConv2D(2),
        layers.LeakyReLU(0.2),
        layers.GlobalAveragePooling2D(),
        shape=(5, 5, 2),
    ),
    "maximum": lambda: sequential(
        layers.MaxPooling2D(2), layers.Conv2D(3, 2), layers.Flatten(), shape=(5, 5, 2)
    ),
}


@pytest.mark.parametrize("name", IMAGES)
def test_convolutions_are_unrolled(name):
    model = IMAGES[name]()
    network = lp.Network.from_keras(model)
    images = np.random.default_rng(1).normal(size=(20, 5, 5, 2))
    found = model.predict(images, verbose=0).reshape(20, -1)
    assert network(images.reshape(20, -1)) == pytest.approx(found, rel=1e-4, abs=1e-4)


def test_a_residual_network_is_unrolled():
    entry = keras.Input((4, 4, 2))
    start = layers.Conv2D(3, 3, padding="same", activation="relu", name="start")(entry)
    block = layers.Conv2D(3, 3, padding="same", activation="relu", name="one")(start)
    block = layers.Conv2D(3, 3, padding="same", name="two")(block)
    end = layers.Flatten()(layers.ReLU()(layers.Add()([start, block])))
    model = keras.Model(entry, end)
    network = lp.Network.from_keras(model)
    assert network.widths == (32, 48, 96, 48)
    assert network.names == ("start", "one", "two")
    images = np.random.default_rng(1).normal(size=(20, 4, 4, 2))
    found = model.predict(images, verbose=0)
    assert network(images.reshape(20, -1)) == pytest.approx(found, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    "end", [[layers.Dense(3, activation="softmax")], [layers.Dense(3), layers.Softmax()]]
)
def test_a_softmax_at_the_end_of_a_convolution(end):
    model = sequential(layers.Conv2D(2, 2), layers.Flatten(), *end, shape=(3, 3, 1))
    with pytest.warns(UserWarning, match="softmax.*left off|Softmax.*left off") as caught:
        network = lp.Network.from_keras(model)
    assert any(w.filename == __file__ and "left off" in str(w.message) for w in caught)
    assert network.widths[-1] == 3
    model = sequential(layers.Conv2D(2, 2), layers.Softmax(), layers.Conv2D(2, 1), shape=(3, 3, 1))
    with pytest.raises(ValueError, match=r"layer 3, `Conv2D`.*follows layer .*`Softmax`"):
        lp.Network.from_keras(model)


def test_a_model_written_in_python_is_refused():
    class Mine(keras.Model):
        def call(self, x):
            return x

    model = Mine()
    model.build((None, 3))
    with pytest.raises(ValueError, match="Mine says in Python what it does"):
        lp.Network.from_keras(model)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (layers.Conv2D(2, 2, activation="gelu"), "layer 1, `Conv2D`.*activation 'gelu'"),
        (layers.MaxPooling2D(2, padding="same"), "layer 1, `MaxPooling2D`.*without padding"),
    ],
)
def test_what_cannot_be_unrolled_is_refused(part, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_keras(sequential(part, shape=(5, 5, 2)))


def test_a_functional_model_is_followed():
    entry = keras.Input((4,))
    hidden = layers.Dense(5, activation="relu", name="hidden")(entry)
    network = lp.Network.from_keras(keras.Model(entry, layers.Dense(2, name="out")(hidden)))
    assert network.names == ("hidden", "out")
    both = layers.Multiply()([hidden, layers.Dense(5)(hidden)])
    with pytest.raises(ValueError, match="`Multiply`: reads something else"):
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
        (layers.ReLU(max_value=6.0), "layer 1, `ReLU`"),
        (layers.RMSNormalization(), "layer 1, `RMSNormalization`"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_place(part, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_keras(sequential(part))


def test_a_layer_norm_that_takes_no_mean_off_is_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Keras: that the option is deprecated
        model = sequential(layers.LayerNormalization(rms_scaling=True))
        with pytest.raises(ValueError, match=r"layer 1, `LayerNormalization`.*rms_scaling"):
            lp.Network.from_keras(model)


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


def test_kernels_are_found_with_channels_last():
    network = lp.Network.from_keras(IMAGES["convolution"]())
    assert network.kernels[0].core_shape == (27, 3)
    assert network.kernels[1] is None  # dense
