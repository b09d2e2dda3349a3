"""Makes `tests.…` importable from every test folder, and says how long random tests may take."""

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

settings.register_profile(
    "dzvin",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
"""Wall time on a busy machine says nothing of an example, and drawing the first one parses every module that
is loaded by then, for the constants in it. All else is as it would be, with and without CI."""
settings.load_profile("dzvin")
