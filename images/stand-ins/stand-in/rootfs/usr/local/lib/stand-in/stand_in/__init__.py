"""Stand-ins for software whose own image cannot be had: they check what they are given, speak its protocol, and do little else."""
