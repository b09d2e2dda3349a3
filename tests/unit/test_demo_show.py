"""What hinders the demo is said in words."""

import re
from pathlib import Path

import pytest

from ivr.asterisk.ami import Ami
from ivr.config import load_settings
from ivr.demo.show import _let_in
from ivr.errors import Plain


async def test_an_asterisk_that_lets_nobody_in_is_no_fault_of_the_demo(tmp_path: Path) -> None:
    never_started = Ami("127.0.0.1", 5038, "dzvin", "secret", lambda _event: None)
    expected = (
        "Asterisk does not let the server in: no link to 127.0.0.1:5038 within 0.01 s;"
        f" {tmp_path}/demo.log says why."
    )
    with pytest.raises(Plain, match=f"^{re.escape(expected)}$"):
        await _let_in(never_started, load_settings(run_folder=tmp_path), within=0.01)
