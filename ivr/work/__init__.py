"""An operator handles a work item on the phone: hears it, calls back, and settles it by keys."""
