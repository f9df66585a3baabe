"""Settings are read by name, documented, and stop a start that would be unsafe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "STEADY_MODE": "production",
    "SECRET_KEY": "x" * 60,
    "DATABASE_URL": "postgresql://steady_web@db/steady",
    "ALLOWED_HOSTS": "steady.example",
}


def load_settings(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # Beside the essentials only what lets coverage follow into the process.
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME"} or name.startswith("COV")
    }
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "portal.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_env_example_lists_what_settings_read() -> None:
    source = (ROOT / "portal/settings.py").read_text()
    read = set(re.findall(r'env\(\s*"([A-Z_]+)"', source)) | set(
        re.findall(r'environ\.get\("([A-Z_]+)"', source)
    )
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read == listed


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS"])
def test_production_names_what_is_missing(name: str) -> None:
    done = load_settings({key: value for key, value in COMPLETE.items() if key != name})
    assert done.returncode != 0
    assert done.stderr.strip().endswith(f"Set {name}; see .env.example.")


def test_unknown_mode_is_refused() -> None:
    done = load_settings({**COMPLETE, "STEADY_MODE": "staging"})
    assert "Set STEADY_MODE to test, demo or production" in done.stderr


def test_production_starts_with_all_of_them() -> None:
    assert load_settings(COMPLETE).returncode == 0
