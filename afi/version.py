"""The three versions: of the kit, of the spec in spec/, and of the protocol that it describes. A change of a verdict is a line in CHANGELOG.md."""
KIT = "0.1.0"
SPEC = "0.1.0"
PROTOCOL = "1"
