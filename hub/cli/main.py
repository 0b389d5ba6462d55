"""How a run of `hub` begins and ends."""

import gc
import os
import sys
from collections.abc import Sequence
from errno import ENOSPC, EPIPE

from hub.cli.options import Options, status_of
from hub.cli.output import complain
from hub.errors import HubError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_DATABASE = {("sqlalchemy.exc", "OperationalError"), ("sqlalchemy.exc", "ProgrammingError")}


def main(arguments: Sequence[str] | None = None) -> "NoReturn":
    """Run one command and exit with its status. A HubError becomes a sentence on standard error, never a traceback.

    arguments None: those of the process, which ends with the command. A bare check then ends at once when all is
    printed: to take apart what was loaded for it would take a good part of its time.
    """
    given = sys.argv[1:] if arguments is None else arguments
    options = Options()
    files = _bare_check(given)
    try:
        if files:
            _check(given, files, options)
        else:
            from hub.cli.group import run

            run(given, options)
        sys.stdout.flush()
        if files and arguments is None:
            os._exit(options.status)
    except KeyboardInterrupt:
        options.note(130)
    except HubError as error:
        complain(error)
        options.note(status_of(error))
    except OSError as error:
        if error.errno not in (EPIPE, ENOSPC):
            raise
        # Whoever read our output has seen enough, or the disk is full; Python must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == ENOSPC:
            complain(f"What is to be printed cannot be written: {error.strerror}.")
        options.note(1)
    except Exception as error:
        told = _of_database(error)
        if told is None:
            raise
        complain(told)
        options.note(status_of(told))
    sys.exit(options.status)


def _of_database(error: Exception) -> HubError | None:
    """What to say of a database that is away or lacks tables, known by name: most commands never load its library.
    None: the error is of something else."""
    if (type(error).__module__, type(error).__name__) not in _DATABASE:
        return None
    said = (str(getattr(error, "orig", error)).splitlines() or [""])[0]
    tables = ("no such table", "no such column", "relation ", "column ")
    if said.startswith(tables):
        return HubError("HUB-6004", f"The database lacks tables of this release ({said}): run hub db upgrade.")
    return HubError("HUB-6001", f"The database cannot be used: {said}. Check its address and that its server runs.")


def _bare_check(given: Sequence[str]) -> list[str]:
    """The files of a bare `hub check FILE..`, as hooks call it all day; none of any other command."""
    command, *files = [each for each in given if each != "--json"] or [""]
    bare = command == "check" and not any(each.startswith("-") and each != "-" for each in files)
    return files if bare else []


def _check(given: Sequence[str], files: Sequence[str], options: Options) -> None:
    """A check that starts without the command line library. What it loads stays, so no collection need look at it."""
    gc.disable()
    from hub.cli.check import check_files

    gc.freeze()
    gc.enable()
    options.json = "--json" in given
    check_files(options, files)
