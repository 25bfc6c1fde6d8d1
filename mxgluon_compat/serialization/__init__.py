"""File formats: symbol JSON text and array files. Nothing here knows of arrays with contexts or of graphs."""
