"""The promises of SECURITY.md, each tried until it breaks or its number is reached.

A harness is a module with `run(spoilt, short) -> (holds, figure)`. `spoilt` changes the product's own setting or code
path (never the verdict), and the promise must then fail. `short` is what `make test` runs.
"""
