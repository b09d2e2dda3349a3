"""The command: which languages, how much, where to."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ivr.speech.training.espeak import Espeak, NoEspeak
from ivr.speech.training.openfst import NoOpenFst
from ivr.speech.training.run import TooFewSentences, train_into
from ivr.speech.training.vocabulary import LANGUAGES, VocabularyError

FOLDER = Path(__file__).resolve().parents[1] / "test_models"
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def train(
    language: Annotated[
        list[str] | None, typer.Option(help="uk, ru or en; all if left out. Repeatable.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder that gets a folder for each language.")] = FOLDER,
    utterances: Annotated[int, typer.Option(min=50, help="Spoken sentences to learn from.")] = 8000,
    epochs: Annotated[int, typer.Option(min=1, help="How often the network sees all of them.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed chooses the same sentences and voices.")] = 1,
) -> None:
    """Train small Vosk models for tests from the voices of espeak-ng. No use to real callers."""
    try:
        espeak = Espeak()
        for wanted in language or LANGUAGES:
            if wanted not in LANGUAGES:
                raise typer.BadParameter(
                    f"{wanted!r} is none of {', '.join(LANGUAGES)}", param_hint="--language"
                )
            _train(wanted, out / wanted, utterances, epochs, seed, espeak)
    except (NoEspeak, NoOpenFst, TooFewSentences, VocabularyError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error


def _train(language: str, folder: Path, utterances: int, epochs: int, seed: int, espeak: Espeak) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = [bars.add_task(f"{language}: {part}", total=None) for part in ("sentences", "network")]

        def show(doing: str, done: int, total: int) -> None:
            task = tasks[0 if doing == "sentences" else 1]
            bars.update(task, description=f"{language}: {doing}", completed=done, total=total)

        train_into(folder, language, utterances, epochs, seed, espeak, show)
    typer.echo(f"{language}: written to {folder}")


def main() -> None:
    app()
