"""The benchmarks of the district: each runnable alone, each ending in one line that says ok or short."""
