"""The command: parse, call, print. What a command does is in the library; how it looks in `terminal`.

Heavy imports stay inside the commands, so that ``tidynet --help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast, get_args

import typer
import typer.main

from tidynet.errors import InputError, TidynetError, did_you_mean, listed

if TYPE_CHECKING:
    from tidynet.terminal.screen import Screen

__all__ = ["app", "main"]

Task = Literal["auto", "binary", "multiclass", "regression"]
Ragged = Literal["error", "skip"]
Effort = Literal["fast", "balanced", "best"]
T = TypeVar("T")

# The class above BadParameter holds all mistakes in the words of a command; typer names it nowhere.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

# What goes wrong with a file is a FileFault; these are left for standard output, such as `> full_disk`.
OUTPUT_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Plain help: rich's panels would cost more time than the whole of the rest.
app = typer.Typer(
    name="tidynet",
    add_completion=False,
    rich_markup_mode=None,
    help="From a messy table to a neural network that you can read, trust and share.",
)


def _whole(option: str) -> Callable[[str], int]:
    return _parsed(option, int, "a whole number")


def _number(option: str) -> Callable[[str], float]:
    return _parsed(option, float, "a number")


def _parsed(option: str, convert: Callable[[str], T], expected: str) -> Callable[[str], T]:
    def parse(text: str) -> T:
        try:
            return convert(text)
        except ValueError:
            # A plain TidynetError: typer would take an InputError, being a ValueError, for its own.
            raise TidynetError(f"{option} is '{text}', expected {expected}") from None

    return parse


def _one_of(option: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise TidynetError(f"{option} is '{text}', expected one of {listed(choices)}", did_you_mean(text, choices))
        return text

    return parse


TableArgument = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        show_default=False,
        help="A file (CSV, TSV, Parquet, JSON lines, Arrow IPC, Excel; CSV also as .gz or .zst), "
        "'-' for CSV on standard input, or the name of a shipped table such as penguins.",
    ),
]
ModelArgument = Annotated[
    Path, typer.Argument(metavar="MODEL", show_default=False, help="A model file that `train` wrote.")
]
RaggedOption = Annotated[
    str,
    typer.Option(
        metavar="error|skip",
        parser=_one_of("--ragged", get_args(Ragged)),
        help="What to do with rows that have too many or too few fields.",
    ),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from tidynet import __version__

        print(f"tidynet {__version__}")
        raise typer.Exit


@app.callback()
def _before(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and leave."),
    ] = False,
) -> None:
    """Take the options that stand before any command."""


@app.command()
def train(
    context: typer.Context,
    table: TableArgument,
    target: Annotated[str, typer.Option(metavar="COLUMN", show_default=False, help="The column to predict.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the files go.  [default: <table>-<target>]"),
    ] = None,
    task: Annotated[
        str,
        typer.Option(
            metavar="|".join(get_args(Task)),
            parser=_one_of("--task", get_args(Task)),
            help="What kind of prediction; auto looks at the target.",
        ),
    ] = "auto",
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column to leave out; may be given several times."),
    ] = None,
    test_size: Annotated[
        float,
        typer.Option(metavar="SHARE", parser=_number("--test-size"), help="The share of rows kept for the test."),
    ] = 0.2,
    seed: Annotated[
        int,
        typer.Option(metavar="N", parser=_whole("--seed"), help="Decides the split and the first weights."),
    ] = 0,
    effort: Annotated[
        str,
        typer.Option(
            metavar="|".join(get_args(Effort)),
            parser=_one_of("--effort", get_args(Effort)),
            help="How much patience: more and wider networks are averaged the more there is.",
        ),
    ] = "balanced",
    max_epochs: Annotated[
        int | None,
        typer.Option(metavar="N", parser=_whole("--max-epochs"), help="Stop after so many passes over the rows."),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", parser=_number("--time-limit"), help="Stop training after so long."),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", parser=_whole("--threads"), help="Use at most so many processor cores."),
    ] = None,
    choices: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any choice of training by its name in Python, such as hidden_layer_sizes=64,32, activation=tanh, "
            "solver=sgd, dropout=0.2, loss=huber or restarts=1; may be given several times.",
        ),
    ] = None,
    ragged: RaggedOption = "error",
    force: Annotated[bool, typer.Option("--force", help="Replace the model that the folder holds.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print only the result in one sentence and the files.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print why each column is judged to be what it is.")
    ] = False,
) -> None:
    """Train a network on a table, test it, and write the model and a report."""
    from tidynet.experiment import Options, run

    options = Options(
        target=target,
        out=out,
        task=cast(Task, task),
        drop=tuple(drop or ()),
        test_size=test_size,
        seed=seed,
        max_epochs=max_epochs,
        time_limit=time_limit,
        threads=threads,
        effort=effort,
        force=force,
        choices=tuple(choices or ()),
        ragged=cast(Ragged, ragged),
        command=context.obj,
    )
    with _screen(verbose=verbose, quiet=quiet) as screen:
        run(table, options, screen)


@app.command()
def predict(
    model: ModelArgument,
    table: TableArgument,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A .csv or .parquet file.  [default: CSV on standard output]"),
    ] = None,
    ragged: RaggedOption = "error",
) -> None:
    """Predict the target of every row of a table.

    Writes the identifier columns (or a row number if there are none), `prediction`, and for classes
    `probability_<class>`. Memory does not grow with the file.
    """
    from tidynet.model.file import load
    from tidynet.share.predictions import write_predictions

    count = write_predictions(load(model), table, out, ragged=cast(Ragged, ragged))
    if out is not None:
        with _screen() as screen:
            screen.file(out, out.stat().st_size, f"{count:,} predictions, ")


@app.command()
def evaluate(model: ModelArgument, table: TableArgument, ragged: RaggedOption = "error") -> None:
    """Score a model on another labelled table, beside the baselines of its training."""
    from tidynet.model.file import load
    from tidynet.table.read import read
    from tidynet.trust.evaluation import evaluate as evaluation_of

    loaded = load(model)
    labelled = read(table, ragged=cast(Ragged, ragged))
    with _screen() as screen:
        screen.evaluation(evaluation_of(loaded, labelled))


def _screen(*, verbose: bool = False, quiet: bool = False) -> Screen:
    from tidynet.terminal.screen import Screen

    return Screen(sys.stdout, verbose=verbose, quiet=quiet)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code: 0, 2 for a user's mistake, 130 after Ctrl-C.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the command's name; ``sys.argv[1:]`` by default.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> main(["predict"])
    2
    """
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        _run(words)
        sys.stdout.flush()
    except TidynetError as error:
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        _discard_output()
        return 141
    except OSError as error:
        if error.errno not in OUTPUT_FULL:
            raise
        _discard_output()
        return _say(f"the output cannot be written ({str(error.strerror).lower()})", 2)
    except KeyboardInterrupt:
        return _say("stopped by Ctrl-C", 130)
    return 0


