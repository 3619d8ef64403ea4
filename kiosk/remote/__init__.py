"""The remote hand: looks at the real screen and touches it, for demonstrations and tests."""
