"""What plans want to know of this machine."""

from daskbench import environment
from daskbench.config.kinds import Here

HERE = Here(lambda: environment.cores(), lambda: environment.memory_bytes())
