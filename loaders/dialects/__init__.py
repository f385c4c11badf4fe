"""How publishers speak: one file per protocol, for every loader that meets it. None of them knows a source."""