def _run(words: list[str]) -> None:
    command = typer.main.get_command(app)
    commands = list(cast(Any, command).commands)
    if not words[0].startswith("-") and words[0] not in commands:
        raise InputError(
            f"there is no command '{words[0]}', expected {listed(commands)}", did_you_mean(words[0], commands)
        )
    try:
        with command.make_context("tidynet", list(words), obj=shlex.join(["tidynet", *words])) as context:
            command.invoke(context)
    except typer.Exit:
        return
    except USAGE_ERROR as error:
        raise _explained(error) from error


def _explained(error: Any) -> InputError:
    """Say in one sentence what typer found wrong with the words of the command."""
    path = error.ctx.command_path if error.ctx else "tidynet"
    see = f"`{path} --help` lists what there is"
    match type(error).__name__:
        case "NoSuchOption":
            options = [name for param in error.ctx.command.params for name in param.opts]
            hint = did_you_mean(error.option_name, [*options, "--help"])
            return InputError(f"`{path}` has no option '{error.option_name}'", hint or see)
        case "MissingParameter":
            option = "" if error.param.param_type_name == "argument" else f"{error.param.opts[-1]} "
            return InputError(f"`{path}` needs {option}{error.param.metavar}", see)
    message = error.format_message().rstrip(".")
    _, extra, words = message.partition("unexpected extra argument")
    if extra:
        return InputError(f"`{path}` has no use for {words.partition(' ')[2]}", "put quotes around names with spaces")
    return InputError(message[:1].lower() + message[1:], see if error.ctx else "")


def _say(sentence: str, code: int) -> int:
    from tidynet.terminal.words import shown

    sys.stdout.flush()
    print(f"tidynet: {shown(sentence)}", file=sys.stderr)
    return code


def _discard_output() -> None:
    # The reader (head, say) has had enough, or the disk is full: Python would try again when it leaves.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
