"""The picture of a dialplan: its steps as a tree, with the time to a person on each path, as SVG."""
