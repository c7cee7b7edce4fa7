"""Serves requests as a component. The program that a build generates imports it before the author's module.

A build runs the program up to the point at which it waits for a request, and packs the memory as it is then. Every call starts from
there. Modules are therefore imported when the tool is built, and what they print then is shown by the build.
"""

from __future__ import annotations

import importlib
import io
import linecache
import sys
import traceback
from types import TracebackType
from typing import Any

from . import _host, _tools
from ._errors import DefinitionError, Denied
from ._functions import INTERFACES
from ._wire import handle

# Modules of the standard library that others import only when they need them, which is too late in a component.
_LATE = (
    "_strptime",
    "encodings.ascii",
    "encodings.cp1252",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.punycode",
    "encodings.utf_16",
    "encodings.utf_8_sig",
    "stringprep",
    "unicodedata",
)

_stdin = sys.stdin
_stdout = sys.stdout


def start(module: str, roots: dict[str, str]) -> None:
    """Imports the author's module, which adds the tools. `roots` are the directories of the sources, as they are shown."""
    _tools.roots.update(roots)
    # What a tool prints goes to its log.
    sys.stdout = sys.stderr
    sys.stdin = io.StringIO()
    for name in _LATE:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    importlib.import_module(module)
    if not _tools.tools():
        raise DefinitionError(f"the module `{module}` adds no tool: write `@mpp.tool` above a function")
    # The code that calls `run` has no file either.
    linecache.cache["<unknown>"] = (0, None, [], "<unknown>")
    for loaded in list(sys.modules.values()):
        path = getattr(loaded, "__file__", None)
        if isinstance(path, str) and path.startswith(tuple(roots)):
            _keep_source(path)
    sys.stderr.flush()
    _stdout.flush()


class Functions:
    """The host's functions, as the component imports them: the interfaces that the manifest declares."""

    def __init__(self, *, error: type[Exception], **interfaces: Any) -> None:
        self._error = error
        self._interfaces = interfaces

    def __getattr__(self, name: str) -> Any:
        interface, capability = INTERFACES.get(name, (None, None))
        if interface is None:
            raise AttributeError(name)
        module = self._interfaces.get(interface)
        if module is None:
            raise Denied(f"the package does not declare `capabilities.{capability}` in manifest.json")
        function, error = getattr(module, name), self._error

        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except error as failed:
                found = failed.value  # type: ignore[attr-defined]
            raise _host.failure(found.status.value, found.message)

        return call


def serve(functions: Any) -> bool:
    """Answers the request on stdin. Returns whether there is an answer; if not, the log ends with a traceback."""
    _host.use(functions)
    # Its state is that of the build, so that every call would draw the same numbers.
    if generator := sys.modules.get("random"):
        generator.seed()
    try:
        answer = handle(_stdin.buffer.readline())
    except BaseException as error:
        _print(error)
        return False
    finally:
        sys.stderr.flush()
    _write(answer.encode("utf-8", "replace") + b"\n")
    return True


def _write(data: bytes) -> None:
    """Writes all of the answer. The stream has no buffer, so that it may take a part at a time."""
    rest = memoryview(data)
    while rest:
        written = _stdout.buffer.write(rest)
        rest = rest[written:]
    _stdout.buffer.flush()


def _keep_source(path: str) -> None:
    """Keeps the lines of a module for tracebacks. The file does not exist during a call, and a time of `None` says not to look."""
    lines = linecache.getlines(path)
    if lines:
        linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


def _print(error: BaseException) -> None:
    """Prints a traceback with the author's paths, and without the frames of this package."""
    if isinstance(error, ModuleNotFoundError):
        error.add_note("a module must be imported when the tool is built: import it at the top of a module")
    shown = traceback.TracebackException(type(error), error, _own(error.__traceback__))
    found: traceback.TracebackException | None = shown
    while found is not None:
        for frame in found.stack:
            # Reads the source, as long as the frame has the name under which it was loaded.
            _ = frame.line
            frame.filename = _tools.shown(frame.filename)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    sys.stderr.write("".join(shown.format()))


def _own(trace: TracebackType | None) -> TracebackType | None:
    """Returns the traceback without its first frames, if they are those of this package."""
    package = __file__.rpartition("/")[0] + "/"
    own = trace
    while own is not None and own.tb_frame.f_code.co_filename.startswith(package):
        own = own.tb_next
    return own or trace
