"""Completion in shells knows every command, option and value; checkpoints from the command line."""

import shlex
import subprocess

import numpy as np
import pytest

import lpbook as lp
from lpbook import cli, completion


def completed(line):
    """What bash offers for the last word of a line."""
    words = line.split(" ")
    call = f"{completion.script(cli.parser(), 'bash')}\nCOMP_WORDS=({shlex.join(words)})\n"
    call += f'COMP_CWORD={len(words) - 1}\n_lpbook\necho "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lpbook pl", ["plan"]),
        ("lpbook ", [*cli.EXAMPLES, "--help", "--version"]),
        ("lpbook prune model.npz --che", ["--checkpoint"]),
        ("lpbook plan model.npz --layout p", ["pooled"]),
        ("lpbook prune --construction ", [*lp.constructions.CONSTRUCTIONS]),
        ("lpbook plan m", []),  # a file
        ("lpbook completion ", ["bash", "zsh", "fish"]),
        ("lpbook verify --r", []),
    ],
)
def test_bash_offers(line, expected):
    assert completed(line) == expected


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_scripts_know_every_option(shell, capsys):
    assert cli.main(["completion", shell]) == 0
    text = capsys.readouterr().out
    for name, command in cli.parser()._subparsers._group_actions[0].choices.items():
        assert name in text
        for action in command._actions:
            for flag in action.option_strings:
                assert (flag if shell != "fish" else flag.lstrip("-")) in text
            if action.choices:
                assert " ".join(action.choices) in text


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = np.random.default_rng(0).normal(size=(3, 4))
    np.save("model.npy", weights)
    return lp.Network([weights])


BASE = ["prune", "model.npy", "--weight-epsilon", "0.01", "-o", "t.npz"]


def test_a_run_goes_on_with_its_checkpoint(model, tmp_path, capsys):
    assert cli.main([*BASE, "--checkpoint", "done"]) == 0
    first = (tmp_path / "t.npz").read_bytes()
    size = (tmp_path / "done").stat().st_size
    assert size > 0
    assert cli.main([*BASE, "--checkpoint", "done", "--resume"]) == 0
    assert (tmp_path / "t.npz").read_bytes() == first
    assert (tmp_path / "done").stat().st_size == size  # nothing was done again


@pytest.mark.parametrize(
    ("there", "options", "message"),
    [
        (False, ["--resume"], "--resume: needs the file"),
        (False, ["--checkpoint", "done", "--resume"], "--checkpoint done: is not there"),
        (True, ["--checkpoint", "done"], "--checkpoint done: is there already"),
    ],
)
def test_a_checkpoint_is_new_or_meant(model, tmp_path, capsys, there, options, message):
    if there:
        (tmp_path / "done").write_bytes(b"")
    assert cli.main([*BASE, *options]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "t.npz").exists()
