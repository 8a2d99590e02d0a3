"""Ways to tell a person something. Their addresses come from people.yaml and from nowhere else."""
