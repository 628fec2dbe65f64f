"""From a command line to an exit code: the one place where an error becomes a sentence."""

from __future__ import annotations

import errno
import shlex
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, cast

import typer
import typer.main

from tidynet.cli.app import app
from tidynet.cli.streams import discard_output, lenient_streams
from tidynet.cli.termination import clean_termination, ignored_interrupts
from tidynet.core.errors import InputError, TidynetError, TidynetWarning, did_you_mean
from tidynet.core.temporary_folder import remove_stale_folders
from tidynet.core.text import join_names, printable
from tidynet.core.undo import UNFINISHED

# The base class of BadParameter is that of all usage errors; typer exports no name for it.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

# Errors of files are FileReadErrors; these are of standard output, such as `> full_disk`.
OUTPUT_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code is 0, 2 after an error of the user, or 128 + the number of a signal (Ctrl-C: 130).

    A command that is ended by Ctrl-C, SIGTERM or SIGHUP leaves no temporary files.
    """
    text = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    with lenient_streams(), clean_termination():
        remove_stale_folders()
        return _exit_code(text)


def _exit_code(text: list[str]) -> int:
    try:
        with warnings.catch_warnings():
            warnings.showwarning = partial(_print_warning, warnings.showwarning)
            _run(text)
        sys.stdout.flush()
    except TidynetError as error:
        return _print_error(str(error), error.exit_code)
    except BrokenPipeError:
        discard_output(sys.stdout)
        return 141
    except OSError as error:
        if error.errno not in OUTPUT_FULL:
            raise
        discard_output(sys.stdout)
        return _print_error(f"the output cannot be written ({str(error.strerror).lower()})", 2)
    except KeyboardInterrupt:
        with ignored_interrupts():
            UNFINISHED.undo_all()
            return _print_error("stopped by Ctrl-C", 130)
    return 0


def _run(text: list[str]) -> None:
    command = typer.main.get_command(app)
    commands = list(cast(Any, command).commands)
    if not text[0].startswith("-") and text[0] not in commands:
        raise InputError(
            f"there is no command '{text[0]}', expected {join_names(commands, 30)}", did_you_mean(text[0], commands)
        )
    try:
        with command.make_context("tidynet", list(text), obj=shlex.join(["tidynet", *text])) as context:
            command.invoke(context)
    except typer.Exit:
        return
    except USAGE_ERROR as error:
        raise _usage_error_message(error) from error


def _usage_error_message(error: Any) -> InputError:
    """A usage error of typer as one sentence."""
    path = error.ctx.command_path if error.ctx else "tidynet"
    see = f"`{path} --help` lists all options"
    match type(error).__name__:
        case "NoSuchOption":
            options = [name for param in error.ctx.command.params for name in param.opts]
            hint = did_you_mean(error.option_name, [*options, "--help"])
            return InputError(f"`{path}` has no option '{error.option_name}'", hint or see)
        case "MissingParameter":
            option = "" if error.param.param_type_name == "argument" else f"{error.param.opts[-1]} "
            return InputError(f"`{path}` needs {option}{error.param.metavar}", see)
    message = error.format_message().rstrip(".")
    _, extra, text = message.partition("unexpected extra argument")
    if extra:
        return InputError(
            f"`{path}` has an unexpected argument {text.partition(' ')[2]}", "put quotes around names with spaces"
        )
    return InputError(message[:1].lower() + message[1:], see if error.ctx else "")


def _print_error(sentence: str, code: int) -> int:
    """Print a sentence where it can be printed; a warning that cannot be ends no work."""
    with suppress(OSError):  # of standard output, which the command meets itself
        sys.stdout.flush()
    try:
        print(f"tidynet: {printable(sentence)}", file=sys.stderr)
    except OSError:
        discard_output(sys.stderr)
    return code


def _print_warning(
    show: Callable[..., None], message: str | Warning, category: type[Warning], *where: Any, **more: Any
) -> None:
    """A warning of tidynet as a sentence, others unchanged."""
    if issubclass(category, TidynetWarning):
        _print_error(str(message), 0)
    else:
        show(message, category, *where, **more)
