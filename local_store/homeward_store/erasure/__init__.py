"""This package forgets: it selects what goes, erases it and signs a receipt."""
