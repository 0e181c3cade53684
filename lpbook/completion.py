"""Completion of the command line in a shell, as a script made from its parser.

A script knows the commands, their options, and the values of options that have a few; elsewhere it
leaves the word to the shell, which completes names of files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

__all__ = ["SHELLS", "script"]


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script that completes a parser's command line in a shell of `SHELLS`.

    Examples
    --------
    >>> from lpbook.cli import parser
    >>> print(script(parser(), "bash").splitlines()[-1])
    complete -o default -F _lpbook lpbook
    """
    return "\n".join(SHELLS[shell](parser.prog, _commands(parser))) + "\n"


class _Command:
    """What a script says of a command."""

    def __init__(self, help_text: str, parser: argparse.ArgumentParser) -> None:
        self.help = help_text
        self.options = [action for action in parser._actions if action.option_strings]
        positional = [action for action in parser._actions if not action.option_strings]
        self.words = [str(word) for action in positional for word in action.choices or ()]

    @property
    def flags(self) -> list[str]:
        """All spellings of its options."""
        return [flag for action in self.options for flag in action.option_strings]

    def values(self) -> Iterator[tuple[str, str]]:
        """Each option of few values, and these."""
        for action in self.options:
            for flag in action.option_strings if action.choices else ():
                yield flag, " ".join(map(str, action.choices or ()))


def _commands(parser: argparse.ArgumentParser) -> dict[str, _Command]:
    (group,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
    return {name: _Command(helps[name], found) for name, found in group.choices.items()}


def _bash(prog: str, commands: Mapping[str, _Command]) -> Iterator[str]:
    yield f"_{prog}() {{"
    yield "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words="
    yield "  COMPREPLY=()"
    yield "  if ((COMP_CWORD == 1)); then"
    yield f"    words='{' '.join(commands)} --help --version'"
    yield "  else"
    yield '    case "${COMP_WORDS[1]} $before $current" in'
    for name, command in commands.items():
        for flag, values in command.values():
            yield f"      '{name} {flag} '*) words='{values}' ;;"
        yield f"      '{name} '*' -'*) words='{' '.join(command.flags)}' ;;"
        if command.words:
            yield f"      '{name} '*) words='{' '.join(command.words)}' ;;"
    yield "    esac"
    yield "  fi"
    yield '  [[ $words ]] && COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield f"complete -o default -F _{prog} {prog}"


def _zsh(prog: str, commands: Mapping[str, _Command]) -> Iterator[str]:
    yield f"#compdef {prog}"
    yield f"_{prog}() {{"
    yield "  if ((CURRENT == 2)); then"
    yield "    local -a commands=("
    for name, command in commands.items():
        yield f"      {_quoted(f'{name}:{command.help}')}"
    yield "    )"
    yield "    _describe command commands"
    yield "    return"
    yield "  fi"
    yield "  local name=$words[2]"
    yield "  shift words; ((CURRENT--))"
    yield "  case $name in"
    for name, command in commands.items():
        yield f"    {name}) _arguments \\"
        for action in command.options:
            for flag in action.option_strings:
                told = (action.help or "").replace("[", "(").replace("]", ")").replace(":", ",")
                value = "" if action.nargs == 0 else f":value:{_zsh_values(action)}"
                yield f"      {_quoted(f'{flag}[{told}]{value}')} \\"
        rest = f"({' '.join(command.words)})" if command.words else "_files"
        yield f"      {_quoted(f'*:argument:{rest}')} ;;"
    yield "  esac"
    yield "}"
    yield f"compdef _{prog} {prog}"


def _zsh_values(action: argparse.Action) -> str:
    return f"({' '.join(map(str, action.choices))})" if action.choices else "_files"


def _fish(prog: str, commands: Mapping[str, _Command]) -> Iterator[str]:
    for name, command in commands.items():
        told = f"-a {_quoted(name)} -d {_quoted(command.help)}"
        yield f"complete -c {prog} -n __fish_use_subcommand -f {told}"
    for name, command in commands.items():
        start = f"complete -c {prog} -n '__fish_seen_subcommand_from {name}'"
        for action in command.options:
            flags = " ".join(
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                for flag in action.option_strings
            )
            value = "" if action.nargs == 0 else " -r"
            if action.choices:
                value = f" -x -a {_quoted(' '.join(map(str, action.choices)))}"
            yield f"{start} {flags}{value} -d {_quoted(action.help or '')}"
        if command.words:
            yield f"{start} -f -a {_quoted(' '.join(command.words))}"


def _quoted(text: str) -> str:
    """In single quotes, which a text of ours may hold."""
    return "'" + text.replace("'", "’") + "'"


SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""Who writes the lines of a script, by the name of the shell."""
