"""PURE: a slip becomes an image, and an image or a text becomes printer bytes."""
