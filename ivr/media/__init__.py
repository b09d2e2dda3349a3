"""Spoken prompts and music as sound files: made, converted, measured, checked."""
