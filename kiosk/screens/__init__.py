"""What is drawn. Each screen has a module and a .kv file and shows one frozen view model."""
