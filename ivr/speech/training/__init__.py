"""Small Vosk models for tests and the demonstration, trained from the voices of espeak-ng.

    python -m ivr.speech.training --language uk

They know synthetic voices only and are no use to real callers. The way there: `vocabulary` (what may be said)
-> `espeak` (sound with the place of every phone) -> `corpus` (features and their phone states) -> `network`
-> `model_folder` (what Vosk loads: the network in Kaldi's binary form, the graph as OpenFst).
Needs the library espeak-ng and OpenFst's tools (Debian: libespeak-ng1, libfst-tools, libfst22-plugins-base).
"""
