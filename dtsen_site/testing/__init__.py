"""What the tests run on: throw-away servers, the whole of `make test` in one command."""
