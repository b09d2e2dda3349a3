"""Recognition of callers' words with Vosk, in worker processes of its own, and the detection of a voice."""
