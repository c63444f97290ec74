"""The `aquifer` command, as an operator meets it."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aquifer import __version__
from aquifer.app import listen

Start = Callable[..., Any]


def aquifer(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aquifer", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_version_is_the_package_version() -> None:
    assert aquifer("--version").stdout.strip() == f"aquifer {__version__}"


def test_help_names_every_setting() -> None:
    from aquifer_server.settings import Settings

    shown = aquifer("start", "--help").stdout
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')}" in shown


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """Nagle's algorithm is off on the connections that are accepted."""

    async def nodelay() -> int:
        flag: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            flag.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen("127.0.0.1", 0)
        async with await asyncio.start_server(accepted, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.close()
            return await flag

    assert asyncio.run(nodelay()) != 0


def test_starting_waits_for_no_heavy_library() -> None:
    """Each of them takes as long to load as all the rest; they are loaded at first use or after the start."""
    code = "import sys, aquifer.app; print({'numba', 'pandas', 'ray', 'scipy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout.strip() == "set()", found.stderr


def test_sigterm_ends_the_server_with_status_zero(start: Start) -> None:
    server = start()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(10) == 0
    assert "stopped" in server.log.read_text()


def test_stop_command_ends_the_server(start: Start) -> None:
    server = start()
    port = server.url.rsplit(":", 1)[1]
    done = aquifer("stop", "--port", port)
    assert done.returncode == 0, done.stderr
    assert server.process.wait(10) == 0


def test_stop_says_when_there_is_nothing_to_stop() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = aquifer("stop", "--port", str(port))
    assert done.returncode == 1
    assert "No server" in done.stderr


def test_a_taken_port_is_named_with_its_holder() -> None:
    import os

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = aquifer("start", "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} is taken by process {os.getpid()}" in done.stderr


def test_an_address_that_others_can_reach_needs_a_word() -> None:
    done = aquifer("start", "--ip", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "--insecure" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [(("--port", "many"), "port"), (("--memory", "lots"), "memory"), (("--nodes", "-1"), "nodes")],
)
def test_a_bad_option_is_named(arguments: tuple[str, ...], culprit: str) -> None:
    done = aquifer("start", *arguments)
    assert done.returncode == 2
    assert culprit in done.stderr


def test_settings_come_from_environment_and_file_and_the_command_line_wins(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('name = "from-file"\nthreads = 1\nmemory = "300M"\n')
    server = start("--threads", "2", AQUIFER_CONFIG=str(file), AQUIFER_NAME="from-environment")
    cloud = server.get("/3/Cloud").json()
    assert cloud["cloud_name"] == "from-environment"
    assert cloud["nodes"][0]["nthreads"] == 2
    assert cloud["nodes"][0]["max_mem"] == 300 << 20


def test_an_import_beyond_the_memory_is_refused_with_both_sizes(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    random = Random(7)
    file.write_text("\n".join(",".join(f"{random.random():.6f}" for _ in range(1000)) for _ in range(1000)))
    server = start("--memory", "2M")
    key = server.post("/3/ImportFilesMulti", data={"paths": f"[{file}]"}).json()["destination_frames"][0]
    setup = server.post("/3/ParseSetup", data={"source_frames": f'["{key}"]'}).json()
    answer = server.post(
        "/3/Parse",
        data={
            "source_frames": f'["{key}"]',
            "destination_frame": "wide.hex",
            "number_columns": setup["number_columns"],
        },
    )
    reason = _reason(server, answer)
    assert "2.0 MB" in reason
    assert "needs about" in reason
    assert server.get("/3/Frames/wide.hex").status_code == 404


def _reason(server: Any, answer: Any) -> str:
    if answer.status_code != 200:
        return str(answer.json()["msg"])
    key = answer.json()["job"]["key"]["name"]
    for _ in range(100):
        job = server.get(f"/3/Jobs/{key}").json()["jobs"][0]
        if job["status"] != "RUNNING":
            assert job["status"] == "FAILED"
            return str(job["exception"])
        time.sleep(0.05)
    raise AssertionError("the job did not end")
