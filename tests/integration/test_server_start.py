"""``hall server`` from its arguments: addresses, ports, and the names it answers to."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from hall_server.program import main, start
from hall_server.settings import ServerSettings
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.paths import config_dir
from hallkit.runtime.service import Service

HALL = config_dir() / "halls" / "baishui-town.toml"
PATIENCE_S = 60.0


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--port", port])
    assert ended.value.code == 2
    assert port in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "words"),
    [("no-such-host.invalid", "地址无法解析"), ("203.0.113.9", "本机没有这个地址")],
)
def test_an_address_that_cannot_be_used_at_any_port(host: str, words: str, tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f'hall_file = "{HALL}"\n')
    command = [sys.executable, "-m", "hallkit.runtime.cli", "server", "--no-announce"]
    command += ["--config", config, "--data", tmp_path / "data", "--host", host, "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"hall server: {host}: {words}")
    assert "Traceback" not in done.stderr


@pytest.fixture(params=["127.0.0.1", "::1"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    settings = ServerSettings(
        hall_file=HALL,
        data_dir=tmp_path,
        host=request.param,
        port=0,
        announce=False,
        public_url="http://hall.example:8000",
    )
    service = Service()
    try:
        yield start(service, settings, SystemClock(), None)
    finally:
        service.close()


def test_on_the_loopback_address_it_answers_to_its_own_names_only(url: str) -> None:
    """A page of elsewhere that points its own name at this machine learns nothing."""
    port = url.rpartition(":")[2]
    with urllib3.PoolManager(retries=False, timeout=PATIENCE_S) as pool:
        for name in ("127.0.0.1", f"localhost:{port}", f"[::1]:{port}", "hall.example"):
            answer = pool.request("GET", f"{url}/api/v1/board", headers={"Host": name})
            assert answer.status == 200, name
        for name in ("evil.example", f"127.0.0.1.evil.example:{port}", "[::2]", "a b"):
            for path in ("/", "/api/v1/board", "/web/css/base.css"):
                answer = pool.request("GET", url + path, headers={"Host": name})
                assert answer.status == 400, name
