"""The tests: a mirror of the rooms. A package, because a dependency ships one of this name as well."""
