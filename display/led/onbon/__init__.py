"""Onbon 仰邦 controllers: the common frame, and what each family is told."""
