"""What people list, name, tag, archive and delete: searches, architectures, trained models and datasets, all alike."""
