"""The bytes on the wire, versioned."""
