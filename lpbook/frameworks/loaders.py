"""The loaders, as class methods that `Network` inherits."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

from lpbook._files import MAX_BYTES

__all__ = ["Loaders"]


class Loaders:
    """Class methods that make a `Network` of what other libraries hold.

    Layers are named, transposed where the library has them the other way round, detached and upcast
    to float64 exactly; batch norm is folded, dropout left out, and where some layers have biases
    the others get zeros. Before a network is returned its outputs on random rows are compared with
    the library's own.
    """

    @classmethod
    def from_torch(cls, module: Any, *, input_shape: Sequence[int] | None = None) -> Self:
        """A network from a PyTorch module.

        Parameters
        ----------
        module : torch.nn.Module
            Its forward is traced: ``Linear``, ``BatchNorm1d``, ``ReLU``, ``Tanh``, ``Sigmoid``,
            ``Dropout``, ``Flatten``, as modules or functions, in a chain. What it does in training
            does not count. A softmax at the end is left off, with a warning.
        input_shape : sequence of int, optional
            Shape of one input, such as (1, 28, 28). Then convolutions, average and max pooling,
            ``LeakyReLU`` and skip connections around ReLUs are supported, too, and unrolled into
            dense layers that compute the same (see `lpbook.frameworks.unrolled`).
            Inputs of the network are such inputs, flat.

        Returns
        -------
        Network
            Its layers have the names of the modules. It computes what the module computes in
            float64.

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        TypeError, ValueError
            If it is no module, a layer is not supported (by name and place), or the outputs differ
            (with the size of the difference).
        """
        from lpbook.frameworks import pytorch

        network: Self = pytorch.read(module, input_shape)(cls)
        return network

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Self:
        """A network from a scikit-learn estimator.

        Parameters
        ----------
        estimator : sklearn.base.BaseEstimator
            A fitted ``MLPClassifier`` or ``MLPRegressor``, a linear model, or a ``Pipeline`` of
            scalers that ends in one.

        Returns
        -------
        Network
            Its outputs are ``predict`` of a regressor and ``decision_function`` of a linear
            classifier; of an ``MLPClassifier`` those of its last layer: before softmax where there
            are several classes, the probability of the second one where there are two.

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        TypeError, ValueError
            If it is no estimator, a step is not supported (by name and place), or the outputs
            differ (with the size of the difference).
        """
        from lpbook.frameworks import scikit

        network: Self = scikit.read(estimator)(cls)
        return network

    @classmethod
    def from_keras(cls, model: Any) -> Self:
        """A network from a Keras 3 model, on any backend.

        Parameters
        ----------
        model : keras.Model
            Sequential or functional, in a chain: ``Dense``, ``Activation``, ``ReLU``,
            ``BatchNormalization``, ``Rescaling``, ``Dropout``, ``Flatten``. A softmax at the end is
            left off, with a warning. A model with convolutions, ``MultiHeadAttention`` without
            masks or ``LayerNormalization`` may also have average and max pooling, ``LeakyReLU``,
            and ``Add``, and is unrolled into layers that compute the same (see
            `lpbook.frameworks.unrolled`). Its inputs, flat, are those of the network.

        Returns
        -------
        Network
            Its layers have the names that the model gives them.

        Raises
        ------
        ImportError
            If Keras is not installed.
        TypeError, ValueError
            If it is no model, a layer is not supported (by name and place), or the outputs differ
            (with the size of the difference).
        """
        from lpbook.frameworks import keras_models

        network: Self = keras_models.read(model)(cls)
        return network

    @classmethod
    def from_onnx(
        cls, model: Any, *, output: str | None = None, max_bytes: int = MAX_BYTES
    ) -> Self:
        """A network from an ONNX model: what most other libraries can export.

        Parameters
        ----------
        model : path or onnx.ModelProto
            Its graph has to be a chain: ``Gemm``, ``MatMul``, ``Add`` and the like with constants,
            ``BatchNormalization``, ``Relu``, ``Tanh``, ``Sigmoid``, ``Dropout``, ``Flatten``. A
            softmax at the end is left off, with a warning. A graph with convolutions may also have
            average and max pooling, ``LeakyRelu`` and skip connections around ``Relu``, and is
            unrolled into dense layers that compute the same (see `lpbook.frameworks.unrolled`). So
            is one with self-attention without masks (a softmax of products of queries and keys,
            times values) or layer norms (``LayerNormalization``, or its parts), as PyTorch exports
            them; an input is then one sequence of tokens, flat.
        output : str, optional
            Name of the value in the graph to take as the output, where there are several, or one
            that is not wanted. What it does not need is not looked at.
        max_bytes : int
            Memory, in bytes, that all constants may take that the graph computes; at least 16 times
            the size of the model is always allowed, and for all matrices together of a graph that
            is unrolled 64 times as much.

        Returns
        -------
        Network
            Its layers have the names of their nodes.

        Raises
        ------
        ImportError
            If onnx is not installed.
        OSError
            If the file cannot be read, or is no regular file.
        TypeError, ValueError
            If it is no model, a node is not supported (by name and place) or asks for too much, or
            the outputs differ from those of onnx's own evaluator (with the size of the difference).
        """
        from lpbook.frameworks import onnx_files

        network: Self = onnx_files.read(model, output, max_bytes)(cls)
        return network

    @classmethod
    def from_state_dict(
        cls,
        tensors: Mapping[str, Any],
        *,
        activations: str | Sequence[str] = "relu",
        layers: Sequence[str] | None = None,
    ) -> Self:
        """A network from named arrays: a PyTorch ``state_dict``, or arrays of a file.

        Such names say neither the activations nor, for certain, the order: look at both.

        Parameters
        ----------
        tensors : mapping of str to array or tensor
            ``NAME.weight`` (outputs, inputs), or ``NAME.kernel`` (inputs, outputs), each with
            ``NAME.bias`` or without; also ``weights_0``, ``biases_0`` and so on.
        activations : str or sequence of str
            As for `Network`: the names do not tell.
        layers : sequence of str, optional
            The names in order; arrays of others are left out. Without, all are taken, by the
            numbers in them (2 before 10), or, if they have none, in the only order in which their
            shapes fit.

        Returns
        -------
        Network
            Nothing can be compared: there is no network but this one.

        Raises
        ------
        TypeError, ValueError
            If a name or shape fits no dense layer, or the order is not known.

        Examples
        --------
        >>> import lpbook as lp
        >>> arrays = {"10.weight": [[1.0, 1.0]], "2.weight": [[1.0], [2.0]], "2.bias": [0.0, 3.0]}
        >>> network = lp.Network.from_state_dict(arrays)
        >>> network.names, network([1.0]).tolist()
        (('2', '10'), [6.0])
        """
        from lpbook.frameworks import state

        found, biased = state.read(tensors, layers)
        make: Any = cls
        network: Self = make(
            [layer.weights for layer in found],
            [layer.bias for layer in found] if biased else None,
            activations=activations,
            names=[layer.name for layer in found],
        )
        return network

    @classmethod
    def from_safetensors(
        cls,
        path: str | os.PathLike[str],
        *,
        activations: str | Sequence[str] = "relu",
        layers: Sequence[str] | None = None,
    ) -> Self:
        """A network from a safetensors file, also one in float16 or bfloat16. Needs no library.

        Parameters
        ----------
        path : path
            The file. Its names are read as those of `from_state_dict`; what is not part of a layer
            is refused, unless `layers` leaves it out.
        activations, layers
            As in `from_state_dict`.

        Returns
        -------
        Network
            Nothing can be compared: the file holds weights and no network.

        Raises
        ------
        OSError
            If the file cannot be read, or is no regular file.
        TypeError, ValueError
            If it is no safetensors file, or a name or shape fits no dense layer.
        """
        from lpbook.frameworks import state

        return cls.from_state_dict(
            state.read_safetensors(path), activations=activations, layers=layers
        )
