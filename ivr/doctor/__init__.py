"""`dzvin doctor`: looks at everything that a start needs and says what to mend. It changes nothing."""

from ivr.doctor.finding import Finding, Mark, fail, has_failures, ok, warn
from ivr.doctor.report import render
from ivr.doctor.run import run_doctor

__all__ = ["Finding", "Mark", "fail", "has_failures", "ok", "render", "run_doctor", "warn"]
