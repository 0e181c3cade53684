"""The command line: its help is documentation, and what it prints is what Python gives."""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import lpbook as lp
from lpbook import cli


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    arrays = {"weights_0": rng.normal(size=(3, 4)), "biases_0": rng.normal(size=3)}
    arrays |= {"weights_1": rng.normal(size=(2, 3))}
    np.savez("model.npz", **arrays)
    np.save("rows.npy", np.abs(rng.normal(size=(20, 4))))
    np.save("matrix.npy", arrays["weights_0"])
    tensors = {f"{i}.weight": arrays[f"weights_{i}"].astype("<f4") for i in (0, 1)}
    header, data = {}, b""
    for name, value in tensors.items():
        end = len(data) + value.nbytes
        header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [len(data), end]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    (tmp_path / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    lp.prune(model(), 0.1, inputs=np.load("rows.npy")).save("ticket.npz")
    return tmp_path


def model():
    return lp.Network.from_state_dict(dict(np.load("model.npz")))


def run(line, capsys):
    """Exit code, standard output and standard error of a command."""
    code = cli.main(shlex.split(line)[1:])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def facts(line, capsys):
    code, out, _ = run(f"{line} --json", capsys)
    return code, json.loads(out)


def help_of(*command, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([*command, "--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", cli.EXAMPLES)
def test_examples_of_the_help_run(folder, capsys, command):
    shown = help_of(command, capsys=capsys)
    for line in cli.EXAMPLES[command]:
        assert f"\n  {line}\n" in shown
        code, out, err = run(line, capsys)
        assert (code, err) == (0, "")
        assert out
        if "--json" in line:
            json.loads(out)


def test_help_names_every_command_and_describes_every_option(capsys):
    whole = help_of(capsys=capsys)
    for name in cli.EXAMPLES:
        assert f"\n    {name} " in whole
    assert cli.EXIT_CODES in whole
    actions = cli.parser()._subparsers._group_actions[0].choices
    for command in actions.values():
        for action in command._actions:
            assert action.help, action
            if action.default not in (None, False, "==SUPPRESS==") and action.option_strings:
                assert f"(default: {action.default})" in action.help


def test_a_plan_says_what_python_says(folder, capsys):
    cost = lp.plan(model(), 0.1, inputs=np.load("rows.npy"))
    code, found = facts("lpbook plan model.npz --epsilon 0.1 --inputs rows.npy", capsys)
    assert code == 0
    assert (found["neurons"], found["weight_epsilon"]) == (cost.neurons, cost.weight_epsilon)
    assert [layer["name"] for layer in found["layers"]] == ["0", "1"]
    _, out, _ = run("lpbook plan model.npz --epsilon 0.1 --inputs rows.npy", capsys)
    assert out == f"{model()!r}\n{cost}\n"
    radius = lp.plan(model(), 0.1, inputs=lp.Ball(3.0, True), layout="pooled", delta=0.1)
    line = "lpbook plan model.npz --epsilon 0.1 --radius 3 --nonnegative --layout pooled"
    assert facts(f"{line} --delta 0.1", capsys)[1]["neurons"] == radius.neurons


def test_prune_writes_the_ticket_of_python(folder, capsys):
    line = "lpbook prune model.npz --epsilon 0.1 --inputs rows.npy --seed 5 -o found.npz"
    code, found = facts(line, capsys)
    ticket = lp.prune(model(), 0.1, inputs=np.load("rows.npy"), seed=5)
    ticket.save("python.npz")
    assert code == 0
    assert (folder / "found.npz").read_bytes() == (folder / "python.npz").read_bytes()
    assert found["certificate"]["ok"]
    assert found["bytes"] == (folder / "found.npz").stat().st_size
    assert run(line.replace("found", "two") + " --workers 2", capsys)[0] == 0
    assert (folder / "two.npz").read_bytes() == (folder / "python.npz").read_bytes()


def test_prune_by_the_measured_rule(folder, capsys):
    line = "lpbook prune model.npz --epsilon 0.1 --inputs rows.npy --rule measured -o found.npz"
    code, found = facts(line, capsys)
    rows = np.load("rows.npy")
    assert code == 0
    assert (
        found["weight_epsilon"]
        == lp.prune(model(), 0.1, inputs=rows, rule="measured").weight_epsilon
    )


def test_verify_says_no(folder, capsys):
    arrays = dict(np.load("model.npz"))
    arrays["weights_0"][0, 0] += 1
    np.savez("other.npz", **arrays)
    code, found = facts("lpbook verify ticket.npz other.npz --inputs rows.npy", capsys)
    assert code == 1
    assert not found["ok"]
    code, out, err = run("lpbook verify ticket.npz other.npz", capsys)
    assert code == 1
    assert "NOT VALID" in out
    assert err == ""


def test_without_a_domain_the_proved_error_is_null(folder, capsys):
    code, found = facts("lpbook prune model.npz --weight-epsilon 0.1 -o t.npz", capsys)
    assert code == 0
    assert found["certificate"]["network_error"] is None
    assert found["domain"] is None


def test_rows_outside_the_domain_are_a_warning(folder, capsys):
    np.save("far.npy", np.full((2, 4), 100.0))
    code, _, err = run("lpbook verify ticket.npz model.npz --inputs far.npy", capsys)
    assert code == 0
    assert err.startswith("lpbook: warning: inputs: 2 rows lie outside")


def test_info_tells_tickets_from_networks(folder, capsys):
    _, of_ticket = facts("lpbook info ticket.npz", capsys)
    _, of_network = facts("lpbook info model.npz --activations tanh", capsys)
    assert of_ticket["target"] == model().digest
    assert of_network["activations"] == ["tanh", "identity"]
    assert of_network["weights"] == sum(m.size for m in model().matrices)
    assert facts("lpbook info matrix.npy", capsys)[1]["network"] == [4, 3]
    _, out, _ = run("lpbook info ticket.npz", capsys)
    assert "Ball(radius=" in out


def test_claims_are_listed_checked_and_broken(capsys):
    _, listed = facts("lpbook claims", capsys)
    assert listed.keys() == lp.claims.keys()
    code, found = facts("lpbook claims digits-suffice", capsys)
    assert code == 0
    assert found["ok"]
    claim = lp.claims["digits-suffice"]
    assert found["statement"] == claim.statement
    assert found["chapter"] == listed["digits-suffice"]["chapter"] == "golden_ratio"
    assert found["formal"] == "digits_suffice"
    assert (found["uses"], found["prose"]) == (list(claim.uses), list(claim.prose))
    _, out, _ = run("lpbook claims digits-suffice", capsys)
    assert "chapter: golden_ratio\n" in out
    _, out, _ = run("lpbook claims digits-suffice --break", capsys)
    assert repr(lp.claims["digits-suffice"].break_it()) in out


def test_a_claim_that_does_not_hold_is_a_no(monkeypatch, capsys):
    claim = lp.claims["digits-suffice"]

    def fails(steps):
        raise AssertionError("line 1")

    monkeypatch.setitem(claim.__dict__, "_check", fails)
    code, found = facts("lpbook claims digits-suffice", capsys)
    assert code == 1
    assert not found["ok"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("plan model.npz", "--epsilon and --weight-epsilon: give exactly one"),
        ("plan model.npz --epsilon 0.1", "--epsilon: needs the domain"),
        ("plan model.npz --epsilon 0.1 --radius 1 --inputs rows.npy", "give one of them"),
        ("plan model.npz --epsilon 0.1 --inputs rows.npy --nonnegative", "needs --radius"),
        ("plan model.npz --epsilon -1 --radius 1", "epsilon=-1.0: must be above 0"),
        ("plan nowhere.npz --weight-epsilon 1", "nowhere.npz: No such file"),
        ("plan nowhere.onnx --weight-epsilon 1", "onnx"),
        ("plan model.pt --weight-epsilon 1", "model.pt: reading it would run code"),
        ("plan model.keras --weight-epsilon 1", "from_keras"),
        ("plan model.csv --weight-epsilon 1", "known are .onnx, .safetensors"),
        ("plan broken.npz --weight-epsilon 1", "broken.npz: is not an intact file"),
        ("plan rows.npz --weight-epsilon 1", "tensors['a']: is not part of a dense layer"),
        ("plan model.npz --epsilon 1 --inputs model.npz", "must hold one array of rows"),
        ("plan model.npz --weight-epsilon 1 --activations gelu", "activations='gelu'"),
        ("plan model.npz --weight-epsilon 1 --layers 7", "must name layers"),
        ("prune model.npz --weight-epsilon 0.1 --layout pooled -o t.npz", "only to plan"),
        ("prune model.npz --weight-epsilon 0.01 --max-seconds 1e-9 -o t.npz", "max_seconds"),
        ("prune model.npz --weight-epsilon 0.1 --workers 0 -o t.npz", "must be at least 1"),
        ("prune model.npz --weight-epsilon 0.1 -o nowhere/t.npz", "nowhere: No such file"),
        ("prune model.npz --weight-epsilon 0.1 --seed -1 -o t.npz", "seed=-1"),
        ("prune model.npz --weight-epsilon 0.1 --max-seconds 0 -o t.npz", "max_seconds=0"),
        ("prune model.npz --weight-epsilon 0.1 -o .", "-o .: is a directory; name a file, such as"),
        ("prune model.npz --weight-epsilon 0.1 -o rows.npy/t.npz", "in rows.npy: Not a directory"),
        (
            "prune model.npz --weight-epsilon 0.1 -o /proc/t.npz",
            "-o /proc/t.npz: cannot be written in /proc: ",
        ),
        ("prune model.npz --weight-epsilon 0.1 -o pipe", "-o pipe: is no regular file"),
        ("prune model.npz --weight-epsilon 0.1 -o loop", "-o loop: cannot be written in .: "),
        ("prune model.npz --weight-epsilon 0.1 -o ./model.npz", "-o ./model.npz: is the NETWORK"),
        ("prune model.npz --weight-epsilon 0.1 -o link.npz", "-o link.npz: is the NETWORK"),
        ("prune model.npz --weight-epsilon 0.1 -o hard.npz", "-o hard.npz: is the NETWORK"),
        (
            "prune model.npz --epsilon 0.1 --inputs rows.npy -o rows.npy",
            "-o rows.npy: is the file of --inputs, which the ticket would replace; name another",
        ),
        (
            "prune model.npz --weight-epsilon 0.1 --checkpoint c.bin -o ./c.bin",
            "-o ./c.bin: is the file of --checkpoint",
        ),
        (
            "prune model.npz --weight-epsilon 0.1 --timeout 3 -o t.npz",
            "--timeout 3.0: needs --workers 2 or more",
        ),
        ("plan zip.npy --weight-epsilon 1", "zip.npy: is an archive; name it .npz"),
        ("info zip.npy", "zip.npy: is an archive; name it .npz"),
        ("plan single.npz --weight-epsilon 1", "single.npz: is one array; name it .npy"),
        ("verify model.npz model.npz", "no sealed|not an intact ticket"),
        ("verify ticket.npz matrix.npy", "must have the shape of the target"),
        ("claims nonsense", "nonsense: no such statement"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_line(folder, capsys, monkeypatch, line, message):
    (folder / "broken.npz").write_bytes(b"PK\3\4 and no more")
    np.savez("rows.npz", a=np.ones((2, 2)), b=np.ones((2, 2)))
    shutil.copy("model.npz", "zip.npy")
    shutil.copy("matrix.npy", "single.npz")
    os.symlink("model.npz", "link.npz")
    os.symlink("loop", "loop")
    os.link("model.npz", "hard.npz")
    os.mkfifo("pipe")
    if message.startswith("-"):  # options are looked at before any work
        monkeypatch.setattr(cli, "plan", None)
        monkeypatch.setattr(cli, "prune", None)
    before = {path: path.read_bytes() for path in folder.glob("*.np?")}
    code, out, err = run(f"lpbook {line}", capsys)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("lpbook: ")
    assert any(part in err for part in message.split("|"))
    assert {path: path.read_bytes() for path in folder.glob("*.np?")} == before


def test_what_the_parser_refuses_has_the_same_code(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["prune", "model.npz"])
    assert stopped.value.code == 2
    assert "-o" in capsys.readouterr().err


def test_interrupted(folder, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "plan", stop)
    assert run("lpbook plan model.npz --weight-epsilon 1", capsys) == (
        130,
        "",
        "lpbook: interrupted\n",
    )


def test_the_progress_bar_is_for_terminals(folder, capsys, monkeypatch):
    line = "lpbook prune model.npz --weight-epsilon 0.1 -o t.npz"
    assert "pruning" not in run(line, capsys)[2]
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "pruning" in run(line, capsys)[2]
    assert "pruning" not in run(f"{line} --quiet", capsys)[2]


def test_as_a_program(folder):
    command = [sys.executable, "-W", "error", "-m", "lpbook", "info", "model.npz"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "digest" in done.stdout
    script = os.path.join(os.path.dirname(sys.executable), "lpbook")
    done = subprocess.run([script, "verify", "ticket.npz", "model.npz"], capture_output=True)
    assert done.returncode == 0


def test_the_module_prunes_with_processes(folder):
    """From Python 3.12 on a fork beside NumPy's threads would warn."""
    line = "prune model.npz --weight-epsilon 1e-3 --workers 2 -o by-module.npz"
    command = [sys.executable, "-W", "error", "-m", "lpbook", *line.split()]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "by-module.npz").is_file()


WORKER = """
import os, signal, sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    {}
"""
HELD = """open(f"born-{os.getpid()}", "x").close()
    while True:
        time.sleep(0.01)
"""
FIRST_STOPS = """try:
        open("stopped", "x").close()
        os.kill(os.getpid(), signal.SIGSTOP)
    except FileExistsError:
        pass
"""


@pytest.fixture
def program(folder):
    """Start a command as a terminal does, in a group of processes of its own; all end with it."""
    started = []

    def start(line, in_worker="pass"):
        (folder / "sitecustomize.py").write_text(WORKER.format(in_worker))
        paths = os.pathsep.join([str(folder), os.path.dirname(os.path.dirname(lp.__file__))])
        command = [sys.executable, "-m", *shlex.split(line)]
        started.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | {"PYTHONPATH": paths},
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(state, process):
    """Wait until a state is reached, while the process runs."""
    while not state():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize("moment", ["workers load", "workers draw"])
def test_an_interrupt_of_all_processes_is_one_line(program, folder, moment):
    np.save("large.npy", np.random.default_rng(0).normal(size=(500, 500)))
    line = "lpbook prune large.npy --weight-epsilon 0.05 --workers 2 --checkpoint c.bin -o t.npz"
    held = moment == "workers load"
    process = program(line, HELD if held else "pass")
    checkpoint = folder / "c.bin"
    if held:
        wait_for(lambda: len(list(folder.glob("born-*"))) == 2, process)
    else:
        wait_for(lambda: checkpoint.exists() and checkpoint.stat().st_size > 1000, process)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=100)  # until no worker has the pipes open any more
    assert (process.returncode, out, err) == (130, "", "lpbook: interrupted\n")


def test_a_worker_that_is_stuck_does_not_keep_the_ticket_back(program, folder):
    line = "lpbook prune model.npz --weight-epsilon 0.01 -o {}"
    assert cli.main(shlex.split(line.format("alone.npz"))[1:]) == 0
    process = program(f"{line.format('t.npz')} --workers 2 --timeout 0.5", FIRST_STOPS)
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    assert "wrote t.npz" in out
    assert (folder / "stopped").exists(), "no worker was stuck: the test shows nothing"
    assert (folder / "t.npz").read_bytes() == (folder / "alone.npz").read_bytes()
