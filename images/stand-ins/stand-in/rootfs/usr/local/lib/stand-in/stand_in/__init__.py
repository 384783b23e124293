"""Stand-ins for software whose own image cannot be had. They check what they are given and do little else."""
