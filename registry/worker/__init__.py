"""The worker: sends what waits, sweeps each morning, makes reports. Any number of them, on any hosts."""
