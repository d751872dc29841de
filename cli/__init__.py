"""The commands of the front door, one file per errand."""
