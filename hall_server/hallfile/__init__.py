"""The hall file: one TOML file that describes a hall, and everything that can be wrong with it."""
