"""`python -m ivr.dialplan.reference`: write the schema and the tables of the reference anew.

To be run after a change of the language, in the folder of the project.
"""

import sys
from pathlib import Path

from ivr.dialplan.reference.json_schema import as_text
from ivr.dialplan.reference.tables import filled


def main(folder: Path) -> int:
    """The exit status; the names of changed files are printed."""
    readme = folder / "README.md"
    if not readme.is_file():
        print(f"there is no {readme}; run this in the folder of the project", file=sys.stderr)
        return 2
    for path, text in (
        (readme, filled(readme.read_text(encoding="utf-8"))),
        (folder / "schema.json", as_text()),
    ):
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path("dialplans")))
