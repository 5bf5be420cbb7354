"""Where the files of a model come from: wheels, a hub, a folder."""
