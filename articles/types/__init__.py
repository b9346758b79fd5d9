"""What passes between the packages: frozen dataclasses and ids."""
