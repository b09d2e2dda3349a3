"""`python -m ivr.speech.training`."""

from ivr.speech.training.cli import main

main()
