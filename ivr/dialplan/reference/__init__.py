"""What editors and people read of the dialplan language, made of its classes: JSON Schema, tables of keys."""
