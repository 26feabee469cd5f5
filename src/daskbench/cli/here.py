"""What plans need to know about this machine."""

from daskbench import environment
from daskbench.config.kinds import Here

HERE = Here(lambda: environment.cores(), lambda: environment.memory_bytes())
