"""The `aquifer` command: start, stop, warm."""

from __future__ import annotations

import argparse
import sys
import time
import typing
import urllib.error
import urllib.request
from collections.abc import Sequence

from aquifer import __version__

USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 fine, 1 failed, 2 wrong usage or a taken port."""
    try:
        from pydantic import ValidationError
    except ModuleNotFoundError as missing:
        return _complain(f'{missing.name} is missing: install the server with  pip install "aquifer[server]"')
    options = vars(_parser().parse_args(arguments))
    run = options.pop("run")
    try:
        return int(run({name: value for name, value in options.items() if value is not None}) or 0)
    except ValidationError as invalid:
        lines = (f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in invalid.errors())
        return _complain("; ".join(lines))
    except ModuleNotFoundError as missing:
        extra = "ray" if missing.name == "ray" else "server"
        return _complain(f'{missing.name} is missing: install it with  pip install "aquifer[server,{extra}]"')


def _start(options: dict[str, object]) -> int:
    from aquifer_server.settings import Settings

    settings = Settings(**options)  # type: ignore[arg-type]
    if not settings.loopback and not settings.insecure:
        return _complain(
            f"--ip {settings.ip} can be reached from other machines, and there is no authentication yet: "
            "whoever reaches it can read this user's files. Add --insecure if that is meant."
        )
    from aquifer.app import PortTaken, serve

    try:
        serve(settings)
    except PortTaken as taken:
        return _complain(str(taken))
    return 0


def _stop(options: dict[str, object]) -> int:
    from aquifer_server.settings import Settings

    settings = Settings(**options)  # type: ignore[arg-type]
    url = f"http://{settings.ip}:{settings.port}"
    try:
        urllib.request.urlopen(urllib.request.Request(f"{url}/3/Shutdown", method="POST"), timeout=10).close()
    except (urllib.error.URLError, OSError) as failure:
        print(f"No server could be stopped at {url}: {getattr(failure, 'reason', failure)}", file=sys.stderr)
        return 1
    for _ in range(200):
        if not _answers(url):
            print(f"The server at {url} has stopped.")
            return 0
        time.sleep(0.1)
    print(f"The server at {url} was asked to stop, but still answers.", file=sys.stderr)
    return 1


def _warm(_: dict[str, object]) -> int:
    from aquifer_cluster.compilation import warm

    import aquifer.app  # noqa: F401 - imports everything that declares kernels

    begun = time.perf_counter()
    warm()
    print(f"The kernels are compiled ({time.perf_counter() - begun:.1f} s).")
    return 0


def _parser() -> argparse.ArgumentParser:
    from aquifer_server.settings import Settings

    parser = argparse.ArgumentParser("aquifer", description="An open, in-memory machine-learning server.")
    parser.add_argument("--version", action="version", version=f"aquifer {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    start = commands.add_parser("start", help="start a server and serve until stopped")
    start.set_defaults(run=_start)
    stop = commands.add_parser("stop", help="stop a running server")
    stop.set_defaults(run=_stop)
    commands.add_parser("warm", help="compile the kernels ahead").set_defaults(run=_warm)
    for name, field in Settings.model_fields.items():
        _add_option(start, name, field.annotation, field.description)
        if name in ("ip", "port"):
            _add_option(stop, name, field.annotation, field.description)
    return parser


def _add_option(parser: argparse.ArgumentParser, name: str, kind: object, help: str | None) -> None:
    flag = f"--{name.replace('_', '-')}"
    help = (help or "").replace("%", "%%")
    if kind is bool:
        parser.add_argument(flag, action="store_true", default=None, help=help)
    elif typing.get_origin(kind) is tuple:
        parser.add_argument(flag, action="append", metavar=name.upper(), help=f"{help} (may be repeated)")
    else:
        parser.add_argument(flag, metavar=name.upper(), help=help)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/3/Ping", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _complain(message: str) -> int:
    print(f"aquifer: {message}", file=sys.stderr)
    return USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
