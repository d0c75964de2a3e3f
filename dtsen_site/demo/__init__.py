"""Made-up people, families and deliveries of any size, for the demo, benchmarks and tests.

Nothing here is about a real person. The package needs no Django; `generation.generate` is its door.
"""
